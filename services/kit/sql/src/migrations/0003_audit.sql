-- Who did what, hash-chained. The chain covers salted commitments, so it stays provable after content is erased.
CREATE TABLE audit (
    sequence BIGINT PRIMARY KEY,
    time BIGINT NOT NULL,
    act TEXT NOT NULL,
    agency TEXT NOT NULL,
    actor BLOB,
    service_actor TEXT,
    subject BLOB,
    purpose TEXT,
    detail TEXT,
    salt BLOB,
    commitment BLOB NOT NULL,
    hash BLOB NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject);
CREATE TABLE audit_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    last BIGINT NOT NULL,
    hash BLOB NOT NULL
);

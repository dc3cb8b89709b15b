-- Legal holds on cases that end by themselves: who looks after the records is told before.
CREATE TABLE holds (
    case_id BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    number TEXT NOT NULL,
    officer BLOB NOT NULL,
    ends BIGINT NOT NULL
);
CREATE INDEX holds_by_end ON holds (agency, ends);

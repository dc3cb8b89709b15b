-- Messages committed with the state that caused them. The relay gives `sequence` after the commit:
-- insert ids become visible out of order on PostgreSQL.
CREATE TABLE outbox (
    id AUTOID,
    message_id BLOB NOT NULL UNIQUE,
    sequence BIGINT,
    name TEXT NOT NULL,
    agency TEXT NOT NULL,
    case_id BLOB,
    case_sequence BIGINT,
    time BIGINT NOT NULL,
    body BLOB NOT NULL,
    -- To which click it belongs (`traceparent`), when that is known.
    trace TEXT
);
CREATE UNIQUE INDEX outbox_by_sequence ON outbox (sequence);
CREATE INDEX outbox_without_sequence ON outbox (id) WHERE sequence IS NULL;
CREATE TABLE outbox_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    epoch BIGINT NOT NULL,
    last BIGINT NOT NULL,
    holder BLOB,
    held_until BIGINT NOT NULL
);

-- Whom a case with payments names, as its e-service tells it: opaque ids and keyed hashes. An officer among them moves no money of it.
CREATE TABLE case_party (
    case_id BLOB NOT NULL,
    party BLOB NOT NULL,
    PRIMARY KEY (case_id, party)
);

-- Who did what in every service: an index over their chains of acts, made by reading them; never the truth. None of the words that
-- people typed.
CREATE TABLE acts (
    id AUTOID,
    -- The chain and the place in it. Where a chain was written anew, what it had before stays beside it.
    chain TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    hash BLOB NOT NULL,
    time BIGINT NOT NULL,
    act TEXT NOT NULL,
    agency TEXT NOT NULL,
    actor BLOB,
    service_actor TEXT NOT NULL,
    subject BLOB,
    case_id BLOB,
    -- Of a look at a case: the officer's office, and whether it lay outside their own queue.
    office TEXT NOT NULL,
    outside BIGINT NOT NULL,
    has_purpose BIGINT NOT NULL,
    UNIQUE (chain, sequence, hash)
);
CREATE INDEX acts_by_time ON acts (time, id);
CREATE INDEX acts_by_agency ON acts (agency, time, id);
CREATE INDEX acts_by_actor ON acts (actor, time);
CREATE INDEX acts_by_subject ON acts (subject);
CREATE INDEX acts_by_case ON acts (case_id);
CREATE INDEX acts_by_name ON acts (act, time);
-- Of an act that is about several cases: each of them.
CREATE TABLE act_cases (
    case_id BLOB NOT NULL,
    act BIGINT NOT NULL,
    PRIMARY KEY (case_id, act)
);
-- How far each chain was read, and the first act that did not follow from what was read before.
CREATE TABLE act_chains (
    chain TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash BLOB NOT NULL,
    broken BIGINT
);

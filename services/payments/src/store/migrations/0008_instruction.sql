-- What one finance officer has money do, and what became of it.
-- kind: refund, return, attach. suspense and target are empty where the kind has none.
CREATE TABLE instruction (
    instruction BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    agency TEXT NOT NULL,
    intent BLOB NOT NULL,
    suspense BLOB NOT NULL,
    target BLOB NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- In the officer's words; goes when the case is erased.
    note TEXT NOT NULL,
    person BLOB NOT NULL,
    time_us BIGINT NOT NULL
);
CREATE INDEX instruction_agency ON instruction (agency, time_us);
CREATE INDEX instruction_intent ON instruction (intent);
-- verdict: confirmed, withdrawn, lapsed (by nobody: the money went back by itself). Once an instruction.
CREATE TABLE instruction_verdict (
    instruction BLOB PRIMARY KEY,
    verdict TEXT NOT NULL,
    person BLOB,
    refund BLOB,
    time_us BIGINT NOT NULL
);

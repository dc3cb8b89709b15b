-- Where every case stands. Rebuilt from the e-services' logs; never the truth. No form data.
CREATE TABLE entries (
    case_id BLOB PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT NOT NULL,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    phase TEXT NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    applicant BLOB NOT NULL,
    office TEXT NOT NULL,
    opened BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    due BIGINT NOT NULL,
    -- JSON: text by language
    title TEXT NOT NULL
);
CREATE INDEX entries_by_applicant ON entries (applicant, changed);
CREATE INDEX entries_by_number ON entries (number);
-- Open tasks only.
CREATE TABLE tasks (
    task_id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    agency TEXT NOT NULL,
    role TEXT NOT NULL,
    office TEXT NOT NULL,
    step TEXT NOT NULL,
    opened BIGINT NOT NULL,
    due BIGINT NOT NULL,
    -- The deadline, or the end of time: what the queue is sorted by.
    urgency BIGINT NOT NULL,
    title TEXT NOT NULL
);
CREATE INDEX tasks_by_case ON tasks (case_id);
CREATE INDEX tasks_by_queue ON tasks (agency, role, urgency, task_id);
-- Keyed hashes by which the desk finds a case.
CREATE TABLE lookups (
    hash BLOB NOT NULL,
    case_id BLOB NOT NULL,
    PRIMARY KEY (hash, case_id)
);
CREATE INDEX lookups_by_case ON lookups (case_id);

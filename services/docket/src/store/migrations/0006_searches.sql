-- Filters of the queue that officers keep under names of their own. Not rebuilt: nobody else has them.
CREATE TABLE saved_filters (
    person BLOB NOT NULL,
    name TEXT NOT NULL,
    -- As the contract has it (`QueueFilter`).
    asked BLOB NOT NULL,
    PRIMARY KEY (person, name)
);
-- Whose applications a search found for a reason that was typed: they may read it. The reason is in the audit.
CREATE TABLE findings (
    search BLOB NOT NULL,
    case_id BLOB NOT NULL,
    applicant BLOB NOT NULL,
    PRIMARY KEY (search, case_id)
);
CREATE INDEX findings_by_case ON findings (case_id);

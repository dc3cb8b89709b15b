-- Closed tasks of a case, the newest of each role and office: by them officers come to it again, for a reason.
CREATE TABLE past_tasks (
    case_id BLOB NOT NULL,
    task_id BLOB NOT NULL,
    role TEXT NOT NULL,
    office TEXT NOT NULL,
    closed BIGINT NOT NULL,
    PRIMARY KEY (case_id, task_id)
);

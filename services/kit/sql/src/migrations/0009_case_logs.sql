-- Which agency's log spoke of a case first: no other may speak of it.
CREATE TABLE case_logs (
    case_id BLOB NOT NULL PRIMARY KEY,
    log TEXT NOT NULL
);

-- Ids that were accepted once, for as long as the database lives.
CREATE TABLE inbox (
    id BLOB PRIMARY KEY,
    time BIGINT NOT NULL
);
-- Answers to actions, kept before they are given, so that a repetition gets the same bytes.
CREATE TABLE answers (
    action_id BLOB PRIMARY KEY,
    request_hash BLOB NOT NULL,
    answer BLOB NOT NULL,
    time BIGINT NOT NULL
);
-- How far each producer's log has taken effect here.
CREATE TABLE cursors (
    producer TEXT PRIMARY KEY,
    epoch BIGINT NOT NULL,
    sequence BIGINT NOT NULL
);

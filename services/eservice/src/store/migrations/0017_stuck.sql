-- What running cases wait for that comes from somebody, and from when on a person should look whether it ever will. Only an index:
-- what a case waits for is in its state.
CREATE TABLE case_waits (
    case_id BLOB NOT NULL,
    -- The place in the case that waits.
    token BIGINT NOT NULL,
    hosted_service TEXT NOT NULL,
    kind TEXT NOT NULL,
    since BIGINT NOT NULL,
    due BIGINT NOT NULL,
    PRIMARY KEY (case_id, token)
);
CREATE INDEX case_waits_due ON case_waits (due);
CREATE INDEX case_waits_by_service ON case_waits (hosted_service, due);

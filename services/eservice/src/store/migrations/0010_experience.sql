-- How many working days decided cases took, for people who ask how long theirs may take.
CREATE TABLE case_endings (
    case_id BLOB NOT NULL PRIMARY KEY,
    hosted_service TEXT NOT NULL,
    ended BIGINT NOT NULL,
    working_days BIGINT NOT NULL
);
CREATE INDEX case_endings_by_service ON case_endings (hosted_service, ended);
-- What an applicant thought of a service once their case had ended; words are sealed with the case's key and go with it.
CREATE TABLE case_ratings (
    case_id BLOB NOT NULL PRIMARY KEY,
    hosted_service TEXT NOT NULL,
    score BIGINT NOT NULL,
    words TEXT,
    rated BIGINT NOT NULL
);
CREATE INDEX case_ratings_by_service ON case_ratings (hosted_service, rated);
-- How often each score was given: of nobody in particular, so it stays when cases go.
CREATE TABLE service_scores (
    hosted_service TEXT NOT NULL,
    score BIGINT NOT NULL,
    given BIGINT NOT NULL,
    PRIMARY KEY (hosted_service, score)
);

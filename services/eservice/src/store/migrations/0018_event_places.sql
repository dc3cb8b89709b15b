-- Up to where a service has read what an agency's own system announces: everything up to there began a case, or is on record.
CREATE TABLE event_places (
    hosted_service TEXT NOT NULL,
    agency TEXT NOT NULL,
    event TEXT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (hosted_service, agency, event)
);

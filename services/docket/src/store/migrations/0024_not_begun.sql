-- Events of agencies' own systems that began no case: whoever leads the service is told for thirty days. Nothing of what they say.
CREATE TABLE not_begun (
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    -- Whose system announced it, its name, and the id that it has there.
    owner TEXT NOT NULL,
    event TEXT NOT NULL,
    event_id TEXT NOT NULL,
    start TEXT NOT NULL,
    -- JSON: text by language
    title TEXT NOT NULL,
    code TEXT NOT NULL,
    announced BIGINT NOT NULL,
    time BIGINT NOT NULL,
    PRIMARY KEY (agency, service, owner, event_id)
);
CREATE INDEX not_begun_by_time ON not_begun (agency, time);

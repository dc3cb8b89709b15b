-- What agencies' own systems announced, each once under the id that they gave it. Of one name the places have no gap, and follow the
-- order in which they were committed: whoever has read up to one misses nothing before it.
CREATE TABLE announced_events (
    agency TEXT NOT NULL,
    name TEXT NOT NULL,
    place BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    taken BIGINT NOT NULL,
    -- Of its name and what it says: another event under the same id is refused.
    hash BLOB NOT NULL,
    -- Sealed; NULL once its time is over.
    wrapped_key BLOB,
    content BLOB,
    PRIMARY KEY (agency, name, place)
);
CREATE UNIQUE INDEX announced_events_by_id ON announced_events (agency, event_id);
CREATE INDEX announced_events_by_time ON announced_events (taken);
-- The place of the newest one of each name.
CREATE TABLE event_places (
    agency TEXT NOT NULL,
    name TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency, name)
);

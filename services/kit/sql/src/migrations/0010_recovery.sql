-- Each time this database was found restored, by the name that whoever runs the platform gave the recovery. While one has
-- not ended, nothing is served from it.
CREATE TABLE recovery (
    name TEXT NOT NULL PRIMARY KEY,
    began BIGINT NOT NULL,
    ended BIGINT,
    -- Of the log, from its end on.
    epoch BIGINT
);

-- Agencies whose resource asks to publish without approval and whose lawyer and head have yet to agree: until then it publishes nothing
-- without. What they said stands in `proposals_said`, under a hash of the agency and of this time.
CREATE TABLE freeings (
    agency TEXT NOT NULL PRIMARY KEY,
    asked BIGINT NOT NULL
);

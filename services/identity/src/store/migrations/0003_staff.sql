-- Who does what another officer of the agency may, from when until when.
CREATE TABLE substitutes (
  agency TEXT NOT NULL,
  absent BLOB NOT NULL,
  substitute BLOB NOT NULL,
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  PRIMARY KEY (agency, absent, substitute)
);
CREATE INDEX substitutes_by_substitute ON substitutes (substitute);
CREATE INDEX appointments_by_place ON appointments (agency, role, office);
-- Whoever accepts such an invitation has to prove first that they are the one whom it is for.
ALTER TABLE invitations ADD COLUMN proof BIGINT NOT NULL DEFAULT 0;

-- For whom somebody may act in a session, as their provider said at this very sign-in.
CREATE TABLE mandates (
  session BLOB NOT NULL,
  principal BLOB NOT NULL,
  kind TEXT NOT NULL,
  asserted_us BIGINT NOT NULL,
  PRIMARY KEY (session, principal)
);

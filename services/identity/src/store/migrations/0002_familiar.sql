-- Networks from which an account was signed in with its second factor, as keyed hashes.
CREATE TABLE familiar (
  key_hash BLOB NOT NULL PRIMARY KEY,
  last_us BIGINT NOT NULL
);

-- Persons: found by a keyed hash of their PINFL, readable only with the key outside this database.
CREATE TABLE persons (
  person BLOB NOT NULL PRIMARY KEY,
  pinfl_hash BLOB NOT NULL UNIQUE,
  wrapped_key BLOB NOT NULL,
  facts BLOB NOT NULL,
  language TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  updated_us BIGINT NOT NULL
);
-- One row an account: a citizen's number or an officer's login, both as keyed hashes.
CREATE TABLE passwords (
  account_hash BLOB NOT NULL PRIMARY KEY,
  person BLOB NOT NULL,
  phc TEXT NOT NULL,
  set_us BIGINT NOT NULL
);
CREATE TABLE officers (
  person BLOB NOT NULL PRIMARY KEY,
  login_hash BLOB NOT NULL UNIQUE,
  card BLOB NOT NULL,
  last_step BIGINT NOT NULL
);
CREATE TABLE appointments (
  person BLOB NOT NULL,
  agency TEXT NOT NULL,
  office TEXT NOT NULL,
  role TEXT NOT NULL,
  from_us BIGINT NOT NULL,
  to_us BIGINT,
  PRIMARY KEY (person, agency, office, role)
);
CREATE TABLE invitations (
  token_hash BLOB NOT NULL PRIMARY KEY,
  person BLOB NOT NULL,
  account_hash BLOB NOT NULL,
  expires_us BIGINT NOT NULL
);
-- A sign-in under way in one browser.
CREATE TABLE flows (
  flow BLOB NOT NULL PRIMARY KEY,
  browser_hash BLOB NOT NULL,
  request TEXT NOT NULL,
  language TEXT NOT NULL,
  state_hash BLOB UNIQUE,
  officer BLOB,
  tries BIGINT NOT NULL,
  expires_us BIGINT NOT NULL
);
CREATE TABLE sessions (
  session BLOB NOT NULL PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  person BLOB NOT NULL,
  capacity TEXT NOT NULL,
  assurance TEXT NOT NULL,
  method TEXT NOT NULL,
  authenticated_us BIGINT NOT NULL,
  seen_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  ended_us BIGINT
);
-- A family of tokens: revoking the grant revokes them all.
CREATE TABLE grants (
  grant_id BLOB NOT NULL PRIMARY KEY,
  session BLOB NOT NULL,
  client TEXT NOT NULL,
  scope TEXT NOT NULL,
  expires_us BIGINT NOT NULL,
  revoked_us BIGINT
);
CREATE INDEX grants_by_session ON grants (session);
CREATE TABLE codes (
  code_hash BLOB NOT NULL PRIMARY KEY,
  grant_id BLOB NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  nonce TEXT,
  expires_us BIGINT NOT NULL,
  used_us BIGINT
);
CREATE TABLE tokens (
  token_hash BLOB NOT NULL PRIMARY KEY,
  grant_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  expires_us BIGINT NOT NULL,
  used_us BIGINT
);
CREATE INDEX tokens_by_grant ON tokens (grant_id);
-- Failed attempts, by account, by network and by both together, as keyed hashes.
CREATE TABLE attempts (
  key_hash BLOB NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_us BIGINT NOT NULL
);

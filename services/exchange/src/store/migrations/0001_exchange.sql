-- Resources as published: the newest of each name, canonical JSON.
CREATE TABLE resources (
    kind TEXT NOT NULL,
    agency TEXT NOT NULL,
    name TEXT NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL,
    published BIGINT NOT NULL,
    PRIMARY KEY (kind, agency, name)
);
-- Every version of every grant: the last approved one is in force, whatever was published after it.
CREATE TABLE grants (
    id AUTOID,
    agency TEXT NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    spec BLOB NOT NULL,
    to_agency TEXT NOT NULL,
    published BIGINT NOT NULL
);
CREATE INDEX grants_by_name ON grants (agency, name);
-- Officers' signed decisions over a version's hash.
CREATE TABLE approvals (
    hash BLOB NOT NULL,
    person BLOB NOT NULL,
    time BIGINT NOT NULL,
    command_id BLOB NOT NULL UNIQUE,
    PRIMARY KEY (hash, person)
);
-- The only source of NATS accounts. An account's identity key never changes.
CREATE TABLE accounts (
    agency TEXT PRIMARY KEY,
    public_key TEXT NOT NULL UNIQUE,
    signing_key TEXT NOT NULL,
    created BIGINT NOT NULL
);
-- Each call of a registry, also a refused one: who asked about whom and why. No content: salted commitments only.
CREATE TABLE data_use (
    id AUTOID,
    time BIGINT NOT NULL,
    person BLOB,
    asking_agency TEXT NOT NULL,
    service TEXT NOT NULL,
    owner TEXT NOT NULL,
    registry TEXT NOT NULL,
    operation TEXT NOT NULL,
    purpose TEXT NOT NULL,
    legal_basis TEXT NOT NULL,
    case_id BLOB NOT NULL,
    cause BLOB NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    fields TEXT NOT NULL,
    grant_hash BLOB,
    salt BLOB NOT NULL,
    commitment BLOB NOT NULL
);
CREATE INDEX data_use_by_person ON data_use (person, id);

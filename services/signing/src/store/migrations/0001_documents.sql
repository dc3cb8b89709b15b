-- Documents, their numbers, the agencies' seals, and everything that was ever sealed.
CREATE TABLE documents (
    document_id BLOB PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    -- Whose seal it bears, and whose revision made it.
    agency TEXT NOT NULL,
    owner TEXT NOT NULL,
    service TEXT NOT NULL,
    revision BLOB NOT NULL,
    case_id BLOB NOT NULL,
    -- Name of the document in the revision.
    kind TEXT NOT NULL,
    -- Titles of document and agency in every language, JSON.
    titles TEXT NOT NULL,
    agency_titles TEXT NOT NULL,
    language TEXT NOT NULL,
    holder BLOB NOT NULL,
    -- The code: keyed hash for comparison, sealed for the holder.
    code_hash BLOB NOT NULL,
    code_sealed BLOB NOT NULL,
    -- Seals file, code and answer; wrapped by the agency's key.
    wrapped_key BLOB NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    size BIGINT NOT NULL,
    seal BLOB NOT NULL,
    sealed BIGINT NOT NULL,
    valid_until BIGINT,
    -- valid, revoked, superseded
    status TEXT NOT NULL,
    status_since BIGINT NOT NULL,
    reason TEXT NOT NULL,
    superseded_by BLOB
);
CREATE INDEX documents_case ON documents (case_id);
CREATE INDEX documents_withdrawn ON documents (status_since) WHERE status <> 'valid';
-- The last number given in an agency, a year and a pattern.
CREATE TABLE numbers (
    agency TEXT NOT NULL,
    year BIGINT NOT NULL,
    pattern TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency, year, pattern)
);
-- Certificates of agencies' seals; the newest that is not revoked is used.
CREATE TABLE seals (
    serial BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    key_name TEXT NOT NULL UNIQUE,
    certificate BLOB NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT NOT NULL,
    revoked BIGINT
);
CREATE INDEX seals_agency ON seals (agency, since);
-- Append-only: what was sealed, written before it is released.
CREATE TABLE sealed (
    sequence AUTOID,
    document_id BLOB NOT NULL,
    hash BLOB NOT NULL,
    agency TEXT NOT NULL,
    serial BLOB NOT NULL,
    time BIGINT NOT NULL
);
CREATE INDEX sealed_agency ON sealed (agency, time);
-- Failed attempts at verification codes, by asker and by number, in windows of an hour.
CREATE TABLE attempts (
    subject BLOB NOT NULL,
    hour BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (subject, hour)
);

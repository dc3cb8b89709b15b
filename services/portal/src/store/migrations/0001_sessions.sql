-- Ids are kept as hashes: who reads this table cannot take a session over. `sealed` holds tokens and the form secret.
CREATE TABLE sessions (
    id_hash BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    started BIGINT NOT NULL,
    used BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    refreshing_until BIGINT NOT NULL,
    seen_case BLOB,
    seen_version BIGINT NOT NULL
);
CREATE INDEX sessions_ends ON sessions (ends);

-- A sign-in under way: bound to the browser that began it.
CREATE TABLE sign_ins (
    id_hash BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    ends BIGINT NOT NULL
);
CREATE INDEX sign_ins_ends ON sign_ins (ends);

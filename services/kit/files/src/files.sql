-- Files by their hash, in encrypted chunks. A scope (a case) has its own key, so equal files of two cases are two rows.
CREATE TABLE files (
    scope BLOB NOT NULL,
    hash BLOB NOT NULL,
    size BIGINT NOT NULL,
    -- Whether anything names the file; what nothing names is removed after a day.
    named BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    PRIMARY KEY (scope, hash)
);
CREATE INDEX files_unnamed ON files (stored) WHERE named = 0;
CREATE TABLE file_chunks (
    scope BLOB NOT NULL,
    hash BLOB NOT NULL,
    place BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (scope, hash, place)
);

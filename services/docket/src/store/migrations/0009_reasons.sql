-- Keys of what officers typed for a search, each wrapped by a key outside the database: the words are in the audit, sealed.
CREATE TABLE reason_keys (
    search BLOB PRIMARY KEY,
    wrapped BLOB NOT NULL,
    -- Of a search that found nobody: when it goes. Any other goes with the last application that it found.
    ends BIGINT
);

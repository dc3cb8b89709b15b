-- Cases on which a legal hold stands: what proves their questions to registries does not end while it does.
CREATE TABLE held (
    case_id BLOB PRIMARY KEY,
    -- When the hold ends by itself; none: it does not.
    until_us BIGINT
);
-- What can still be proved, the oldest first.
CREATE INDEX data_use_provable ON data_use (time) WHERE length(salt) > 0;

-- What a row of `data_use` says besides when it is no registry's: an officer opened the case, or a document of it.
CREATE TABLE openings (
    id BIGINT PRIMARY KEY,
    office TEXT NOT NULL,
    role TEXT NOT NULL,
    -- Name of the document; empty: the case.
    document TEXT NOT NULL,
    -- The case keeps a typed reason under the opening's id, which is the row's cause.
    reasoned BIGINT NOT NULL
);

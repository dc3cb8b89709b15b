-- What waits for approval, one revision of each service: a newer one takes its place.
CREATE TABLE proposals (
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    revision BLOB NOT NULL,
    definition BLOB NOT NULL,
    proposed BIGINT NOT NULL,
    PRIMARY KEY (agency, service)
);

-- What an agency's lawyers and heads said of a revision, the last word of each. It stays when the revision is published: the same
-- bytes need no second approval.
CREATE TABLE proposals_said (
    revision BLOB NOT NULL,
    person BLOB NOT NULL,
    role TEXT NOT NULL,
    -- 0: sent back.
    approves BIGINT NOT NULL,
    -- Hashes of the booklets that were read, with spaces between them.
    booklets TEXT NOT NULL,
    note TEXT NOT NULL,
    said BIGINT NOT NULL,
    PRIMARY KEY (revision, person)
);

-- When an agency took a resource back: nobody is asked under it any more. What it said stays, for who reads about earlier calls.
ALTER TABLE resources ADD COLUMN withdrawn BIGINT;
-- When an agency ended: its account takes nobody in. It stays, because an identity key never changes.
ALTER TABLE accounts ADD COLUMN closed BIGINT;
-- Officers' signed decisions that a version of a grant counts no more, whoever approved it.
CREATE TABLE revocations (
    hash BLOB NOT NULL,
    person BLOB NOT NULL,
    time BIGINT NOT NULL,
    command_id BLOB NOT NULL UNIQUE,
    PRIMARY KEY (hash)
);

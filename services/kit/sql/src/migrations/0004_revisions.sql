-- Copies of admitted revisions with the register's signature: open cases run on while the register is away.
CREATE TABLE revisions (
    revision BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    definition BLOB NOT NULL,
    admitted BIGINT NOT NULL,
    admission TEXT NOT NULL
);

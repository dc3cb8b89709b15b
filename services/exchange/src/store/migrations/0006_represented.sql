-- In which cases somebody acts for whom: the principal, too, sees what was asked about the one who acts.
CREATE TABLE represented (
    case_id BLOB PRIMARY KEY,
    principal BLOB NOT NULL
);
CREATE INDEX represented_by_principal ON represented (principal);

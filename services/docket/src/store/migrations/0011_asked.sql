-- Who is or was asked in another's case, and where their own part stands: nothing else of the case is listed to them.
CREATE TABLE asked (
    case_id BLOB NOT NULL,
    person BLOB NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    waits_until BIGINT NOT NULL,
    PRIMARY KEY (case_id, person)
);
CREATE INDEX asked_by_person ON asked (person, changed, case_id);

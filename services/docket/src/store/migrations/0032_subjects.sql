-- Whom a case is about and nobody asks: an auditor finds it by them, and no list shows it to them.
CREATE TABLE subjects (
    case_id BLOB NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (case_id, person)
);
CREATE INDEX subjects_by_person ON subjects (person, case_id);

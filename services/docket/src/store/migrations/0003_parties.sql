-- Whom a case names: keyed hashes of PINFLs, and who acts for the applicant. None of them works on it as an officer.
CREATE TABLE parties (
    case_id BLOB NOT NULL,
    party BLOB NOT NULL,
    PRIMARY KEY (case_id, party)
);
-- A list's pages are in an order that two equal times do not disturb.
CREATE INDEX entries_by_applicant_page ON entries (applicant, changed, case_id);

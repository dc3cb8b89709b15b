-- Documents of a service that are issued again, many at once: what two persons agreed on, and how far it has come.
CREATE TABLE reissues (
    batch BLOB NOT NULL PRIMARY KEY,
    hosted_service TEXT NOT NULL,
    -- Name of the document in the definition, and the revision by whose template it is made.
    document TEXT NOT NULL,
    template BLOB NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    proposer BLOB NOT NULL,
    proposed BIGINT NOT NULL,
    approver BLOB,
    approved BIGINT,
    finished BIGINT
);
CREATE INDEX reissues_open ON reissues (batch) WHERE approved IS NOT NULL AND finished IS NULL;
-- Each document of a batch, as it was listed for both.
CREATE TABLE reissued_documents (
    batch BLOB NOT NULL,
    document_id BLOB NOT NULL,
    hosted_service TEXT NOT NULL,
    case_id BLOB NOT NULL,
    number TEXT NOT NULL,
    -- waiting, asked, issued, refused
    state TEXT NOT NULL,
    -- Why it was refused.
    code TEXT NOT NULL,
    PRIMARY KEY (batch, document_id)
);
CREATE INDEX reissued_documents_by_case ON reissued_documents (case_id);

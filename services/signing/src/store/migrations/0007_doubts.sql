-- A seal whose key may be in other hands: who says so, and since which moment. Withdrawn (`seals.revoked`) when another officer agrees.
CREATE TABLE doubts (
    serial BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- What it sealed from this moment on may be somebody else's.
    since BIGINT NOT NULL,
    doubted_by BLOB NOT NULL,
    doubted BIGINT NOT NULL,
    withdrawn_by BLOB
);
CREATE INDEX documents_seal ON documents (seal, number);

-- Files on their way to a case: what of each has come, so that whoever was cut off goes on from there.
CREATE TABLE case_uploads (
    case_id BLOB NOT NULL,
    upload BLOB NOT NULL,
    -- How many pieces have come.
    pieces BIGINT NOT NULL,
    -- When it began, or the last of them came: a day later it lapses.
    moved BIGINT NOT NULL,
    -- As in every table of cases: `agency/service`.
    hosted_service TEXT NOT NULL,
    -- What it is to become, sealed with the case's key.
    about BLOB NOT NULL,
    PRIMARY KEY (case_id, upload)
);
CREATE INDEX case_uploads_by_age ON case_uploads (moved);
-- The pieces that have come, from place 0 on; they stay as long as it does.
CREATE TABLE case_upload_pieces (
    case_id BLOB NOT NULL,
    upload BLOB NOT NULL,
    place BIGINT NOT NULL,
    piece BLOB NOT NULL,
    -- SHA-256 of what the piece holds, sealed with the case's key: of these a file is made.
    hash BLOB NOT NULL,
    hosted_service TEXT NOT NULL,
    PRIMARY KEY (case_id, upload, place)
);
CREATE INDEX case_upload_pieces_by_piece ON case_upload_pieces (case_id, piece);

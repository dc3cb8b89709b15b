-- Files that people attach to cases, in pieces. A case has its own key: `file` and `piece` are hashes under it, so that nobody
-- without it can tell what lies there, and equal files of two cases are two rows.
CREATE TABLE case_files (
    case_id BLOB NOT NULL,
    file BLOB NOT NULL,
    size BIGINT NOT NULL,
    -- Whether the case names it; what nothing names is removed after a day.
    named BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    -- As in every table of cases: `agency/service`.
    hosted_service TEXT NOT NULL,
    PRIMARY KEY (case_id, file)
);
CREATE INDEX case_files_unnamed ON case_files (stored) WHERE named = 0;
-- Which pieces make a file, from place 0 on.
CREATE TABLE case_file_pieces (
    case_id BLOB NOT NULL,
    file BLOB NOT NULL,
    place BIGINT NOT NULL,
    piece BLOB NOT NULL,
    -- A hash under the case's key of the other columns: no piece is put into another's place.
    proof BLOB NOT NULL,
    hosted_service TEXT NOT NULL,
    PRIMARY KEY (case_id, file, place)
);
CREATE INDEX case_file_pieces_by_piece ON case_file_pieces (case_id, piece);
-- At most 256 KiB each, sealed with the case's key.
CREATE TABLE case_pieces (
    case_id BLOB NOT NULL,
    piece BLOB NOT NULL,
    size BIGINT NOT NULL,
    -- Whether a file is made of it; what belongs to none is removed after a day.
    used BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    hosted_service TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (case_id, piece)
);
CREATE INDEX case_pieces_unused ON case_pieces (stored) WHERE used = 0;

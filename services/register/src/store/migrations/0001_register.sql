CREATE TABLE agencies (
    agency TEXT NOT NULL PRIMARY KEY,
    resource BLOB NOT NULL,
    changed BIGINT NOT NULL
);

CREATE TABLE admissions (
    revision BLOB NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    definition BLOB NOT NULL,
    admitted BIGINT NOT NULL,
    admission TEXT NOT NULL,
    -- ISO 8601; empty: at once.
    effective_from TEXT NOT NULL,
    -- 1: only tried out.
    draft BIGINT NOT NULL
);
CREATE INDEX admissions_by_time ON admissions (admitted);
CREATE INDEX admissions_by_service ON admissions (agency, service);

-- What people search for is public: words of titles and summaries in a normalised Latin form, by revision.
CREATE TABLE search_words (
    word TEXT NOT NULL,
    revision BLOB NOT NULL,
    weight BIGINT NOT NULL,
    PRIMARY KEY (word, revision)
);
CREATE TABLE search_trigrams (
    trigram TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (trigram, word)
);

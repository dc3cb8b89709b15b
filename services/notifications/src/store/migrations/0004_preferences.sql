-- Whoever has no row wants everything, in the language of the application.
CREATE TABLE preference (
    person BLOB PRIMARY KEY,
    sms BIGINT NOT NULL,
    email BIGINT NOT NULL,
    language TEXT NOT NULL,
    changed_us BIGINT NOT NULL
);

-- The first moment that no closed day holds: a posting before it is refused. Whoever closes a day waits for whoever posts.
CREATE TABLE book (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    open_from_us BIGINT NOT NULL
);
INSERT INTO book (one, open_from_us) VALUES (1, 0);
CREATE INDEX posting_time ON posting (time_us);
-- Civil days in Tashkent, each chained to the day before.
CREATE TABLE closed_day (
    day TEXT PRIMARY KEY,
    postings BIGINT NOT NULL,
    payments BIGINT NOT NULL,
    refunds BIGINT NOT NULL,
    -- What the books are out by; 0: they balance.
    difference BIGINT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    closed_us BIGINT NOT NULL
);
CREATE TABLE closed_account (
    day TEXT NOT NULL,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    debits BIGINT NOT NULL,
    credits BIGINT NOT NULL,
    -- Credits less debits since the books began.
    balance BIGINT NOT NULL,
    PRIMARY KEY (day, account, currency)
);

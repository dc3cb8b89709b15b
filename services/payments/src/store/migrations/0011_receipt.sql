-- Receipts of payments and refunds: numbered without gaps within an agency and a year, in the transaction that moves the money.
CREATE TABLE receipt_number (
    agency TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency, year)
);
CREATE TABLE receipt (
    agency TEXT NOT NULL,
    year BIGINT NOT NULL,
    count BIGINT NOT NULL,
    intent BLOB NOT NULL,
    -- Empty: of the payment itself.
    refund BLOB NOT NULL,
    amount BIGINT NOT NULL,
    time_us BIGINT NOT NULL,
    PRIMARY KEY (agency, year, count)
);
CREATE UNIQUE INDEX receipt_of ON receipt (intent, refund);

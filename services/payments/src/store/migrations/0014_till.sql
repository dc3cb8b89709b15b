-- Cash at a counter: shifts, what was taken in them, and what was brought to the bank.
CREATE TABLE shift (
    shift BLOB PRIMARY KEY,
    agency TEXT NOT NULL,
    office TEXT NOT NULL,
    cashier BLOB NOT NULL,
    opened_us BIGINT NOT NULL,
    -- Change that lay in the till; never part of the books.
    change_tiyin BIGINT NOT NULL,
    -- 0: open.
    closed_us BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    expected BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE UNIQUE INDEX shift_open ON shift (agency, cashier) WHERE closed_us = 0;
CREATE TABLE cash_taken (
    attempt BLOB PRIMARY KEY,
    shift BLOB NOT NULL,
    intent BLOB NOT NULL,
    amount BIGINT NOT NULL,
    time_us BIGINT NOT NULL,
    -- 0: it was not given back.
    reversed_us BIGINT NOT NULL,
    reversed_by BLOB
);
CREATE INDEX cash_taken_shift ON cash_taken (shift, time_us);
CREATE TABLE cash_deposit (
    agency TEXT NOT NULL,
    office TEXT NOT NULL,
    slip_number TEXT NOT NULL,
    slip_date TEXT NOT NULL,
    amount BIGINT NOT NULL,
    person BLOB NOT NULL,
    time_us BIGINT NOT NULL,
    PRIMARY KEY (agency, slip_number, slip_date)
);
-- What each office holds, in step with the ledger's account of it: whoever changes it keeps others of the office waiting.
CREATE TABLE office_cash (
    agency TEXT NOT NULL,
    office TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (agency, office)
);

-- What persons counted in a till whose cashier does not close its shift: two who counted the same close it.
CREATE TABLE shift_count (
    command BLOB PRIMARY KEY,
    shift BLOB NOT NULL,
    person BLOB NOT NULL,
    -- 1: a treasurer, or the office's lead.
    in_charge BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    why TEXT NOT NULL,
    time_us BIGINT NOT NULL
);
CREATE INDEX shift_count_shift ON shift_count (shift, time_us);

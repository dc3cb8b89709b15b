-- Whose data this is: a trial's or a production's. One row, written at the first start.
CREATE TABLE stage (
    one BIGINT PRIMARY KEY,
    stage TEXT NOT NULL,
    fixed BIGINT NOT NULL
);

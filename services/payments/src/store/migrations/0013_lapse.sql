-- When what waits for a second person lapses; gone once it is decided. What waited before has its thirty days from when it was asked.
CREATE TABLE instruction_due (
    instruction BLOB PRIMARY KEY,
    due_us BIGINT NOT NULL
);
CREATE INDEX instruction_due_time ON instruction_due (due_us);
INSERT INTO instruction_due (instruction, due_us)
    SELECT instruction, time_us + 2592000000000 FROM instruction
    WHERE instruction NOT IN (SELECT instruction FROM instruction_verdict);

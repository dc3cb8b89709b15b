-- Numbers of cases that were erased, as the acts of their erasures say them: what was done to a case is found by its number still.
CREATE TABLE erased_numbers (
    case_id BLOB PRIMARY KEY,
    number TEXT NOT NULL
);
CREATE INDEX erased_numbers_by_number ON erased_numbers (number);

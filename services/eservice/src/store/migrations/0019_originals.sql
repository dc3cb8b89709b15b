-- Which paper was taken in, as a keyed hash of whose it is and the number of its original: nobody takes one in twice.
ALTER TABLE cases ADD COLUMN taken_original BLOB;
CREATE UNIQUE INDEX cases_taken_original ON cases (taken_original) WHERE taken_original IS NOT NULL AND phase <> 'discarded';

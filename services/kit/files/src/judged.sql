-- What a scanner said of a file: `clean` or `harmful`; NULL: nothing yet. And when it is asked next.
ALTER TABLE case_files ADD COLUMN judged TEXT;
ALTER TABLE case_files ADD COLUMN judge_due BIGINT NOT NULL DEFAULT 0;
CREATE INDEX case_files_unjudged ON case_files (judge_due) WHERE named = 1 AND judged IS NULL;

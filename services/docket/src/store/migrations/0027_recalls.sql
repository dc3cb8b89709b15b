-- A document that one officer wants to withdraw or to correct, where another has to agree: nobody takes it.
ALTER TABLE tasks ADD COLUMN recall BIGINT NOT NULL DEFAULT 0;

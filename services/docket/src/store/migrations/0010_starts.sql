-- By which of the definition's starts a case began; empty: by the service's own form.
ALTER TABLE entries ADD COLUMN begun_by TEXT NOT NULL DEFAULT '';

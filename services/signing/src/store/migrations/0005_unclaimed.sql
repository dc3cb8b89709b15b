-- Since when the case does not know the document, because its e-service was restored to a moment before it was issued. Issued
-- again, the new one takes its place.
ALTER TABLE documents ADD COLUMN unclaimed BIGINT;

-- What a definition says about each message, and which revision said it: asked when a channel's turn comes, and by the person.
ALTER TABLE message ADD COLUMN class TEXT NOT NULL DEFAULT 'mandatory';
ALTER TABLE message ADD COLUMN urgent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN revision BLOB;
-- Why a channel waits or was passed over, and when it was known to be delivered or to have failed.
ALTER TABLE delivery ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN settled_us BIGINT NOT NULL DEFAULT 0;

-- How many persons must approve a version: what its giver demanded when it was published or last approved. A giver that
-- demands less later does not bring a version into force that waited for a second person.
ALTER TABLE grants ADD COLUMN needed BIGINT NOT NULL DEFAULT 1;

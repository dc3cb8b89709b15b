-- Events about cases of services that run in another host of the same database, which must take them: hosts share their cursors.
-- A row says where the event stands in its producer's log, not what it says; that is read from the producer.
CREATE TABLE events_laid_by (
    place AUTOID,
    -- As in the tables of cases: `agency/service`.
    hosted_service TEXT NOT NULL,
    case_id BLOB NOT NULL,
    producer TEXT NOT NULL,
    message_id BLOB NOT NULL,
    epoch BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    laid BIGINT NOT NULL
);
CREATE UNIQUE INDEX events_laid_by_message ON events_laid_by (hosted_service, producer, message_id);

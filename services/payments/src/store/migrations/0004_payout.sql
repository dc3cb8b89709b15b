-- By which payment order of the treasury a refund was paid that no provider makes, and who says so.
-- act: entered (the last one counts), confirmed (once a refund).
CREATE TABLE payout (
    payout AUTOID,
    refund BLOB NOT NULL,
    agency TEXT NOT NULL,
    act TEXT NOT NULL,
    order_number TEXT NOT NULL,
    order_date TEXT NOT NULL,
    person BLOB NOT NULL,
    time_us BIGINT NOT NULL
);
CREATE INDEX payout_refund ON payout (refund);
CREATE UNIQUE INDEX payout_confirmed ON payout (refund) WHERE act = 'confirmed';
CREATE UNIQUE INDEX payout_order ON payout (agency, order_number, order_date) WHERE act = 'confirmed';
CREATE INDEX refund_by_hand ON refund (created_us) WHERE state = 'by-hand';
-- When a person put right what was found; 0: not yet, or it was put right by itself.
ALTER TABLE finding ADD COLUMN closed_us BIGINT NOT NULL DEFAULT 0;

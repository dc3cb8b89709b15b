CREATE TABLE intent (
    intent BLOB PRIMARY KEY,
    case_id BLOB NOT NULL,
    agency TEXT NOT NULL,
    service TEXT NOT NULL,
    revision BLOB NOT NULL,
    step TEXT NOT NULL,
    fee TEXT NOT NULL,
    number TEXT NOT NULL,
    payer BLOB NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT NOT NULL,
    split BLOB NOT NULL,
    arithmetic BLOB NOT NULL,
    state TEXT NOT NULL,
    closing TEXT NOT NULL,
    expires_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    captured_us BIGINT NOT NULL
);
CREATE INDEX intent_case ON intent (case_id);
CREATE INDEX intent_due ON intent (state, expires_us);

CREATE TABLE attempt (
    attempt BLOB PRIMARY KEY,
    intent BLOB NOT NULL,
    provider TEXT NOT NULL,
    state TEXT NOT NULL,
    transaction_id TEXT,
    provider_us BIGINT NOT NULL,
    held_us BIGINT NOT NULL,
    paid_us BIGINT NOT NULL,
    ended_us BIGINT NOT NULL,
    reason BIGINT,
    amount BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    ask_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX attempt_transaction ON attempt (provider, transaction_id);
CREATE UNIQUE INDEX attempt_active ON attempt (intent) WHERE state IN ('held', 'unknown');
CREATE INDEX attempt_intent ON attempt (intent);
CREATE INDEX attempt_ask ON attempt (ask_us) WHERE ask_us > 0;

CREATE TABLE refund (
    refund BLOB PRIMARY KEY,
    intent BLOB NOT NULL,
    attempt BLOB NOT NULL,
    amount BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    from_suspense BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    next_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    settled_us BIGINT NOT NULL
);
CREATE INDEX refund_intent ON refund (intent);
CREATE INDEX refund_due ON refund (next_us) WHERE next_us > 0;

CREATE TABLE posting (
    posting AUTOID,
    intent BLOB NOT NULL,
    attempt BLOB,
    refund BLOB,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    kind TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    CHECK (debit <> credit)
);
CREATE INDEX posting_intent ON posting (intent);

CREATE TABLE provider_answer (
    provider TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    method TEXT NOT NULL,
    answer BLOB NOT NULL,
    time_us BIGINT NOT NULL,
    PRIMARY KEY (provider, transaction_id, method)
);

CREATE TABLE callback (
    callback AUTOID,
    provider TEXT NOT NULL,
    received_us BIGINT NOT NULL,
    method TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    body BLOB NOT NULL,
    answer BLOB NOT NULL
);
CREATE INDEX callback_transaction ON callback (provider, transaction_id);

CREATE TABLE fiscal (
    provider TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    data BLOB NOT NULL,
    time_us BIGINT NOT NULL,
    PRIMARY KEY (provider, transaction_id, kind)
);

CREATE TABLE case_sequence (
    case_id BLOB PRIMARY KEY,
    sequence BIGINT NOT NULL
);

CREATE TABLE ended_case (
    case_id BLOB PRIMARY KEY,
    revision BLOB NOT NULL,
    outcome TEXT NOT NULL,
    delivered BLOB NOT NULL,
    ended_us BIGINT NOT NULL,
    judge_us BIGINT NOT NULL
);
CREATE INDEX ended_case_due ON ended_case (judge_us) WHERE judge_us > 0;

CREATE TABLE finding (
    finding AUTOID,
    code TEXT NOT NULL,
    intent BLOB NOT NULL,
    about BLOB NOT NULL,
    amount BIGINT NOT NULL,
    repaired BIGINT NOT NULL,
    note TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    UNIQUE (code, about)
);

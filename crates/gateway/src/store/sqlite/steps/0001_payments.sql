-- Records are the rows; columns beside them are what is searched, listed or guarded.

CREATE TABLE payments (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    merchant         TEXT    NOT NULL,
    order_no         TEXT    NOT NULL,
    attempt          INTEGER NOT NULL CHECK (attempt >= 1),
    status           TEXT    NOT NULL,
    channel          TEXT    NOT NULL,
    account          TEXT    NOT NULL,
    channel_order_no TEXT    NOT NULL,
    outlet           TEXT,
    terminal         TEXT,
    amount           INTEGER NOT NULL CHECK (amount >= 0),
    fingerprint      BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    never_asked      INTEGER NOT NULL CHECK (never_asked IN (0, 1)),
    opened_at        INTEGER NOT NULL,
    wake             INTEGER,
    version          INTEGER NOT NULL CHECK (version >= 1),
    record           TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX payments_attempt ON payments (merchant, order_no, attempt);
CREATE UNIQUE INDEX payments_channel_order_no ON payments (channel_order_no, account);
CREATE INDEX payments_listed ON payments (merchant, id);
CREATE INDEX payments_by_status ON payments (merchant, status, id);
CREATE INDEX payments_code ON payments (fingerprint, id);
CREATE INDEX payments_due ON payments (wake, id) WHERE wake IS NOT NULL;
CREATE INDEX payments_undecided ON payments (merchant, terminal, amount, id)
    WHERE status IN ('processing', 'suspended');

CREATE TABLE events (
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    seq        INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (payment_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    merchant   TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    about      TEXT,
    version    INTEGER NOT NULL
) STRICT;

CREATE TABLE cases (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    merchant   TEXT    NOT NULL,
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    kind       TEXT    NOT NULL,
    opened_at  INTEGER NOT NULL,
    closed_at  INTEGER,
    settlement TEXT
) STRICT;

CREATE INDEX cases_listed ON cases (merchant, id);
CREATE INDEX cases_open ON cases (merchant, id) WHERE closed_at IS NULL;

CREATE TABLE reversals (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    merchant   TEXT NOT NULL,
    payment_id BLOB NOT NULL REFERENCES payments (id),
    record     TEXT NOT NULL
) STRICT;

CREATE INDEX reversals_listed ON reversals (merchant, id);
CREATE INDEX reversals_of ON reversals (payment_id, id);

CREATE TABLE watches (
    payment_id BLOB    NOT NULL PRIMARY KEY REFERENCES payments (id),
    wake       INTEGER,
    version    INTEGER NOT NULL CHECK (version >= 1),
    record     TEXT    NOT NULL
) STRICT;

CREATE INDEX watches_due ON watches (wake, payment_id) WHERE wake IS NOT NULL;

CREATE TABLE tombstones (
    merchant TEXT    NOT NULL,
    order_no TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (merchant, order_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    hash     BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    merchant TEXT NOT NULL,
    scopes   TEXT NOT NULL,
    name     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL CHECK (length(value) = 32)
) STRICT, WITHOUT ROWID;

-- One row that a ping changes: a commit that changes nothing is not made durable and proves nothing.
CREATE TABLE pulse (
    one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    beat INTEGER NOT NULL
) STRICT;

INSERT INTO pulse (one, beat) VALUES (1, 0);

-- A refund is a row of its own; the payment's record keeps the sums.
CREATE TABLE refunds (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    merchant   TEXT    NOT NULL,
    payment_id BLOB    NOT NULL REFERENCES payments (id),
    refund_no  TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    wake       INTEGER,
    version    INTEGER NOT NULL CHECK (version >= 1),
    record     TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX refunds_no ON refunds (merchant, refund_no);
CREATE INDEX refunds_listed ON refunds (merchant, id);
CREATE INDEX refunds_of ON refunds (payment_id, id);
CREATE INDEX refunds_due ON refunds (wake, id) WHERE wake IS NOT NULL;

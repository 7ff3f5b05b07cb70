-- Counts the commits of all payments in order: whoever has seen one number asks for what came after it.
ALTER TABLE payments ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
UPDATE payments SET change = rowid;
CREATE INDEX payments_changed ON payments (change);

-- A till that has signed in; only the hash of its cookie is kept.
CREATE TABLE sessions (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    key_hash   BLOB    NOT NULL REFERENCES keys (hash),
    outlet     TEXT,
    terminal   TEXT    NOT NULL,
    operator   TEXT,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What outside of the ledger refers to a span of it: facts that are pinned are not
-- dropped by retention. The column facts of a revision is 2 once they are.

-- +goose Up
CREATE TABLE pins (
    name     TEXT PRIMARY KEY,
    from_us  INTEGER NOT NULL,
    to_us    INTEGER NOT NULL,
    since_us INTEGER NOT NULL,
    crc      INTEGER NOT NULL,
    CHECK (from_us < to_us)
) STRICT, WITHOUT ROWID;

-- One row while another ledger is being copied into this one: a digest of what that
-- one held. Who finds it does not use the tables.
CREATE TABLE copying (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    source TEXT NOT NULL
) STRICT;

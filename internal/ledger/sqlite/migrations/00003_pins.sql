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

-- How far the window archive was read that a revision follows from. A revision
-- without a row follows from no archive.

-- +goose Up
CREATE TABLE marks (
    from_us  INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    file     INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    crc      INTEGER NOT NULL,
    PRIMARY KEY (from_us, revision),
    FOREIGN KEY (from_us, revision) REFERENCES revisions (from_us, revision)
) STRICT, WITHOUT ROWID;

-- How far the window archive was read that a revision follows from. A revision
-- without a row follows from no archive.

-- +goose Up
CREATE TABLE marks (
    from_us  BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    file     BIGINT NOT NULL,
    seq      BIGINT NOT NULL,
    crc      BIGINT NOT NULL,
    PRIMARY KEY (from_us, revision),
    FOREIGN KEY (from_us, revision) REFERENCES revisions (from_us, revision)
);

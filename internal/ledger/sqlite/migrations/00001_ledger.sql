-- What is truth: revisions and facts, intensities, holdings, methods, and the
-- names that they use. What is a cache of the newest revisions: entries and
-- sums. Instants are microseconds since 1970 in UTC and end in _us. Blobs are
-- columns of integers and end with a checksum; the column crc of a row is that of
-- the others. DESIGN.md beside this folder says how both are laid out.

-- +goose Up

-- One row: what the whole file has in common.
CREATE TABLE ledger (
    one           INTEGER PRIMARY KEY CHECK (one = 1),
    slot_us       INTEGER NOT NULL CHECK (slot_us > 0),
    -- The zone whose hours, days and months the sums are of, and a digest of its
    -- rules, which a new release of the zone database may change.
    zone          TEXT NOT NULL,
    zone_rules    TEXT NOT NULL,
    -- The latest instant at which anything in the file became known.
    last_known_us INTEGER
) STRICT;

-- Names, each stored once. Ids count from 0 without gaps in the order of first
-- use and are never given up.
CREATE TABLE accounts (
    id     INTEGER PRIMARY KEY,
    labels TEXT NOT NULL, -- JSON object, names in order
    kind   TEXT NOT NULL,
    crc    INTEGER NOT NULL,
    UNIQUE (labels, kind)
) STRICT;

CREATE TABLE subjects (
    id     INTEGER PRIMARY KEY,
    host   TEXT NOT NULL,
    kind   INTEGER NOT NULL, -- 0 host, 1 part of a host, 2 service
    labels TEXT NOT NULL,    -- JSON object, names in order
    crc    INTEGER NOT NULL,
    UNIQUE (host, kind, labels)
) STRICT;

CREATE TABLE origins (
    id     INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE, -- JSON
    crc    INTEGER NOT NULL
) STRICT;

CREATE TABLE bases (
    id    INTEGER PRIMARY KEY,
    basis TEXT NOT NULL UNIQUE, -- JSON
    crc   INTEGER NOT NULL
) STRICT;

-- Every revision of every slot with its total.
CREATE TABLE revisions (
    from_us                 INTEGER NOT NULL,
    revision                INTEGER NOT NULL CHECK (revision >= 1),
    known_us                INTEGER NOT NULL,
    reason                  TEXT NOT NULL,
    note                    TEXT NOT NULL,
    facts                   INTEGER NOT NULL, -- 1 when facts came with it
    energy_uwh              INTEGER NOT NULL,
    busy_energy_uwh         INTEGER NOT NULL,
    carbon_energy_uwh       INTEGER NOT NULL,
    operational_ugco2e      INTEGER NOT NULL,
    busy_operational_ugco2e INTEGER NOT NULL,
    estimated_energy_uwh    INTEGER NOT NULL,
    measured_energy_uwh     INTEGER NOT NULL,
    embodied_ugco2e         INTEGER NOT NULL,
    embodied_time_us        INTEGER NOT NULL,
    cpu_busy_us             INTEGER NOT NULL,
    cpu_idle_us             INTEGER NOT NULL,
    observed_us             INTEGER NOT NULL,
    expected_us             INTEGER NOT NULL,
    crc                     INTEGER NOT NULL,
    PRIMARY KEY (from_us, revision)
) STRICT, WITHOUT ROWID;

CREATE INDEX closes ON revisions (from_us) WHERE revision = 1;
CREATE INDEX restatements ON revisions (known_us, from_us) WHERE revision > 1;

-- The facts that came with a revision.
CREATE TABLE facts (
    from_us  INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    batch    BLOB NOT NULL,
    PRIMARY KEY (from_us, revision),
    FOREIGN KEY (from_us, revision) REFERENCES revisions (from_us, revision)
) STRICT;

-- The entries of each slot in its newest revision, in canonical order.
CREATE TABLE entries (
    from_us  INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    entries  BLOB NOT NULL,
    FOREIGN KEY (from_us, revision) REFERENCES revisions (from_us, revision)
) STRICT;

-- Sums of entries by hour, day and month, in chunks of 64 accounts: account
-- id / 64 is the chunk.
CREATE TABLE sums (
    step    TEXT NOT NULL CHECK (step IN ('1h', '1d', '1mo')),
    from_us INTEGER NOT NULL,
    chunk   INTEGER NOT NULL,
    sums    BLOB NOT NULL,
    PRIMARY KEY (step, from_us, chunk)
) STRICT;

CREATE TABLE intensities (
    region       TEXT NOT NULL,
    source       TEXT NOT NULL,
    from_us      INTEGER NOT NULL,
    to_us        INTEGER NOT NULL,
    kind         INTEGER NOT NULL, -- 0 actual, 1 estimate, 2 forecast, 3 annual
    known_us     INTEGER NOT NULL,
    ug_per_kwh   INTEGER NOT NULL,
    scope        TEXT NOT NULL,
    approach     TEXT NOT NULL,
    version      TEXT NOT NULL,
    -- Spans are shorter than 2^magnitude microseconds, so those that overlap an
    -- instant are found by their start alone, one magnitude at a time.
    magnitude    INTEGER NOT NULL,
    crc          INTEGER NOT NULL,
    PRIMARY KEY (region, source, from_us, to_us, kind, known_us),
    CHECK (from_us < to_us)
) STRICT, WITHOUT ROWID;

CREATE INDEX intensities_by_time ON intensities (magnitude, from_us);

CREATE TABLE holdings (
    id        TEXT NOT NULL,
    known_us  INTEGER NOT NULL,
    host      TEXT NOT NULL,
    from_us   INTEGER NOT NULL,
    to_us     INTEGER, -- NULL while it has not ended
    holder    TEXT NOT NULL, -- JSON object
    shared    TEXT NOT NULL, -- JSON array of objects
    reserved  INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL,
    crc       INTEGER NOT NULL,
    PRIMARY KEY (id, known_us)
) STRICT;

CREATE INDEX holdings_by_time ON holdings (from_us);

CREATE TABLE methods (
    known_us INTEGER PRIMARY KEY,
    method   TEXT NOT NULL, -- JSON
    crc      INTEGER NOT NULL
) STRICT;

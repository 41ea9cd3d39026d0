-- The tables of a ledger in SQLite (the migrations beside that adapter say what
-- each holds), with the same rows to the byte, and leases. Differences: integers
-- are BIGINT; texts are compared byte by byte, and the characters 0 and 1, of which
-- PostgreSQL keeps no 0, are written as 1 1 and 1 2; names are found by hash,
-- because an index by order has a limit of length.

-- +goose Up

CREATE TABLE ledger (
    one           BIGINT PRIMARY KEY CHECK (one = 1),
    slot_us       BIGINT NOT NULL CHECK (slot_us > 0),
    zone          TEXT COLLATE "C" NOT NULL,
    zone_rules    TEXT COLLATE "C" NOT NULL,
    last_known_us BIGINT
);

CREATE TABLE accounts (
    id     BIGINT PRIMARY KEY,
    labels TEXT COLLATE "C" NOT NULL,
    kind   TEXT COLLATE "C" NOT NULL,
    crc    BIGINT NOT NULL
);
CREATE INDEX accounts_by_labels ON accounts USING hash (labels);

CREATE TABLE subjects (
    id     BIGINT PRIMARY KEY,
    host   TEXT COLLATE "C" NOT NULL,
    kind   BIGINT NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    crc    BIGINT NOT NULL
);
CREATE INDEX subjects_by_host ON subjects USING hash (host);

CREATE TABLE origins (
    id     BIGINT PRIMARY KEY,
    origin TEXT COLLATE "C" NOT NULL,
    crc    BIGINT NOT NULL
);
CREATE INDEX origins_by_origin ON origins USING hash (origin);

CREATE TABLE bases (
    id    BIGINT PRIMARY KEY,
    basis TEXT COLLATE "C" NOT NULL,
    crc   BIGINT NOT NULL
);
CREATE INDEX bases_by_basis ON bases USING hash (basis);

CREATE TABLE revisions (
    from_us                 BIGINT NOT NULL,
    revision                BIGINT NOT NULL CHECK (revision >= 1),
    known_us                BIGINT NOT NULL,
    reason                  TEXT COLLATE "C" NOT NULL,
    note                    TEXT COLLATE "C" NOT NULL,
    facts                   BIGINT NOT NULL,
    energy_uwh              BIGINT NOT NULL,
    busy_energy_uwh         BIGINT NOT NULL,
    carbon_energy_uwh       BIGINT NOT NULL,
    operational_ugco2e      BIGINT NOT NULL,
    busy_operational_ugco2e BIGINT NOT NULL,
    estimated_energy_uwh    BIGINT NOT NULL,
    measured_energy_uwh     BIGINT NOT NULL,
    embodied_ugco2e         BIGINT NOT NULL,
    embodied_time_us        BIGINT NOT NULL,
    cpu_busy_us             BIGINT NOT NULL,
    cpu_idle_us             BIGINT NOT NULL,
    observed_us             BIGINT NOT NULL,
    expected_us             BIGINT NOT NULL,
    crc                     BIGINT NOT NULL,
    PRIMARY KEY (from_us, revision)
);
CREATE INDEX closes ON revisions (from_us) WHERE revision = 1;
CREATE INDEX restatements ON revisions (known_us, from_us) WHERE revision > 1;

CREATE TABLE facts (
    from_us  BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    batch    BYTEA NOT NULL,
    PRIMARY KEY (from_us, revision),
    FOREIGN KEY (from_us, revision) REFERENCES revisions (from_us, revision)
);

CREATE TABLE entries (
    from_us  BIGINT PRIMARY KEY,
    revision BIGINT NOT NULL,
    entries  BYTEA NOT NULL,
    FOREIGN KEY (from_us, revision) REFERENCES revisions (from_us, revision)
);

CREATE TABLE sums (
    step    TEXT COLLATE "C" NOT NULL CHECK (step IN ('1h', '1d', '1mo')),
    from_us BIGINT NOT NULL,
    chunk   BIGINT NOT NULL,
    sums    BYTEA NOT NULL,
    PRIMARY KEY (step, from_us, chunk)
);

-- Blobs are packed already: compressing them takes time and gains little.
ALTER TABLE facts ALTER COLUMN batch SET STORAGE EXTERNAL;
ALTER TABLE entries ALTER COLUMN entries SET STORAGE EXTERNAL;
ALTER TABLE sums ALTER COLUMN sums SET STORAGE EXTERNAL;

CREATE TABLE intensities (
    region       TEXT COLLATE "C" NOT NULL,
    source       TEXT COLLATE "C" NOT NULL,
    from_us      BIGINT NOT NULL,
    to_us        BIGINT NOT NULL,
    kind         BIGINT NOT NULL,
    known_us     BIGINT NOT NULL,
    ug_per_kwh   BIGINT NOT NULL,
    scope        TEXT COLLATE "C" NOT NULL,
    approach     TEXT COLLATE "C" NOT NULL,
    version      TEXT COLLATE "C" NOT NULL,
    magnitude    INTEGER NOT NULL,
    crc          BIGINT NOT NULL,
    PRIMARY KEY (region, source, from_us, to_us, kind, known_us),
    CHECK (from_us < to_us)
);
CREATE INDEX intensities_by_time ON intensities (magnitude, from_us);

CREATE TABLE holdings (
    id        TEXT COLLATE "C" NOT NULL,
    known_us  BIGINT NOT NULL,
    host      TEXT COLLATE "C" NOT NULL,
    from_us   BIGINT NOT NULL,
    to_us     BIGINT,
    holder    TEXT COLLATE "C" NOT NULL,
    shared    TEXT COLLATE "C" NOT NULL,
    reserved  BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL,
    details   TEXT COLLATE "C" NOT NULL DEFAULT '',
    crc       BIGINT NOT NULL,
    PRIMARY KEY (id, known_us)
);
CREATE INDEX holdings_by_time ON holdings (from_us);

CREATE TABLE methods (
    known_us BIGINT PRIMARY KEY,
    method   TEXT COLLATE "C" NOT NULL,
    crc      BIGINT NOT NULL
);

CREATE TABLE pins (
    name     TEXT COLLATE "C" PRIMARY KEY,
    from_us  BIGINT NOT NULL,
    to_us    BIGINT NOT NULL,
    since_us BIGINT NOT NULL,
    crc      BIGINT NOT NULL,
    CHECK (from_us < to_us)
);

CREATE TABLE copying (
    one    BIGINT PRIMARY KEY CHECK (one = 1),
    source TEXT COLLATE "C" NOT NULL
);

-- Who does which work until when, by the clock of this server. It is gone after a
-- crash, as leases then should be.
CREATE UNLOGGED TABLE leases (
    work       TEXT COLLATE "C" PRIMARY KEY,
    owner      BIGINT NOT NULL, -- a number that an open store has drawn
    holder     TEXT COLLATE "C" NOT NULL,
    since_time TIMESTAMPTZ NOT NULL,
    until_time TIMESTAMPTZ NOT NULL
);

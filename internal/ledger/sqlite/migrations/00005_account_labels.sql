-- In which chunks of 64 accounts a label occurs: a question about one user reads those
-- and not all. A label is the first 64 bits of a digest of its name and value. Empty
-- where the ledger has no accounts, or was not opened for writing yet, which fills it.

-- +goose Up
CREATE TABLE account_labels (
    label INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    PRIMARY KEY (label, chunk)
) STRICT, WITHOUT ROWID;

-- What a directory knows besides holders: experiments, and the host. Empty where
-- it knows nothing more, as in rows of before.

-- +goose Up
ALTER TABLE holdings ADD COLUMN details TEXT NOT NULL DEFAULT ''; -- JSON object

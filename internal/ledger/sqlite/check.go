package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Check reads the whole ledger and returns an error that wraps [ErrDamaged] for
// the first thing that is not as it was written or does not follow from the rest:
// a page, a missing revision, a total that is not the sum of its entries, a sum of
// an hour, day or month that is not that of its slots. It takes as long as reading
// the file, and the ledger can be used meanwhile.
func (s *Store) Check(ctx context.Context) error {
	err := s.read(ctx, func(r *snapshot) error {
		for _, check := range []func(*snapshot) error{s.checkFile, s.checkRevisions, s.checkTotals, s.checkSums, s.checkFacts} {
			if err := check(r); err != nil {
				return err
			}
		}
		return nil
	})
	return s.fail(ctx, "check", err)
}

// checkFile lets SQLite look at its pages, indexes and references.
func (s *Store) checkFile(r *snapshot) error {
	err := each(r, "PRAGMA integrity_check(1)", nil, func(rows *sql.Rows) error {
		var said string
		if err := rows.Scan(&said); err != nil || said == "ok" {
			return err
		}
		return fmt.Errorf("%w: %s", errBlob, said)
	})
	if err != nil {
		return err
	}
	return none(r, "rows that refer to nothing", "SELECT count(*) FROM pragma_foreign_key_check")
}

// checkRevisions holds that every slot has revisions from 1 on, the newest of
// them current.
func (s *Store) checkRevisions(r *snapshot) error {
	err := none(r, "slots whose revisions are not 1 to the one that the entries are of", `
		SELECT count(*) FROM (SELECT from_us, count(*) AS n, max(revision) AS last FROM revisions GROUP BY from_us) v
		LEFT JOIN entries e ON e.from_us = v.from_us WHERE n <> last OR e.revision IS NOT last`)
	if err != nil {
		return err
	}
	return none(r, "slots with entries and without a revision", "SELECT count(*) FROM entries WHERE from_us NOT IN (SELECT from_us FROM revisions)")
}

// none holds that a query counts 0.
func none(q querier, what, query string) error {
	var n int64
	if _, err := first(q, query, nil, &n); err != nil {
		return err
	}
	if n != 0 {
		return fmt.Errorf("%w: %d %s", errBlob, n, what)
	}
	return nil
}

// checkTotals holds that the total of each slot is the sum of its entries.
func (s *Store) checkTotals(r *snapshot) error {
	var columns columnReader
	return each(r, allEntries, nil, s.entryColumns(&columns, func(slot account.Span, entries *entryColumns) error {
		var total account.Quantities
		for i := range entries.accounts {
			var err error
			if total, err = total.Add(entries.quantitiesAt(i)); err != nil {
				return err
			}
		}
		var newest revision
		if err := each(r, newestRevision(), []any{slot.From.UnixMicro()}, newest.scan); err != nil {
			return err
		}
		if total.Values() != newest.total {
			return fmt.Errorf("%w: total of slot %v is not the sum of its entries", errBlob, slot)
		}
		return nil
	}))
}

// checkSums adds all entries up again.
func (s *Store) checkSums(r *snapshot) error {
	want := int64(0)
	err := s.sumUp(r, func(step account.Step, from, number int64, sums []byte) error {
		want++
		var stored []byte
		if _, err := first(r, selectChunk, []any{string(step), from, number}, &stored); err != nil {
			return err
		}
		if !bytes.Equal(stored, sums) {
			return fmt.Errorf("%w: sums by %s from %v, accounts from %d, are not those of the entries",
				errBlob, step, instant(from), number*chunkSize)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var got int64
	if _, err := first(r, "SELECT count(*) FROM sums", nil, &got); err != nil || got == want {
		return err
	}
	return fmt.Errorf("%w: %d chunks of sums, and %d follow from the entries", errBlob, got, want)
}

// checkFacts reads all facts, and the names that facts and entries refer to.
func (s *Store) checkFacts(r *snapshot) error {
	var columns columnReader
	err := each(r, allEntries, nil,
		s.slotEntries(r, &columns, nil, func(ledger.SlotEntry) error { return nil }))
	if err != nil {
		return err
	}
	return each(r, allFacts, nil, s.batches(r, &columns, func(b *account.Batch) error {
		if err := b.Validate(); err != nil {
			return fmt.Errorf("%w: %w", errBlob, err)
		}
		return nil
	}))
}

package relational

import (
	"bytes"
	"context"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Check reads the whole ledger and returns an error for the first thing that is
// not as it was written or does not follow from the rest: a missing revision, a
// total that is not the sum of its entries, a sum of an hour, day or month that is
// not that of its slots. What the database knows of its own damage comes first. The
// ledger can be used meanwhile.
func (s *Store) Check(ctx context.Context, first ...func(Querier) error) error {
	err := s.db.Read(ctx, func(r Querier) error {
		for _, check := range append(first, s.checkRevisions, s.checkTotals, s.checkSums, s.checkFacts, s.checkLabels) {
			if err := check(r); err != nil {
				return err
			}
		}
		return nil
	})
	return s.db.Fail(ctx, "check", err)
}

// checkRevisions holds that every slot has revisions from 1 on, the newest of
// them current.
func (s *Store) checkRevisions(r Querier) error {
	err := None(r, "slots whose revisions are not 1 to the one that the entries are of", `
		SELECT count(*) FROM (SELECT from_us, count(*) AS n, max(revision) AS last FROM revisions GROUP BY from_us) v
		LEFT JOIN entries e ON e.from_us = v.from_us WHERE n <> last OR e.revision IS DISTINCT FROM last`)
	if err != nil {
		return err
	}
	return None(r, "slots with entries and without a revision", "SELECT count(*) FROM entries WHERE from_us NOT IN (SELECT from_us FROM revisions)")
}

// None returns an error that wraps [ErrBlob] unless a query counts 0.
func None(q Querier, what, query string) error {
	var n int64
	if _, err := first(q, query, nil, &n); err != nil {
		return err
	}
	if n != 0 {
		return fmt.Errorf("%w: %d %s", ErrBlob, n, what)
	}
	return nil
}

// checkTotals holds that the total of each slot is the sum of its entries.
func (s *Store) checkTotals(r Querier) error {
	var columns columnReader
	return r.Stream(allEntries, nil, s.entryColumns(&columns, func(slot account.Span, entries *entryColumns) error {
		var total account.Quantities
		for i := range entries.accounts {
			var err error
			if total, err = total.Add(entries.quantitiesAt(i)); err != nil {
				return err
			}
		}
		var newest revision
		if err := r.Each(newestRevision(), []any{slot.From.UnixMicro()}, newest.scan); err != nil {
			return err
		}
		if total.Values() != newest.total {
			return fmt.Errorf("%w: total of slot %v is not the sum of its entries", ErrBlob, slot)
		}
		return nil
	}))
}

// checkSums adds all entries up again.
func (s *Store) checkSums(r Querier) error {
	want := int64(0)
	err := s.sumUp(r, func(step account.Step, from, number int64, sums []byte) error {
		want++
		var stored []byte
		if _, err := first(r, selectChunk, []any{string(step), from, number}, &stored); err != nil {
			return err
		}
		if !bytes.Equal(stored, sums) {
			return fmt.Errorf("%w: sums by %s from %v, accounts from %d, are not those of the entries",
				ErrBlob, step, instant(from), number*chunkSize)
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
	return fmt.Errorf("%w: %d chunks of sums, and %d follow from the entries", ErrBlob, got, want)
}

// checkFacts reads all facts, and the names that facts and entries refer to.
func (s *Store) checkFacts(r Querier) error {
	var columns columnReader
	err := r.Stream(allEntries, nil,
		s.slotEntries(r, &columns, nil, func(ledger.SlotEntry) error { return nil }))
	if err != nil {
		return err
	}
	return r.Stream(allFacts, nil, s.batches(r, &columns, func(b *account.Batch) error {
		if err := b.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrBlob, err)
		}
		return nil
	}))
}

package relational

import (
	"context"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
)

// DBOf returns the database of a store.
func DBOf(s *Store) DB { return s.db }

// Forget makes a store remember no more pages of names than limit.
func Forget(s *Store, limit int) {
	s.accounts.limit, s.subjects.limit, s.origins.limit, s.bases.limit = limit, limit, limit, limit
}

// Remembered returns how much a store remembers of accounts.
func Remembered(s *Store) (ids, pages int) { return len(s.accounts.ids), len(s.accounts.pages) }

// Questions returns the questions whose answers must not need a whole table.
func Questions() []string {
	return []string{
		newestRevision(), factsOfRevision, factsOfSpan, entriesOfSlot, entriesOfSpan, selectChunk, fmt.Sprintf(sumsOfSpan, ""), chunksOfSpan,
		chunksOfLabel, intensitiesOfSpan, newestIntensity, newestHolding, slotsOfSpan(), restatementsOfTime(),
	}
}

// Tampers returns changes of a ledger that has two slots of 100 accounts, by
// what Check says of them.
func Tampers(first, second account.Span) map[string]func(context.Context, *Store) error {
	changes := map[string]func(s *Store, tx Tx) error{
		"not the sum of its entries": func(_ *Store, tx Tx) error {
			r := revision{from: second.From.UnixMicro()}
			if err := tx.Each(newestRevision(), []any{r.from}, r.scan); err != nil {
				return err
			}
			r.total[0]++
			return tx.Exec("UPDATE revisions SET energy_uwh = ?, crc = ? WHERE from_us = ?", r.total[0], rowChecksum(r.values()...), r.from)
		},
		"not those of the entries": func(s *Store, tx Tx) error {
			sums := newSumChanges(s.calendar)
			key := chunkKey{account.StepDay, first.From.UnixMicro(), 1}
			sums.chunks[key] = &chunk{}
			if err := sums.chunks[key].add(0, account.Quantities{Energy: 1}); err != nil {
				return err
			}
			return s.changeSums(tx, sums)
		},
		"chunks of sums": func(s *Store, tx Tx) error {
			var c chunk
			if err := c.add(0, account.Quantities{Energy: 1}); err != nil {
				return err
			}
			return tx.Exec(upsertChunk, "1h", 0, 0, s.encoder.chunk(sumsPlace(account.StepHour, 0, 0), &c))
		},
		"revisions are not 1 to": func(_ *Store, tx Tx) error {
			r := revision{from: second.From.UnixMicro(), number: 3}
			return insert(tx, "revisions", revisionColumns(), r.values()...)
		},
		"labels of accounts": func(_ *Store, tx Tx) error {
			return tx.Exec("DELETE FROM account_labels WHERE chunk = 1 AND label = (SELECT max(label) FROM account_labels WHERE chunk = 1)")
		},
		"no accounts with id": func(s *Store, tx Tx) error {
			s.accounts.pages = map[int64][]account.Account{}
			return tx.Exec("DELETE FROM accounts WHERE id = 199")
		},
	}
	out := map[string]func(context.Context, *Store) error{}
	for what, change := range changes {
		out[what] = func(ctx context.Context, s *Store) error {
			return s.db.Write(ctx, "tamper", func(tx Tx) error { return change(s, tx) })
		}
	}
	return out
}

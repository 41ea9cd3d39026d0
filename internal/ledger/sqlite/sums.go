package sqlite

import (
	"cmp"
	"database/sql"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

const (
	selectChunk = "SELECT sums FROM sums WHERE step = ? AND from_us = ? AND chunk = ?"
	upsertChunk = `INSERT INTO sums (step, from_us, chunk, sums) VALUES (?, ?, ?, ?)
		ON CONFLICT (step, from_us, chunk) DO UPDATE SET sums = excluded.sums`
	deleteChunk = "DELETE FROM sums WHERE step = ? AND from_us = ? AND chunk = ?"
)

// changeSums adds changes of a slot to the hour, day and month that contain it.
func (s *Store) changeSums(tx *transaction, slot account.Span, changes []ledger.Change, ids []int64) error {
	order := make([]int, len(changes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(ids[i], ids[j]) })
	for _, step := range account.RollupSteps() {
		from := s.calendar.Period(step, slot.From).From.UnixMicro()
		for rest := order; len(rest) > 0; {
			number, n := ids[rest[0]]/chunkSize, 1
			for n < len(rest) && ids[rest[n]]/chunkSize == number {
				n++
			}
			err := tx.changeChunk([]any{string(step), from, number}, func(c *chunk) error {
				for _, i := range rest[:n] {
					if err := c.add(int(ids[i]%chunkSize), changes[i].Entries, changes[i].Quantities); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			rest = rest[n:]
		}
	}
	return nil
}

// changeChunk reads a chunk, changes it and stores it; one that became empty is
// removed.
func (tx *transaction) changeChunk(key []any, change func(*chunk) error) error {
	var c chunk
	err := each(tx, selectChunk, key, func(rows *sql.Rows) error {
		var blob sql.RawBytes
		if err := rows.Scan(&blob); err != nil {
			return err
		}
		stored, err := tx.writer.columns.chunk(blob)
		if err == nil {
			stored.spread(&c)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := change(&c); err != nil {
		return err
	}
	if c.present == 0 {
		return tx.exec(deleteChunk, key...)
	}
	return tx.exec(upsertChunk, append(slices.Clip(key), tx.writer.encoder.chunk(&c))...)
}

// rebuildSums makes all sums anew from the entries. Slots come in order of time,
// so one period of each step is in memory.
func (s *Store) rebuildSums(tx *transaction) error {
	if err := tx.exec("DELETE FROM sums"); err != nil {
		return err
	}
	periods := make([]period, len(account.RollupSteps()))
	for i, step := range account.RollupSteps() {
		periods[i].step = step
	}
	err := each(tx, "SELECT from_us, entries FROM entries ORDER BY from_us", nil, func(rows *sql.Rows) error {
		var from int64
		var blob sql.RawBytes
		if err := rows.Scan(&from, &blob); err != nil {
			return err
		}
		entries, err := tx.writer.columns.entries(blob)
		if err != nil {
			return err
		}
		for i := range periods {
			if err := periods[i].move(tx, s.calendar, instant(from)); err != nil {
				return err
			}
			if err := periods[i].add(&entries); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range periods {
		if err == nil {
			err = periods[i].store(tx)
		}
	}
	return err
}

// period is the sums of one step while slots of one period are added.
type period struct {
	step   account.Step
	span   account.Span
	chunks map[int64]*chunk
}

// move goes on to the period that contains a slot; the one before is complete.
func (p *period) move(tx *transaction, c account.Calendar, slot time.Time) error {
	if p.span.Contains(slot) {
		return nil
	}
	if err := p.store(tx); err != nil {
		return err
	}
	p.span, p.chunks = c.Period(p.step, slot), map[int64]*chunk{}
	return nil
}

func (p *period) add(entries *entryColumns) error {
	for i, id := range entries.accounts {
		c := p.chunks[id/chunkSize]
		if c == nil {
			c = &chunk{}
			p.chunks[id/chunkSize] = c
		}
		if err := c.add(int(id%chunkSize), 1, entries.quantitiesAt(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p *period) store(tx *transaction) error {
	for number, c := range p.chunks {
		if err := tx.exec(upsertChunk, string(p.step), p.span.From.UnixMicro(), number, tx.writer.encoder.chunk(c)); err != nil {
			return err
		}
	}
	return nil
}

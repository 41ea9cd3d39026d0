package relational

import (
	"cmp"
	"database/sql"
	"maps"
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
func (s *Store) changeSums(tx Tx, slot account.Span, changes []ledger.Change, ids []int64) error {
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
			err := s.changeChunk(tx, step, from, number, func(c *chunk) error {
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
func (s *Store) changeChunk(tx Tx, step account.Step, from, number int64, change func(*chunk) error) error {
	var c chunk
	key, at := []any{string(step), from, number}, sumsPlace(step, from, number)
	err := tx.Each(selectChunk, key, func(rows Row) error {
		var blob sql.RawBytes
		if err := rows.Scan(&blob); err != nil {
			return err
		}
		stored, err := s.columns.chunk(at, blob)
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
		return tx.Exec(deleteChunk, key...)
	}
	return tx.Exec(upsertChunk, append(slices.Clip(key), s.encoder.chunk(at, &c))...)
}

// rebuildSums makes all sums anew from the entries.
func (s *Store) rebuildSums(tx Tx) error {
	if err := tx.Exec("DELETE FROM sums"); err != nil {
		return err
	}
	return s.sumUp(tx, func(step account.Step, from, number int64, sums []byte) error {
		return tx.Exec(upsertChunk, string(step), from, number, sums)
	})
}

// sumUp adds up all entries and calls use on each chunk of sums, as it should be
// stored. Slots come in order of time, so one period of each step is in memory.
func (s *Store) sumUp(q Querier, use func(step account.Step, from, number int64, sums []byte) error) error {
	var periods []*period
	for _, step := range account.RollupSteps() {
		periods = append(periods, &period{step: step, use: use})
	}
	var columns columnReader
	err := q.Stream(allEntries, nil, s.entryColumns(&columns, func(slot account.Span, entries *entryColumns) error {
		for _, p := range periods {
			if err := p.add(s.calendar, slot.From, entries); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, p := range periods {
		if err == nil {
			err = p.finish()
		}
	}
	return err
}

// period is the sums of one step while the slots of one period are added.
type period struct {
	step   account.Step
	use    func(step account.Step, from, number int64, sums []byte) error
	span   account.Span
	chunks map[int64]*chunk
	encoder
}

// add adds a slot; when it is of another period, the one before is complete.
func (p *period) add(c account.Calendar, slot time.Time, entries *entryColumns) error {
	if !p.span.Contains(slot) {
		if err := p.finish(); err != nil {
			return err
		}
		p.span, p.chunks = c.Period(p.step, slot), map[int64]*chunk{}
	}
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

func (p *period) finish() error {
	for _, number := range slices.Sorted(maps.Keys(p.chunks)) {
		from := p.span.From.UnixMicro()
		if err := p.use(p.step, from, number, p.chunk(sumsPlace(p.step, from, number), p.chunks[number])); err != nil {
			return err
		}
	}
	return nil
}

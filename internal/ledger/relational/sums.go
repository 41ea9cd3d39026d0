package relational

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

const (
	selectChunk = "SELECT sums FROM sums WHERE step = ? AND from_us = ? AND chunk = ?"
	upsertChunk = `INSERT INTO sums (step, from_us, chunk, sums) VALUES (?, ?, ?, ?)
		ON CONFLICT (step, from_us, chunk) DO UPDATE SET sums = excluded.sums`
	deleteChunk = "DELETE FROM sums WHERE step = ? AND from_us = ? AND chunk = ?"
)

// chunkKey says which chunk of sums it is.
type chunkKey struct {
	step         account.Step
	from, number int64
}

func (k chunkKey) args() []any { return []any{string(k.step), k.from, k.number} }

func (k chunkKey) place() place { return sumsPlace(k.step, k.from, k.number) }

func (k chunkKey) compare(o chunkKey) int {
	return cmp.Or(cmp.Compare(k.step, o.step), cmp.Compare(k.from, o.from), cmp.Compare(k.number, o.number))
}

// slotDelta is what a commit of one slot changes in the sums of its accounts, by
// chunk. Counts and quantities of it may be below zero; present is not used.
type slotDelta map[int64]*chunk

func (d slotDelta) at(id int64) (c *chunk, place int) {
	if c = d[id/chunkSize]; c == nil {
		c = &chunk{}
		d[id/chunkSize] = c
	}
	return c, int(id % chunkSize)
}

// add adds an entry.
func (d slotDelta) add(id int64, q account.Quantities) (err error) {
	c, i := d.at(id)
	c.counts[i]++
	c.sums[i], err = c.sums[i].Add(q)
	return err
}

// remove takes away the entries of the revision before.
func (d slotDelta) remove(before *entryColumns) (err error) {
	for k, id := range before.accounts {
		c, i := d.at(id)
		c.counts[i]--
		if c.sums[i], err = c.sums[i].Sub(before.quantitiesAt(k)); err != nil {
			return err
		}
	}
	return nil
}

// sumChanges is what the commits of one transaction change in all sums: a chunk that
// several of them change is read and stored once.
type sumChanges struct {
	calendar account.Calendar
	chunks   map[chunkKey]*chunk
}

func newSumChanges(c account.Calendar) *sumChanges {
	return &sumChanges{calendar: c, chunks: map[chunkKey]*chunk{}}
}

// add adds the changes of a slot to the hour, day and month that contain it.
func (s *sumChanges) add(slot account.Span, d slotDelta) error {
	for _, step := range account.RollupSteps() {
		from := s.calendar.Period(step, slot.From).From.UnixMicro()
		for number, changes := range d {
			key := chunkKey{step, from, number}
			sum := s.chunks[key]
			if sum == nil {
				sum = &chunk{}
				s.chunks[key] = sum
			}
			if err := sum.merge(changes); err != nil {
				return err
			}
		}
	}
	return nil
}

// keys returns the chunks that change, in order.
func (s *sumChanges) keys() []chunkKey {
	maps.DeleteFunc(s.chunks, func(_ chunkKey, c *chunk) bool { return *c == chunk{} })
	return slices.SortedFunc(maps.Keys(s.chunks), chunkKey.compare)
}

// changeSums adds changes to the stored sums. A chunk that became empty is removed.
func (s *Store) changeSums(tx Tx, changes *sumChanges) error {
	keys := changes.keys()
	args := make([][]any, len(keys))
	for i, key := range keys {
		args[i] = key.args()
	}
	var stored chunk
	err := tx.EachOf(selectChunk, args, func(i int, row Row) error {
		var blob sql.RawBytes
		if err := row.Scan(&blob); err != nil {
			return err
		}
		columns, err := s.columns.chunk(keys[i].place(), blob)
		if err != nil {
			return err
		}
		columns.spread(&stored)
		return changes.chunks[keys[i]].merge(&stored)
	})
	if err != nil {
		return err
	}
	for i, key := range keys {
		if err := s.storeChunk(tx, key, args[i], changes.chunks[key]); err != nil {
			return err
		}
	}
	return nil
}

// storeChunk stores a chunk of sums, whose present is still to be found.
func (s *Store) storeChunk(tx Tx, key chunkKey, args []any, c *chunk) error {
	if err := c.settle(); err != nil {
		return err
	}
	if c.present == 0 {
		return tx.Exec(deleteChunk, args...)
	}
	return tx.Exec(upsertChunk, append(slices.Clip(args), s.encoder.chunk(key.place(), c))...)
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
		if err := c.add(int(id%chunkSize), entries.quantitiesAt(i)); err != nil {
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

package relational

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// What the column facts of a revision says.
const (
	factsNone    = 0 // none came with it
	factsKept    = 1
	factsDropped = 2 // some came with it and were dropped since
)

const (
	pinColumns = "name, from_us, to_us, since_us"
	selectPins = "SELECT " + pinColumns + ", crc FROM pins ORDER BY name"
	selectPin  = "SELECT " + pinColumns + ", crc FROM pins WHERE name = ?"
	// oldestFacts is the oldest slots with facts that begin at ?1 at the latest
	// and no pin overlaps; ?2 is the length of a slot.
	oldestFacts = `SELECT DISTINCT f.from_us FROM facts f WHERE f.from_us <= ?1
		AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.from_us < f.from_us + ?2 AND p.to_us > f.from_us) ORDER BY f.from_us LIMIT ?3`
)

func pinValues(p *ledger.Pin) []any {
	return []any{p.Name, p.Span.From.UnixMicro(), p.Span.To.UnixMicro(), p.Since.UnixMicro()}
}

func scanPin(row Row) (ledger.Pin, error) {
	var p ledger.Pin
	var from, to, since, crc int64
	err := row.Scan(&p.Name, &from, &to, &since, &crc)
	p.Span, p.Since = account.Span{From: instant(from), To: instant(to)}, instant(since)
	if err == nil {
		err = checkRow("pins", crc, pinValues(&p)...)
	}
	return p, err
}

// Pin implements [ledger.Retention].
func (s *Store) Pin(ctx context.Context, p ledger.Pin) error {
	if err := p.Validate(); err != nil {
		return err
	}
	p.Span, p.Since = account.NewSpan(p.Span.From, p.Span.To), account.Instant(p.Since)
	return s.db.Write(ctx, "pin "+p.Span.String(), func(tx Tx) error {
		known := false
		err := tx.Each(selectPin, []any{p.Name}, func(row Row) error {
			old, err := scanPin(row)
			if err == nil && old.Span != p.Span {
				err = fmt.Errorf("%w: %q pins %v already", ledger.ErrInvalid, p.Name, old.Span)
			}
			known = true
			return err
		})
		if err != nil || known {
			return err
		}
		return insert(tx, "pins", pinColumns, pinValues(&p)...)
	})
}

// Pins implements [ledger.Retention].
func (s *Store) Pins(ctx context.Context) ([]ledger.Pin, error) {
	var pins []ledger.Pin
	err := s.db.Read(ctx, func(q Querier) error {
		return q.Each(selectPins, nil, func(row Row) error {
			p, err := scanPin(row)
			pins = append(pins, p)
			return err
		})
	})
	if err != nil {
		return nil, s.db.Fail(ctx, "pins", err)
	}
	return pins, nil
}

// DropFacts implements [ledger.Retention].
func (s *Store) DropFacts(ctx context.Context, until time.Time, limit int) (int, error) {
	var slots []int64
	err := s.db.Write(ctx, "drop facts until "+until.UTC().Format(time.RFC3339), func(tx Tx) error {
		slots = slots[:0]
		step := s.calendar.Grid().Step()
		args := []any{until.Add(-step).UnixMicro(), step.Microseconds(), limit}
		err := tx.Each(oldestFacts, args, func(row Row) error {
			var from int64
			err := row.Scan(&from)
			slots = append(slots, from)
			return err
		})
		for _, from := range slots {
			if err == nil {
				err = dropFacts(tx, from)
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(slots), nil
}

// dropFacts drops the facts of a slot and notes it beside each of its revisions.
func dropFacts(tx Tx, from int64) error {
	var revisions []revision
	err := tx.Each(revisionsOfSlot(), []any{from}, func(row Row) error {
		var r revision
		err := r.scan(row)
		revisions = append(revisions, r)
		return err
	})
	if err != nil {
		return err
	}
	if err := tx.Exec("DELETE FROM facts WHERE from_us = ?", from); err != nil {
		return err
	}
	for _, r := range revisions {
		if r.facts != factsKept {
			continue
		}
		r.facts = factsDropped
		err := tx.Exec("UPDATE revisions SET facts = ?, crc = ? WHERE from_us = ? AND revision = ?",
			r.facts, rowChecksum(r.values()...), r.from, r.number)
		if err != nil {
			return err
		}
	}
	return nil
}

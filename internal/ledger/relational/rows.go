package relational

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math/bits"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Rows implements [ledger.Reader].
func (s *Store) Rows(ctx context.Context, q ledger.Query) iter.Seq2[ledger.Row, error] {
	return stream(ctx, s, "rows by "+string(q.Step), func(r Querier, yield func(ledger.Row) error) error {
		switch {
		case q.Span.IsEmpty():
			return nil
		case q.Step == account.StepSlot:
			return s.slotRows(r, q, yield)
		case slices.Contains(account.RollupSteps(), q.Step):
			return s.sumRows(r, q, yield)
		}
		return fmt.Errorf("%w: step %q", ledger.ErrInvalid, q.Step)
	})
}

// slotRows yields the entries of slots, those of one account as one row.
func (s *Store) slotRows(r Querier, q ledger.Query, yield func(ledger.Row) error) error {
	known := s.newAccountSet(q.Where)
	var columns columnReader
	return r.Stream(entriesOfSpan, s.within(q.Span), s.entryColumns(&columns, func(slot account.Span, stored *entryColumns) error {
		row := ledger.Row{Period: slot}
		for i := 0; i < len(stored.accounts); {
			id := stored.accounts[i]
			row.Quantities = stored.quantitiesAt(i)
			for i++; i < len(stored.accounts) && stored.accounts[i] == id; i++ {
				var err error
				if row.Quantities, err = row.Add(stored.quantitiesAt(i)); err != nil {
					return err
				}
			}
			a, err := known.account(r, id)
			if err != nil {
				return err
			}
			if a == nil {
				continue
			}
			row.Account = *a
			if err := yield(row); err != nil {
				return err
			}
		}
		return nil
	}))
}

// sumRow is the sum of one account over the period that is being read.
type sumRow struct {
	accountRef
	quantities account.Quantities
}

func (r *sumRow) rank() int { return r.page.ranks[r.place] }

const (
	sumsOfSpan   = "SELECT from_us, chunk, sums FROM sums WHERE step = ? AND from_us >= ? AND from_us < ? %s ORDER BY from_us, chunk"
	chunksOfSpan = "SELECT DISTINCT chunk FROM sums WHERE step = ? AND from_us >= ? AND from_us < ?"
)

// sumRows yields the sums of periods. Chunks of a period come in order of
// account id; its rows are put into the order of accounts.
func (s *Store) sumRows(r Querier, q ledger.Query, yield func(ledger.Row) error) error {
	from := s.calendar.Period(q.Step, q.Span.From).From.UnixMicro()
	args := []any{string(q.Step), from, ceilMicro(q.Span.To)}
	known := s.newAccountSet(q.Where)
	only, err := s.chunksWith(r, known, args)
	if err != nil {
		return err
	}
	p := periodRows{calendar: s.calendar, step: q.Step, known: known, yield: yield}
	var columns columnReader
	err = r.Stream(fmt.Sprintf(sumsOfSpan, only), args, func(rows Row) error {
		var from, number int64
		var blob sql.RawBytes
		if err := rows.Scan(&from, &number, &blob); err != nil {
			return err
		}
		if err := p.begin(from); err != nil {
			return err
		}
		stored, err := columns.chunk(sumsPlace(q.Step, from, number), blob)
		if err != nil {
			return fmt.Errorf("sums by %s from %v, accounts from %d: %w", q.Step, instant(from), number*chunkSize, err)
		}
		return p.add(r, number, &stored)
	})
	if err != nil {
		return err
	}
	return p.finish()
}

// chunksWith returns a condition for the chunks that have accounts that the
// filter holds for; without a filter, none.
func (s *Store) chunksWith(r Querier, known *accountSet, args []any) (string, error) {
	if len(known.where) == 0 {
		return "", nil
	}
	var accounts int64
	if _, err := first(r, "SELECT coalesce(max(id) + 1, 0) FROM accounts", nil, &accounts); err != nil {
		return "", err
	}
	list := ""
	err := r.Each(chunksOfSpan, args, func(rows Row) error {
		var number int64
		if err := rows.Scan(&number); err != nil {
			return err
		}
		page, err := known.page(r, number, int(min(chunkSize, accounts-number*chunkSize)))
		if err == nil && page.holds != 0 {
			list += fmt.Sprintf(", %d", number)
		}
		return err
	})
	if list == "" {
		return "AND false", err
	}
	return "AND chunk IN (" + list[2:] + ")", err
}

// periodRows collects the rows of one period and yields them in order.
type periodRows struct {
	calendar account.Calendar
	step     account.Step
	known    *accountSet
	yield    func(ledger.Row) error

	from int64
	rows []sumRow
}

// begin goes on to another period, if it is another.
func (p *periodRows) begin(from int64) error {
	if from == p.from {
		return nil
	}
	if err := p.finish(); err != nil {
		return err
	}
	p.from = from
	return nil
}

func (p *periodRows) add(q Querier, number int64, stored *chunkColumns) error {
	page, err := p.known.page(q, number, bits.Len64(stored.present))
	if err != nil {
		return err
	}
	i := 0
	for rest := stored.present; rest != 0; rest &= rest - 1 {
		if place := bits.TrailingZeros64(rest); page.holds&(1<<place) != 0 {
			p.rows = append(p.rows, sumRow{accountRef{page, place}, quantitiesAt(stored.quantities, i)})
		}
		i++
	}
	return nil
}

func (p *periodRows) finish() error {
	if len(p.rows) == 0 {
		return nil
	}
	period := p.calendar.Period(p.step, instant(p.from))
	if period.From.UnixMicro() != p.from {
		return fmt.Errorf("%w: sums by %s from %v, which is inside %v", ErrBlob, p.step, instant(p.from), period)
	}
	p.known.rank()
	slices.SortFunc(p.rows, func(a, b sumRow) int { return cmp.Compare(a.rank(), b.rank()) })
	for i := range p.rows {
		row := ledger.Row{Period: period, Account: *p.rows[i].account(), Quantities: p.rows[i].quantities}
		if err := p.yield(row); err != nil {
			return err
		}
	}
	p.rows = p.rows[:0]
	return nil
}

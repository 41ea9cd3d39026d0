package slots

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// finish restates what a former run had not come to: closed slots that are older
// than something known about them. It is done once, at the start.
func (d *Driver) finish(ctx context.Context) error {
	states, err := ledger.Collect(d.Store.Slots(ctx, account.NewSpan(time.Unix(0, 0), time.Now())))
	if err != nil || len(states) == 0 {
		return err
	}
	for _, check := range []func(context.Context, *staleness) error{d.staleMethod, d.staleHoldings, d.staleIntensities} {
		s := &staleness{states: states}
		if err := check(ctx, s); err != nil {
			return fmt.Errorf("look for slots to restate: %w", err)
		}
		if len(s.spans) == 0 {
			continue
		}
		d.Log.Info("restating slots of a former run", "reason", string(s.why.reason))
		if err := d.restate(ctx, s.spans, s.why); err != nil {
			return err
		}
	}
	return nil
}

// staleness gathers closed slots that are older than what is known about them.
type staleness struct {
	states []ledger.SlotState
	spans  []account.Span
	why    why
}

// since adds the slots that overlap a span and were last changed before an
// instant. Knowledge is of years of short spans, so it looks at no other slots.
func (s *staleness) since(span account.Span, knownAt time.Time) {
	first := sort.Search(len(s.states), func(i int) bool { return s.states[i].Slot.To.After(span.From) })
	for _, state := range s.states[first:] {
		if !state.Slot.From.Before(span.To) {
			return
		}
		if state.KnownAt.Before(knownAt) {
			s.spans = append(s.spans, state.Slot)
		}
	}
}

func (s *staleness) all() account.Span {
	return account.Span{From: s.states[0].Slot.From, To: s.states[len(s.states)-1].Slot.To}
}

func (d *Driver) staleMethod(ctx context.Context, s *staleness) error {
	s.why = why{ledger.ReasonMethod, "another method"}
	var newest time.Time
	for m, err := range d.Store.Methods(ctx) {
		if err != nil {
			return err
		}
		newest = m.KnownAt
	}
	s.since(s.all(), newest)
	return nil
}

// The newest KnownAt of all slots bounds what has to be looked at closely: what
// was known before the oldest change of any slot is in all of them.
func (s *staleness) oldestChange() time.Time {
	oldest := s.states[0].KnownAt
	for _, state := range s.states {
		if state.KnownAt.Before(oldest) {
			oldest = state.KnownAt
		}
	}
	return oldest
}

func (d *Driver) staleHoldings(ctx context.Context, s *staleness) error {
	s.why = why{ledger.ReasonHolding, "holdings of a former run"}
	oldest := s.oldestChange()
	revisions := map[string][]account.Holding{}
	for h, err := range d.Store.Holdings(ctx, s.all(), time.Time{}) {
		if err != nil {
			return err
		}
		revisions[h.ID] = append(revisions[h.ID], h)
	}
	for _, id := range slices.Sorted(maps.Keys(revisions)) {
		before := account.Holding{Withdrawn: true}
		slices.SortFunc(revisions[id], func(a, b account.Holding) int { return a.KnownAt.Compare(b.KnownAt) })
		for _, h := range revisions[id] {
			if !h.KnownAt.Before(oldest) {
				for _, span := range h.Changed(before) {
					s.since(span, h.KnownAt)
				}
			}
			before = h
		}
	}
	return nil
}

func (d *Driver) staleIntensities(ctx context.Context, s *staleness) error {
	s.why = why{ledger.ReasonIntensity, "intensities of a former run"}
	oldest := s.oldestChange()
	for v, err := range d.Store.Intensities(ctx, s.all(), time.Time{}) {
		if err != nil {
			return err
		}
		if v.KnownAt.After(oldest) {
			s.since(v.Span, v.KnownAt)
		}
	}
	return nil
}

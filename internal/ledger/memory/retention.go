package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Pin implements [ledger.Retention].
func (s *Store) Pin(ctx context.Context, p ledger.Pin) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	p.Span, p.Since = account.NewSpan(p.Span.From, p.Span.To), account.Instant(p.Since)
	at, known := slices.BinarySearchFunc(s.pins, p.Name, func(p ledger.Pin, name string) int { return cmp.Compare(p.Name, name) })
	switch {
	case !known:
		s.pins = slices.Insert(s.pins, at, p)
	case s.pins[at].Span != p.Span:
		return fmt.Errorf("%w: %q pins %v already", ledger.ErrInvalid, p.Name, s.pins[at].Span)
	}
	return nil
}

// Pins implements [ledger.Retention].
func (s *Store) Pins(ctx context.Context) ([]ledger.Pin, error) {
	if err := s.rlock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.RUnlock()
	return slices.Clone(s.pins), nil
}

// DropFacts implements [ledger.Retention].
func (s *Store) DropFacts(ctx context.Context, until time.Time, limit int) (int, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	dropped := 0
	for _, key := range s.order {
		one := s.slots[key]
		if dropped >= limit || one.state.Slot.To.After(until) {
			break
		}
		if s.pinned(one.state.Slot) || !slices.ContainsFunc(one.batches, func(p packedBatch) bool { return p.facts != nil }) {
			continue
		}
		without := *one // readers may have the slot
		without.state.Forgotten = true
		without.batches = nil
		for _, p := range one.batches {
			without.batches = append(without.batches, packedBatch{knownAt: p.knownAt})
		}
		s.slots[key] = &without
		dropped++
	}
	return dropped, nil
}

func (s *Store) pinned(slot account.Span) bool {
	return slices.ContainsFunc(s.pins, func(p ledger.Pin) bool { return !p.Span.Overlap(slot).IsEmpty() })
}

// Claim implements [ledger.Leases]: the process that has the memory has
// everything.
func (s *Store) Claim(ctx context.Context, _ string, _ time.Duration) (ledger.Grant, error) {
	if err := s.rlock(ctx); err != nil {
		return ledger.Grant{}, err
	}
	s.mu.RUnlock()
	return ledger.Grant{Held: true}, nil
}

// Release implements [ledger.Leases].
func (s *Store) Release(ctx context.Context, _ string) error {
	_, err := s.Claim(ctx, "", 0)
	return err
}

// Leases implements [ledger.Leases].
func (s *Store) Leases(ctx context.Context) ([]ledger.Lease, error) {
	_, err := s.Claim(ctx, "", 0)
	return nil, err
}

package memory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// intensityKey is what revisions of one intensity have in common.
type intensityKey struct {
	region, source string
	span           account.Span
	kind           account.IntensityKind
}

// PutIntensities implements [ledger.Intensities].
func (s *Store) PutIntensities(ctx context.Context, values []account.Intensity) ([]account.Intensity, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	pending := map[intensityKey]account.Intensity{}
	var added []account.Intensity
	for _, v := range values {
		if err := ledger.ValidIntensity(v); err != nil {
			return nil, err
		}
		v.Span, v.KnownAt = account.NewSpan(v.Span.From, v.Span.To), account.Instant(v.KnownAt)
		key := intensityKey{v.Region, v.Source, v.Span, v.Kind}
		old, ok := pending[key]
		if !ok {
			old, ok = s.newestIntensity[key]
		}
		if ok && old.SameAs(v) {
			continue
		}
		if err := ledger.CheckOrder(fmt.Sprintf("intensity of %q by %q", v.Region, v.Source), v.KnownAt, old.KnownAt); err != nil {
			return nil, err
		}
		pending[key] = v
		added = append(added, v)
	}
	slices.SortFunc(added, account.Intensity.Compare)
	for _, v := range added {
		s.newestIntensity[intensityKey{v.Region, v.Source, v.Span, v.Kind}] = v
		s.noteTime(v.KnownAt)
	}
	s.intensities = append(s.intensities, added...)
	slices.SortFunc(s.intensities, account.Intensity.Compare)
	return added, nil
}

// Intensities implements [ledger.Intensities].
func (s *Store) Intensities(ctx context.Context, span account.Span, at time.Time) iter.Seq2[account.Intensity, error] {
	return stream(ctx, s, func() ([]account.Intensity, error) {
		var out []account.Intensity
		for _, v := range s.intensities {
			if !v.Span.Overlap(span).IsEmpty() && (at.IsZero() || !v.KnownAt.After(at)) {
				out = append(out, v)
			}
		}
		return out, nil
	}, itself)
}

// PutHoldings implements [ledger.Holdings].
func (s *Store) PutHoldings(ctx context.Context, revisions []account.Holding) ([]account.Holding, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	pending := map[string]account.Holding{}
	var added []account.Holding
	for _, h := range revisions {
		old, ok := pending[h.ID]
		if !ok {
			old, ok = s.newest[h.ID]
		}
		if err := ledger.ValidHolding(h); err != nil {
			return nil, err
		}
		if ok && old.SameAs(h) {
			continue
		}
		if err := ledger.CheckOrder(fmt.Sprintf("holding %q", h.ID), h.KnownAt, old.KnownAt); err != nil {
			return nil, err
		}
		h = h.Clone()
		pending[h.ID] = h
		added = append(added, h)
	}
	for _, h := range added {
		s.newest[h.ID] = h
		s.noteTime(h.KnownAt)
	}
	s.holdings = append(s.holdings, cloneHoldings(added)...)
	slices.SortStableFunc(s.holdings, account.Holding.Compare)
	return added, nil
}

func cloneHoldings(hs []account.Holding) []account.Holding {
	out := make([]account.Holding, len(hs))
	for i, h := range hs {
		out[i] = h.Clone()
	}
	return out
}

// Holdings implements [ledger.Holdings].
func (s *Store) Holdings(ctx context.Context, span account.Span, at time.Time) iter.Seq2[account.Holding, error] {
	return stream(ctx, s, func() ([]account.Holding, error) {
		touches := map[string]bool{}
		for _, h := range s.holdings {
			if !h.Span().Overlap(span).IsEmpty() {
				touches[h.ID] = true
			}
		}
		var out []account.Holding
		for _, h := range s.holdings {
			if touches[h.ID] && (at.IsZero() || !h.KnownAt.After(at)) {
				out = append(out, h.Clone())
			}
		}
		return out, nil
	}, itself)
}

// PutMethod implements [ledger.Methods].
func (s *Store) PutMethod(ctx context.Context, m ledger.MethodRecord) (bool, error) {
	if err := m.Method.Validate(); err != nil {
		return false, fmt.Errorf("%w: %w", ledger.ErrInvalid, err)
	}
	text, err := ledger.EncodeMethod(m.Method)
	if err != nil {
		return false, err
	}
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	if n := len(s.methods); n > 0 {
		if bytes.Equal(s.methods[n-1].text, text) {
			return false, nil
		}
		if err := ledger.CheckOrder("method", m.KnownAt, s.methods[n-1].knownAt); err != nil {
			return false, err
		}
	}
	s.methods = append(s.methods, method{account.Instant(m.KnownAt), text})
	s.noteTime(account.Instant(m.KnownAt))
	return true, nil
}

// method is a method in its JSON form, which shares nothing with its caller's.
type method struct {
	knownAt time.Time
	text    []byte
}

// Methods implements [ledger.Methods].
func (s *Store) Methods(ctx context.Context) iter.Seq2[ledger.MethodRecord, error] {
	return stream(ctx, s, func() ([]ledger.MethodRecord, error) {
		out := make([]ledger.MethodRecord, len(s.methods))
		for i, m := range s.methods {
			out[i].KnownAt = m.knownAt
			if err := json.Unmarshal(m.text, &out[i].Method); err != nil {
				return nil, fmt.Errorf("method of %v: %w", m.knownAt, err)
			}
		}
		return out, nil
	}, itself)
}

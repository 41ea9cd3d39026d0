// Package sourcetest is the conformance suite of [source.Source]: every sentence
// of the port's contract as a test. An adapter's test calls [Run].
package sourcetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Harness is a source with known content.
type Harness struct {
	Source source.Source
	Grid   account.Grid
	// Span is at least three whole slots with facts in each.
	Span account.Span
	// Nothing is whole slots in which nothing was seen but of which the source
	// would know; empty when there are none.
	Nothing account.Span
	// Gone is whole slots of which the source keeps nothing; empty when there
	// are none.
	Gone account.Span
	// Broken is a source that cannot be reached, nil when the adapter reaches
	// for nothing.
	Broken source.Source
}

// Run runs the suite. A source that is not replayable gets the tests that read
// each slot once.
func Run(t *testing.T, h Harness) {
	t.Helper()
	t.Run("info", func(t *testing.T) { testInfo(t, h) })
	t.Run("readings", func(t *testing.T) { testReadings(t, h) })
	if h.Source.Info().Replayable {
		t.Run("same again", func(t *testing.T) { testAgain(t, h) })
		t.Run("slot by slot", func(t *testing.T) { testSlotBySlot(t, h) })
		t.Run("cuts", func(t *testing.T) { testCuts(t, h) })
		t.Run("breaking off", func(t *testing.T) { testBreak(t, h) })
	}
	t.Run("nothing seen", func(t *testing.T) { testNothing(t, h) })
	t.Run("gone", func(t *testing.T) { testGone(t, h) })
	t.Run("invalid request", func(t *testing.T) { testInvalid(t, h) })
	t.Run("unavailable", func(t *testing.T) { testUnavailable(t, h) })
	t.Run("cancelled context", func(t *testing.T) { testCancelled(t, h) })
}

func read(t *testing.T, h Harness, span account.Span, cuts map[string][]time.Time) []source.Reading {
	t.Helper()
	var out []source.Reading
	for r, err := range h.Source.Read(t.Context(), source.Request{Span: span, Grid: h.Grid, Cuts: cuts}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// fail reads and returns the error at the end.
func fail(ctx context.Context, s source.Source, r source.Request) (readings int, err error) {
	for _, e := range s.Read(ctx, r) {
		if err = e; err != nil {
			return readings, err
		}
		readings++
	}
	return readings, nil
}

func diff(want, got []source.Reading) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b account.Labels) bool { return a == b }))
}

func testInfo(t *testing.T, h Harness) {
	if info := h.Source.Info(); info.Name == "" || info != h.Source.Info() {
		t.Errorf("info %+v: a constant name is needed", info)
	}
}

func testReadings(t *testing.T, h Harness) {
	readings := read(t, h, h.Span, nil)
	slots := slices.Collect(h.Grid.Slots(h.Span))
	if len(readings) != len(slots) || len(slots) < 3 {
		t.Fatalf("%d readings of %d slots; the harness promises at least 3", len(readings), len(slots))
	}
	for i, r := range readings {
		b := r.Facts
		if b.Slot != slots[i] {
			t.Errorf("reading %d is of slot %v, want %v", i, b.Slot, slots[i])
		}
		if err := b.Validate(); err != nil {
			t.Error(err)
		}
		if len(b.Facts) == 0 {
			t.Errorf("slot %v has no facts", b.Slot)
		}
		if !b.KnownAt.IsZero() {
			t.Errorf("slot %v: KnownAt is the ledger's to set", b.Slot)
		}
		for _, o := range b.Origins {
			if o.Source != h.Source.Info().Name || o.Method == "" {
				t.Errorf("slot %v: origin %+v needs the source's name and a method", b.Slot, o)
			}
		}
	}
}

func testAgain(t *testing.T, h Harness) {
	first := read(t, h, h.Span, nil)
	if d := diff(first, read(t, h, h.Span, nil)); d != "" {
		t.Errorf("read again (-first +second):\n%s", d)
	}
	want := read(t, h, h.Span, nil)
	clear(first[0].Facts.Facts) // the caller's to change
	if d := diff(want, read(t, h, h.Span, nil)); d != "" {
		t.Errorf("after the caller changed a reading:\n%s", d)
	}
}

func testSlotBySlot(t *testing.T, h Harness) {
	whole := read(t, h, h.Span, nil)
	var single []source.Reading
	for slot := range h.Grid.Slots(h.Span) {
		single = append(single, read(t, h, slot, nil)...)
	}
	for i := range whole { // warnings are of all that was read together
		whole[i].Warnings, single[i].Warnings = nil, nil
	}
	if d := diff(whole, single); d != "" {
		t.Errorf("(-together +slot by slot):\n%s", d)
	}
}

// testCuts cuts every host at odd instants: the facts end there and sum to the
// same. Services, which nobody holds, are not cut.
func testCuts(t *testing.T, h Harness) {
	plain := read(t, h, h.Span, nil)
	cuts := map[string][]time.Time{}
	hosts := false
	for _, r := range plain {
		for i, s := range r.Facts.Subjects {
			hosts = hosts || !s.Kind.IsScored()
			cuts[s.Host] = append(cuts[s.Host], r.Facts.Slot.From.Add(time.Duration(i*i+61)*time.Second),
				r.Facts.Slot.From) // a cut at an edge changes nothing
		}
	}
	for i, r := range read(t, h, h.Span, cuts) {
		if cut := len(r.Facts.Facts) > len(plain[i].Facts.Facts); cut != hosts {
			t.Errorf("slot %v: %d facts after cutting, %d before", r.Facts.Slot, len(r.Facts.Facts), len(plain[i].Facts.Facts))
		}
		joined := joinCuts(r.Facts)
		if d := cmp.Diff(plain[i].Facts.Facts, joined); d != "" {
			t.Errorf("slot %v (-whole +cut and joined):\n%s", r.Facts.Slot, d)
		}
	}
}

// joinCuts adds up the facts of each subject.
func joinCuts(b *account.Batch) []account.Fact {
	var out []account.Fact
	for facts := range b.BySubject() {
		sum := facts[0]
		for _, f := range facts[1:] {
			sum.To = f.To
			sum.Busy += f.Busy
			sum.Idle += f.Idle
			sum.Observed += f.Observed
			sum.Expected += f.Expected
			sum.Bridged += f.Bridged
			sum.Measured += f.Measured
			sum.Metered += f.Metered
			sum.Scored += f.Scored
		}
		out = append(out, sum)
	}
	return out
}

func testBreak(t *testing.T, h Harness) {
	for range 20 {
		for _, err := range h.Source.Read(t.Context(), source.Request{Span: h.Span, Grid: h.Grid}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
}

func testNothing(t *testing.T, h Harness) {
	if h.Nothing.IsEmpty() {
		return
	}
	readings := read(t, h, h.Nothing, nil)
	if want := len(slices.Collect(h.Grid.Slots(h.Nothing))); len(readings) != want {
		t.Errorf("%d readings, want %d without facts", len(readings), want)
	}
	for _, r := range readings {
		if len(r.Facts.Facts) != 0 {
			t.Errorf("slot %v has %d facts", r.Facts.Slot, len(r.Facts.Facts))
		}
	}
}

func testGone(t *testing.T, h Harness) {
	if h.Gone.IsEmpty() {
		return
	}
	n, err := fail(t.Context(), h.Source, source.Request{Span: h.Gone, Grid: h.Grid})
	if !errors.Is(err, source.ErrGone) || n != 0 {
		t.Errorf("%d readings, %v; want ErrGone", n, err)
	}
}

func testInvalid(t *testing.T, h Harness) {
	for name, r := range map[string]source.Request{
		"empty":      {Span: account.Span{From: h.Span.From, To: h.Span.From}, Grid: h.Grid},
		"not a slot": {Span: account.Span{From: h.Span.From.Add(time.Second), To: h.Span.To}, Grid: h.Grid},
		"no grid":    {Span: h.Span},
	} {
		if n, err := fail(t.Context(), h.Source, r); !errors.Is(err, source.ErrRequest) || n != 0 {
			t.Errorf("%s: %d readings, %v; want ErrRequest", name, n, err)
		}
	}
}

func testUnavailable(t *testing.T, h Harness) {
	if h.Broken == nil {
		return
	}
	n, err := fail(t.Context(), h.Broken, source.Request{Span: h.Span, Grid: h.Grid})
	if !errors.Is(err, source.ErrUnavailable) || n != 0 {
		t.Errorf("%d readings, %v; want ErrUnavailable and no reading", n, err)
	}
}

func testCancelled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := fail(ctx, h.Source, source.Request{Span: h.Span, Grid: h.Grid}); !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("%d readings, %v; want the context's error", n, err)
	}
}

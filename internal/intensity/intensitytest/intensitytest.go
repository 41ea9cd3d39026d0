// Package intensitytest is the conformance suite of [intensity.Source]: every
// sentence of the port's contract as a test. An adapter's test calls [Run].
package intensitytest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
)

// Harness is a source with known content.
type Harness struct {
	Source intensity.Source
	// Region has values; Unknown is a region that the source does not have.
	Region, Unknown string
	// Span is one in which Region has at least two values, so that it can be cut
	// into halves.
	Span account.Span
	// Nothing is a span of which the source knows nothing; empty when there is
	// no such span.
	Nothing account.Span
	// Broken is a source that cannot be reached, nil when the adapter reaches
	// for nothing.
	Broken intensity.Source
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Harness){
		"info":              testInfo,
		"values":            testValues,
		"halves":            testHalves,
		"empty span":        testEmptySpan,
		"knowing nothing":   testNothing,
		"unknown region":    testRegion,
		"unavailable":       testUnavailable,
		"cancelled context": testCancelled,
		"ownership":         testOwnership,
		"concurrent use":    testConcurrent,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, h)
		})
	}
}

func fetch(t *testing.T, h Harness, span account.Span) []account.Intensity {
	t.Helper()
	values, err := h.Source.Fetch(t.Context(), h.Region, span)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func testInfo(t *testing.T, h Harness) {
	info := h.Source.Info()
	if info.Name == "" || info.Accounting.Scope == "" || info.Accounting.Approach == "" {
		t.Errorf("info %+v: a name and an accounting are needed", info)
	}
	if info != h.Source.Info() {
		t.Error("info changes")
	}
}

func testValues(t *testing.T, h Harness) {
	values, info := fetch(t, h, h.Span), h.Source.Info()
	if len(values) < 2 {
		t.Fatalf("the harness promises at least two values in %v, got %d", h.Span, len(values))
	}
	if !slices.IsSortedFunc(values, account.Intensity.Compare) {
		t.Error("values are not in canonical order")
	}
	ends := map[account.IntensityKind]time.Time{}
	for _, v := range values {
		switch {
		case v.Region != h.Region || v.Source != info.Name || v.Accounting != info.Accounting:
			t.Errorf("%+v: not of region %q and source %+v", v, h.Region, info)
		case !v.KnownAt.IsZero():
			t.Errorf("%+v: KnownAt is the ledger's to set", v)
		case v.Value < 0 || v.Span.IsEmpty() || v.Span.Overlap(h.Span).IsEmpty():
			t.Errorf("%+v: a value of at least 0 and a span that overlaps %v are needed", v, h.Span)
		case v.Span != account.NewSpan(v.Span.From, v.Span.To):
			t.Errorf("%v: not UTC or not whole microseconds", v.Span)
		case v.Span.From.Before(ends[v.Kind]):
			t.Errorf("%v: overlaps another of kind %v", v.Span, v.Kind)
		}
		ends[v.Kind] = v.Span.To
	}
}

// testHalves asks for the span in two halves, cut anywhere: nothing is lost, and
// only values that cross the cut come twice.
func testHalves(t *testing.T, h Harness) {
	whole := fetch(t, h, h.Span)
	for _, part := range []int64{2, 3, 7} {
		cut := h.Span.From.Add(h.Span.Duration() / time.Duration(part)).Truncate(time.Second)
		both := append(fetch(t, h, account.Span{From: h.Span.From, To: cut}), fetch(t, h, account.Span{From: cut, To: h.Span.To})...)
		slices.SortFunc(both, account.Intensity.Compare)
		both = slices.CompactFunc(both, func(a, b account.Intensity) bool { return a == b })
		if diff := cmp.Diff(whole, both); diff != "" {
			t.Errorf("cut at %v (-whole +halves):\n%s", cut, diff)
		}
	}
}

func testEmptySpan(t *testing.T, h Harness) {
	for _, s := range []account.Span{{From: h.Span.From, To: h.Span.From}, {From: h.Span.To, To: h.Span.From}} {
		if values := fetch(t, h, s); len(values) != 0 {
			t.Errorf("%v: %v, want nothing", s, values)
		}
	}
}

func testNothing(t *testing.T, h Harness) {
	if values := fetch(t, h, h.Nothing); len(values) != 0 {
		t.Errorf("%v: %v, want nothing", h.Nothing, values)
	}
}

func testRegion(t *testing.T, h Harness) {
	values, err := h.Source.Fetch(t.Context(), h.Unknown, h.Span)
	if !errors.Is(err, intensity.ErrRegion) || len(values) != 0 {
		t.Errorf("region %q: %v, %v; want ErrRegion", h.Unknown, values, err)
	}
}

func testUnavailable(t *testing.T, h Harness) {
	if h.Broken == nil {
		return
	}
	values, err := h.Broken.Fetch(t.Context(), h.Region, h.Span)
	if !errors.Is(err, intensity.ErrUnavailable) || len(values) != 0 {
		t.Errorf("%v, %v; want ErrUnavailable and no values", values, err)
	}
}

func testCancelled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Source.Fetch(ctx, h.Region, h.Span); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}

func testOwnership(t *testing.T, h Harness) {
	first := fetch(t, h, h.Span)
	want := slices.Clone(first)
	clear(first)
	if diff := cmp.Diff(want, fetch(t, h, h.Span)); diff != "" {
		t.Errorf("after the caller changed a result:\n%s", diff)
	}
}

func testConcurrent(t *testing.T, h Harness) {
	want := fetch(t, h, h.Span)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := h.Source.Fetch(t.Context(), h.Region, h.Span)
			if err != nil || !cmp.Equal(got, want) {
				t.Errorf("%d values, %v; want %d", len(got), err, len(want))
			}
		})
	}
	wg.Wait()
}

// Package metertest is the conformance suite of [meter.Source]: every sentence of the
// port's contract as a test. An adapter's test calls [Run].
package metertest

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
)

// Harness is a source with known content.
type Harness struct {
	Source meter.Source
	// Step lets the meter go on measuring for a time, after which it has newer samples.
	// Nil when it does so by itself.
	Step func()
	// Partly is a source of which some can be had and some cannot, nil when there is
	// no such thing.
	Partly meter.Source
	// Unavailable cannot be reached; Invalid answers what no meter does.
	Unavailable, Invalid meter.Source
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	t.Run("info", func(t *testing.T) { testInfo(t, h) })
	t.Run("samples", func(t *testing.T) { testSamples(t, h) })
	t.Run("newer samples", func(t *testing.T) { testNewer(t, h) })
	t.Run("errors", func(t *testing.T) { testErrors(t, h) })
	t.Run("cancelled context", func(t *testing.T) { testCancelled(t, h) })
	t.Run("concurrent use", func(t *testing.T) { testConcurrent(t, h) })
}

func testInfo(t *testing.T, h Harness) {
	info := h.Source.Info()
	if err := info.Validate(); err != nil {
		t.Error(err)
	}
	if !reflect.DeepEqual(info, h.Source.Info()) {
		t.Error("info changes")
	}
}

// read returns samples that keep the contract.
func read(t *testing.T, s meter.Source, after time.Time) []meter.Sample {
	t.Helper()
	samples, err := s.Read(t.Context(), after)
	if err != nil {
		t.Fatal(err)
	}
	check(t, s, samples)
	return samples
}

func check(t *testing.T, s meter.Source, samples []meter.Sample) {
	t.Helper()
	type key struct {
		target int
		series string
		at     int64
	}
	seen := map[key]bool{}
	for _, x := range samples {
		k := key{x.Target, x.Series, x.At.UnixNano()}
		switch {
		case x.Target < 0 || x.Target >= len(s.Info().Targets):
			t.Errorf("%+v: there is no such target", x)
		case x.At.IsZero() || x.At.After(time.Now().Add(time.Minute)):
			t.Errorf("%+v: not of now or before", x)
		case math.IsNaN(x.Value) || math.IsInf(x.Value, 0) || x.Value < 0:
			t.Errorf("%+v: a finite value of at least 0 is needed", x)
		case seen[k]:
			t.Errorf("%+v: a series has two samples of one time", x)
		}
		seen[k] = true
	}
}

func testSamples(t *testing.T, h Harness) {
	samples := read(t, h.Source, time.Now().Add(-time.Hour))
	for target := range h.Source.Info().Targets {
		if !slices.ContainsFunc(samples, func(s meter.Sample) bool { return s.Target == target }) {
			t.Errorf("target %d has no sample", target)
		}
	}
	before := slices.Clone(samples)
	clear(samples)
	if len(read(t, h.Source, time.Now().Add(-time.Hour))) < len(before) {
		t.Error("samples are gone after the caller changed a result")
	}
}

// testNewer reads on from the newest sample: there is a newer one of each series, and
// a counter has not gone down.
func testNewer(t *testing.T, h Harness) {
	first := read(t, h.Source, time.Now().Add(-time.Hour))
	var newest time.Time
	last := map[[2]any]meter.Sample{}
	for _, s := range first {
		last[[2]any{s.Target, s.Series}] = s
		if s.At.After(newest) {
			newest = s.At
		}
	}
	if h.Step != nil {
		h.Step()
	}
	newer := 0
	for _, s := range read(t, h.Source, newest) {
		old, ok := last[[2]any{s.Target, s.Series}]
		switch {
		case !ok:
		case old.Kind != s.Kind:
			t.Errorf("%+v: was %+v", s, old)
		case s.At.After(old.At):
			newer++
			if s.Kind == meter.Counter && s.Value < old.Value {
				t.Errorf("%+v: the counter was %v", s, old.Value)
			}
		}
	}
	if newer == 0 {
		t.Error("no series goes on: is its name the same each time?")
	}
}

func testErrors(t *testing.T, h Harness) {
	for _, c := range []struct {
		name   string
		source meter.Source
		want   error
	}{{"unavailable", h.Unavailable, meter.ErrUnavailable}, {"invalid", h.Invalid, meter.ErrReply}} {
		if samples, err := c.source.Read(t.Context(), time.Now()); !errors.Is(err, c.want) || len(samples) != 0 {
			t.Errorf("%s: %v, %v; want %v and no samples", c.name, samples, err, c.want)
		}
	}
	if h.Partly == nil {
		return
	}
	samples, err := h.Partly.Read(t.Context(), time.Now().Add(-time.Hour))
	if err == nil || len(samples) == 0 {
		t.Errorf("partly: %d samples, %v; want some and an error", len(samples), err)
	}
	check(t, h.Partly, samples)
}

func testCancelled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Source.Read(ctx, time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}

func testConcurrent(t *testing.T, h Harness) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			samples, err := h.Source.Read(t.Context(), time.Now().Add(-time.Hour))
			if err != nil {
				t.Error(err)
			}
			check(t, h.Source, samples)
		})
	}
	wg.Wait()
}

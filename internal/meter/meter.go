// Package meter is the port to energy meters that measure services: what a process,
// a container, a chassis or an instance used, and which services share that. The
// suite in metertest proves an adapter.
//
//	[Source] ── samples ──▶ [Recorder] ── energy by time ──▶ readings of a window
//
// The fact that a reader would get wrong: a reading is not what was measured while
// a window was open. Spans come some seconds after they began, so the readings of
// a window end a little before it does, and what was measured since then belongs
// to the next one. All energy is given once, whether or not there was an operation.
package meter

import (
	"context"
	"errors"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/window"
)

var (
	// ErrUnavailable reports a meter that cannot be reached now, or refuses.
	ErrUnavailable = errors.New("meter is not available")
	// ErrReply reports an answer that is not what the meter documents.
	ErrReply = errors.New("meter gave an invalid answer")
)

// Info says what a source is.
type Info struct {
	// Name is how messages call it.
	Name string
	// Energy is what its readings are called in windows.
	Energy window.Energy
	// Targets are what it measures: for each the services that share its energy.
	// Case does not matter in them. Targets that have a service in common are
	// measured together.
	Targets [][]string
	// Every is how often it is asked, and the time over which operations share what
	// was measured; whole seconds.
	Every time.Duration
	// Notes say what its readings rest on that is not measured and not given either.
	Notes []string
}

// Kind says what the value of a sample is.
type Kind uint8

const (
	// Counter is energy in joules since some time in the past. It may begin again.
	Counter Kind = iota
	// Power is in watts: the mean since the sample before.
	Power
)

// Sample is what a meter shows of a target at a time.
type Sample struct {
	// Target is the index in [Info.Targets].
	Target int
	// Series tells the counters or gauges of one source apart.
	Series string
	Kind   Kind
	At     time.Time
	// Value is finite and at least 0.
	Value float64
}

// Source reads a meter. Its methods may be called from several goroutines.
type Source interface {
	// Info returns what the source is; always the same.
	Info() Info
	// Read returns the samples after an instant that the meter still has: of some only
	// the one of now. No series has two of one time. What could not be had is told by
	// an error beside the samples that could; it wraps [ErrUnavailable] or [ErrReply],
	// or is that of the context. A target of which the meter shows nothing has no
	// samples; that is no error. The caller may change the result.
	Read(ctx context.Context, after time.Time) ([]Sample, error)
}

// The longest name of a service, in bytes, and the most targets of a source.
const (
	maxName    = 256
	maxTargets = 4096
)

// Validate returns all that is wrong with what a source says of itself, as a
// [diag.List].
func (i Info) Validate() error {
	var list diag.List
	wrong := func(is bool, format string, args ...any) {
		if is {
			list = append(list, diag.New("", format, args...))
		}
	}
	wrong(i.Name == "", "name: required")
	wrong(!i.Energy.Measured(), "%s: %v is no source of measured energy", i.Name, i.Energy)
	wrong(i.Every < time.Second || i.Every > time.Hour || i.Every%time.Second != 0,
		"every: %v: whole seconds from 1s to 1h", i.Every)
	wrong(len(i.Targets) == 0 || len(i.Targets) > maxTargets, "targets: %d: from 1 to %d", len(i.Targets), maxTargets)
	for n, services := range i.Targets {
		wrong(len(services) == 0, "targets[%d].services: required", n)
		for _, name := range services {
			wrong(!isName(name), "targets[%d].services: %q: 1 to %d bytes without control characters", n, name, maxName)
		}
	}
	return list.Err()
}

// isName reports whether a text can be the name of a service.
func isName(name string) bool {
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return name != "" && len(name) <= maxName
}

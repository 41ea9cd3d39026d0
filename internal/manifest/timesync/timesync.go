// Package timesync puts a component's observations on a grid of equal time
// steps, so that components can be added up step by step.
//
// There are two ways. [Exact] gives each step the part of each observation that
// lies in it. [Samples] gives what Impact Framework 1.1.0 does: its samples by the
// second, with what is wrong about them, to the last bit. What a reader would get
// wrong: neither makes samples; the second folds them run by run.
package timesync

import (
	"errors"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// MaxSteps is how many steps a grid may have: above it the result alone would
// fill the memory of most machines. The caller checks it.
const MaxSteps = 50_000_000

// Grid is the time steps that are asked for.
type Grid struct {
	Start, End int64   // ms since 1970-01-01 UTC, Start before End
	Interval   float64 // s; for [Exact] positive and of whole milliseconds
	// Padding allows time before the first and after the last observation.
	Padding bool
	// Resolution is how far apart the samples of [Samples] are, in s, from 1 on.
	Resolution float64
}

// Input is the observations of a component: at least one.
type Input struct {
	Rows      *frame.Frame
	Begins    []int64   // of the rows, in ms since 1970-01-01 UTC
	Durations []float64 // of the rows, in s
	Columns   []Column  // what to do with each of the rows' columns
}

// Column says what to do with a column.
type Column struct {
	Role   Role
	Method metric.Method // of a metric, over time
}

// Role is what a column holds.
type Role uint8

// The roles of columns. Reserved is time-reserved, which in what Impact Framework
// fills in is the length of the sample.
const (
	Metric Role = iota
	Timestamp
	Duration
	Reserved
)

// Report says of a result what is not covered by observations, and where Impact
// Framework's differs.
type Report struct {
	// Missing says how much of the time asked for no observation covers, "" if
	// that is none.
	Missing string
	// Partial is how many results are null because some, not all, of the
	// observations in a step have no value.
	Partial int
	// ShortGaps is true if there are gaps of a second or less.
	ShortGaps bool
	// BeyondEnd is true if the observations last beyond the grid's end.
	BeyondEnd bool
}

// pads reports at which edges of the grid there are no observations, given when
// the first begins and the last ends.
func (g Grid) pads(first int64, last float64) (start, end bool, err error) {
	start, end = first > g.Start, last < float64(g.End)
	if g.Padding || !start && !end {
		return start, end, nil
	}
	where := "start and end"
	if !start {
		where = "end"
	} else if !end {
		where = "start"
	}
	return start, end, diag.New("InvalidPaddingError", "Avoiding padding at %s", where).
		WithHint("the observations last from %s to %s: set start-time and end-time within these, or allow-padding: true",
			isoText(first), isoText(int64(last)))
}

// isoText writes an instant as outputs have it.
func isoText(ms int64) string { return string(value.AppendISO(nil, ms, value.ISOMillis)) }

// asProblem returns the problem that an error of this package is.
func asProblem(err error) *diag.Problem {
	var p *diag.Problem
	errors.As(err, &p)
	return p
}

// plural writes a count of things.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

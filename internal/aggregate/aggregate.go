// Package aggregate adds observations up along time and up a tree.
//
// Horizontal aggregation makes one value of the rows of a component
// (aggregated), vertical aggregation one row of the rows that the parts of a
// group have at the same time step (outputs). Each metric has a method for
// either: sum, avg, copy or none. DESIGN.md beside this file says which number
// comes out and why.
//
// What a reader would get wrong: an average over a tree is over its leaves, not
// a mean of means, so a group hands its parent numerators and denominators and
// not the numbers that it shows.
package aggregate

import "fmt"

// Kind says what is aggregated.
type Kind uint8

// The kinds. Under Horizontal the leaves get aggregated; under Vertical groups
// get outputs and aggregated; under Both all of it.
const (
	Horizontal Kind = 1 << iota
	Vertical
	Both = Horizontal | Vertical
)

// ParseKind reads a kind by its newer or older name: horizontal or time,
// vertical or component, both.
func ParseKind(s string) (Kind, error) {
	switch s {
	case "horizontal", "time":
		return Horizontal, nil
	case "vertical", "component":
		return Vertical, nil
	case "both":
		return Both, nil
	}
	return 0, fmt.Errorf("aggregation type %q: not one of horizontal, time, vertical, component, both", s)
}

// Align says how the time steps of a group's parts are brought together.
type Align uint8

// The alignments. Under Strict all parts must have the same steps. Timestamp
// joins steps that begin at the same time and keeps those that only some parts
// have. Sync cuts the steps of all parts where any part's step begins or ends.
const (
	Strict Align = iota
	Timestamp
	Sync
)

// ParseAlign reads an alignment's name; no name is strict.
func ParseAlign(s string) (Align, error) {
	switch s {
	case "", "strict":
		return Strict, nil
	case "timestamp":
		return Timestamp, nil
	case "sync":
		return Sync, nil
	}
	return 0, fmt.Errorf("aggregation align %q: not one of strict, timestamp, sync", s)
}

// Config is what a manifest says about its aggregation.
type Config struct {
	// Metrics are the names of the metrics, in the order in which results have
	// them.
	Metrics []string
	Kind    Kind
	// Skip names components that are left out of their parent's aggregate: by
	// path (tree.children.g1.children.l2), or by the end of the path of names
	// (g1/l2, l2), which may fit several components.
	Skip  []string
	Align Align
	// Weights gives metrics a weighted average in place of their method: the name
	// of the metric that weighs, over time and components; "duration", over time
	// alone; or "a per b", the ratio of the sums of two metrics.
	Weights map[string]string
}

// Options switch the behaviours of Impact Framework 1.1.0 on, each by the name
// that it has in the table of differences. The zero value is the default.
type Options struct {
	UnknownMetricCopies   bool
	IgnoreSkipComponents  bool
	NoneComponentFails    bool
	FirstChildLength      bool
	UnweightedAverages    bool
	DuplicateMetricsTwice bool
	ParseFloatText        bool
	EmptyInputsFail       bool
}

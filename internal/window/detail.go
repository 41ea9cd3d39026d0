package window

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// DetailSchema is the version of the shape of [Detail].
const DetailSchema = "dendro-window/v1"

// Detail is what the compatible fields have no place for: the member dendro. Its cells
// add up to its totals, and hold the energy of all spans.
type Detail struct {
	// From and To are the window, half-open, in nanoseconds since the Unix epoch; both
	// 0 if nothing in it has a time.
	From, To int64
	// Slot is how long the slots of cells are, in whole seconds.
	Slot  time.Duration
	Spans SpanCounts
	Drops []Drop
	// Coverage is the part of spans that were counted, times the part of the window
	// in which they could be received; 0 to 1.
	Coverage float64
	Total    Total
	Cells    []Cell
	Services []ServiceDetail
	Meters   []Meter
	// Idle is what meters measured in idleness. It adds up to that of Meters and is in no
	// cell.
	Idle []Idle
}

// SpanCounts counts spans.
type SpanCounts struct {
	// Counted are all spans of the window: operations and others.
	Counted, SQL, HTTP, Messaging, Other uint64
	// Undated had no time, Late came after the window of their time was closed, and
	// Folded are in rows of kind other.
	Undated, Late, Folded uint64
}

// Carbon is the energy of spans and the carbon of it.
type Carbon struct {
	// EnergyKWh is all energy, UnknownKWh the part whose carbon is not known.
	EnergyKWh, UnknownKWh float64
	// Operational is the carbon of energy whose intensity is known, in gCO2e. It means
	// nothing if HasCarbon is false: all energy is of unknown carbon.
	Operational float64
	HasCarbon   bool
	// Low and High bound the carbon of all energy, in gCO2e.
	Low, High float64
}

// Total is the sum of a window.
type Total struct {
	Carbon
	// CarbonCoverage is the part of energy whose carbon is known, 0 to 1.
	CarbonCoverage float64
	// Embodied and Transport are in gCO2e and in no cell.
	Embodied, Transport float64
}

// Cell is a service in a region and an environment, in one slot.
type Cell struct {
	// Service is the name, in lower case. Its kind is account, or other for services
	// beyond the limit.
	Service     string
	ServiceKind account.Kind
	// Region is the region, in lower case, or "". Its kind is account, unknown, or other
	// for regions beyond the limit.
	Region      string
	RegionKind  account.Kind
	Environment string
	// Slot is when the slot begins, in nanoseconds since the Unix epoch, or 0 for spans
	// without a time.
	Slot int64
	// Ops are operations, Others spans that are none.
	Ops, Others uint64
	Carbon
	// Intensity (gCO2e/kWh, weighted by energy) and PUE are of what is known.
	Intensity, PUE float64
	EnergyBy       []Part // energy by source
	IntensityBy    []Part // energy by source of the intensity
}

// Part is the energy that has one source.
type Part struct {
	Source string
	KWh    float64
}

// ServiceDetail says what the figures of a service rest on, all regions together.
type ServiceDetail struct {
	Service string
	Kind    account.Kind
	Ops     uint64
	Carbon
	// EnergyShares and IntensityShares are weighted by energy; each adds up to 1, or is
	// empty if there is no energy.
	EnergyShares, IntensityShares []Share
	// Embodied is in gCO2e, nil unless it is divided among services.
	Embodied *float64
}

// Share is the part of energy that has one source, 0 to 1.
type Share struct {
	Source string
	Share  float64
}

// Meter is the sum of what one kind of meter measured: Attributed to services, Idle, and
// Superseded by a better meter.
type Meter struct {
	Source                                           string
	EnergyKWh, AttributedKWh, IdleKWh, SupersededKWh float64
}

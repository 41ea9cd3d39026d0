package scored

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Carbon is energy at the plug, without PUE, and the carbon of it.
type Carbon struct {
	EnergyKWh  float64 `json:"energy_kwh" doc:"At the plug: without PUE"`
	UnknownKWh float64 `json:"unknown_energy_kwh" doc:"The part whose carbon is unknown"`
	// Operational is nil where there is energy and the carbon of none of it is known.
	Operational *float64 `json:"operational_gco2e" doc:"Of the energy whose carbon is known; null if it is of none"`
	Low         float64  `json:"low_gco2e" doc:"Least carbon of all energy, the unknown part included"`
	High        float64  `json:"high_gco2e" doc:"Most carbon of all energy, the unknown part included"`
}

// Share is the part of energy that has one source, 0 to 1.
type Share struct {
	Source string  `json:"source"`
	Share  float64 `json:"share"`
}

// Name is a service or region with its kind: the name of a rest is "".
type Name struct {
	Name string
	Kind account.Kind
}

// Cell is a service in a region, all environments together.
type Cell struct {
	Service Name `json:"-"`
	Region  Name `json:"-"`
	Carbon
	Operations uint64 `json:"operations"`
	OtherSpans uint64 `json:"other_spans"`
	// Intensity and PUE are weighted by energy, nil if no carbon is known.
	Intensity       *float64 `json:"intensity_gco2e_per_kwh"`
	PUE             *float64 `json:"pue"`
	EnergyShares    []Share  `json:"energy_shares" doc:"Energy by what it was measured or modelled by; adds up to 1"`
	IntensityShares []Share  `json:"intensity_shares" doc:"Energy by where the intensity is from; adds up to 1"`
}

// Spans counts spans.
type Spans struct {
	Counted   uint64 `json:"counted" doc:"All spans: operations and others"`
	SQL       uint64 `json:"sql"`
	HTTP      uint64 `json:"http"`
	Messaging uint64 `json:"messaging"`
	Other     uint64 `json:"other" doc:"Spans that are no operations"`
	Undated   uint64 `json:"undated"`
	Late      uint64 `json:"late" doc:"Came after the window of their time was closed"`
	Folded    uint64 `json:"folded" doc:"In rows of kind other, which the caps on names make"`
}

// Drop counts spans that were received and not counted.
type Drop struct {
	Reason string `json:"reason"`
	Spans  uint64 `json:"spans"`
}

// Meter is the sum of what one kind of meter measured.
type Meter struct {
	Source     string  `json:"source"`
	Energy     float64 `json:"energy_kwh" doc:"attributed, idle and superseded together"`
	Attributed float64 `json:"attributed_kwh"`
	Idle       float64 `json:"idle_kwh" doc:"Measured while nothing was served"`
	Superseded float64 `json:"superseded_kwh" doc:"Of services that a better meter measured too"`
	IdleShare  float64 `json:"idle_share"`
}

// Period is the sums of windows.
type Period struct {
	Windows uint64 `json:"windows"`
	// Foreign windows are of programs that write no cells.
	Foreign    uint64 `json:"foreign_windows" doc:"Lines of other programs, without cells"`
	Unreadable uint64 `json:"unreadable_lines,omitempty"`
	Carbon
	Embodied  float64  `json:"embodied_gco2e"`
	Transport float64  `json:"transport_gco2e"`
	Spans     Spans    `json:"spans"`
	Drops     []Drop   `json:"drops"`
	Coverage  *float64 `json:"coverage" doc:"Weighted by the time of windows; null without any"`
	Meters    []Meter  `json:"meters"`
	// Cells are sorted by energy, largest first; they add up to Carbon.
	Cells   []Cell `json:"-"`
	Archive Extent `json:"-"`
}

// Extent says of which time sums are.
type Extent struct {
	Complete bool      `json:"complete"`
	From     time.Time `json:"from" doc:"The sums are of windows from here on"`
	Cut      string    `json:"cut,omitempty" doc:"Why not from the begin"`
}

// Row is a window in a page.
type Row struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Scored time.Time `json:"scored_at"`
	File   string    `json:"file"`
	Number uint64    `json:"number" doc:"Of the file in the archive"`
	Seq    uint64    `json:"seq" doc:"Of the line in the file, from 0"`
	Spans  Spans     `json:"spans"`
	Drops  []Drop    `json:"drops"`
	// Coverage is nil in windows of other programs.
	Coverage *float64 `json:"coverage"`
	Carbon
	Services int  `json:"services"`
	Foreign  bool `json:"foreign" doc:"Scored by another program"`
}

// Page is windows, newest first.
type Page struct {
	Windows []Row `json:"windows"`
	// Next is the place before which the next page begins; "" at the end.
	Next     string `json:"next,omitempty" doc:"Give it as before to get the next page"`
	Complete bool   `json:"complete" doc:"false when the search was broken off before the page was full: go on with next"`
}

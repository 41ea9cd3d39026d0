package facility

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/equivalency"
	"github.com/dendro-carbon/dendro/unit"
)

// The decimals of what is shown.
const (
	placesEnergy  = 5
	placesCarbon  = 2
	placesSeconds = 2
)

// number is what is shown, null where nothing is known.
type number = *float64

// rounded returns a number with so many decimals.
func rounded(v float64, places int) number {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', places, 64), 64)
	if err != nil {
		return nil // not a number, which no figure is
	}
	return &r
}

// The words for how much is known of an entry.
const (
	statusNothing = "initialized" // nothing was observed
	statusUse     = "downloaded"  // use and energy; the carbon of some or all is not known
	statusCarbon  = "processed"   // carbon too
	statusOwner   = "complete"    // and whose it was
)

type seconds struct {
	Busy  number `json:"busy_seconds"`
	Idle  number `json:"idle_seconds"`
	Total number `json:"total_seconds"`
}

// totalSeconds has both spellings: those of the documents, then those of the code.
type totalSeconds struct {
	seconds
	OldBusy  number `json:"busy"`
	OldIdle  number `json:"idle"`
	OldTotal number `json:"total"`
}

type parts struct {
	Busy  number `json:"busy"`
	Idle  number `json:"idle"`
	Total number `json:"total"`
}

type userInfo struct {
	User  string  `json:"platform_name"`
	Name  *string `json:"name"`
	Email *string `json:"email"`
	UID   *uid    `json:"uid"`
}

// uid is a number in the documents of platforms, and a text only where it is none.
type uid string

// MarshalJSON writes a whole number as one.
func (u uid) MarshalJSON() ([]byte, error) {
	if n, err := strconv.ParseUint(string(u), 10, 32); err == nil && strconv.FormatUint(n, 10) == string(u) {
		return []byte(u), nil
	}
	return json.Marshal(string(u))
}

// entry is the use of a workspace, or of a group, which has no owner.
type entry struct {
	Workspace string    `json:"workspace_id"`
	Hostname  string    `json:"hostname"`
	Owner     *string   `json:"owner,omitempty"`
	User      *userInfo `json:"user_info,omitempty"`
	CPU       seconds   `json:"cpu_usage"`
	Energy    parts     `json:"energy_kwh"`
	Carbon    parts     `json:"carbon_gco2eq"`
	Intensity number    `json:"carbon_intensity_g_per_kwh"`
	Status    string    `json:"status"`
}

func newEntry(id, host string, f account.Figures) entry {
	e := entry{Workspace: id, Hostname: host, CPU: secondsOf(f), Energy: energyOf(f), Carbon: carbonOf(f), Status: statusOf(f)}
	if f.Intensity != nil {
		e.Intensity = rounded(f.Intensity.GramsPerKWh(), placesCarbon)
	}
	return e
}

func statusOf(f account.Figures) string {
	switch {
	case f.Energy == nil:
		return statusNothing
	case f.Operational == nil, f.CarbonCoverage != nil && *f.CarbonCoverage < unit.One:
		return statusUse
	}
	return statusCarbon
}

func secondsOf(f account.Figures) seconds {
	if f.Busy == nil || f.Idle == nil {
		return seconds{}
	}
	return seconds{
		rounded(f.Busy.Seconds(), placesSeconds), rounded(f.Idle.Seconds(), placesSeconds),
		rounded((*f.Busy + *f.Idle).Seconds(), placesSeconds),
	}
}

func energyOf(f account.Figures) parts {
	if f.Energy == nil || f.BusyEnergy == nil {
		return parts{}
	}
	return parts{
		rounded(f.BusyEnergy.KWh(), placesEnergy), rounded((*f.Energy - *f.BusyEnergy).KWh(), placesEnergy),
		rounded(f.Energy.KWh(), placesEnergy),
	}
}

func carbonOf(f account.Figures) parts {
	if f.Operational == nil || f.BusyOperational == nil {
		return parts{}
	}
	return parts{
		rounded(f.BusyOperational.Grams(), placesCarbon), rounded((*f.Operational - *f.BusyOperational).Grams(), placesCarbon),
		rounded(f.Operational.Grams(), placesCarbon),
	}
}

// summary is the sum of several entries.
type summary struct {
	Workspaces    int            `json:"workspace_count"`
	Complete      int            `json:"complete_count"`
	CPU           totalSeconds   `json:"total_cpu_seconds"`
	Energy        number         `json:"total_energy_kwh"`
	Carbon        number         `json:"total_carbon_gco2eq"`
	Equivalencies *equivalencies `json:"carbon_equivalencies"`
}

func newSummary(workspaces, complete int, f account.Figures) summary {
	cpu := secondsOf(f)
	s := summary{
		Workspaces: workspaces, Complete: complete, CPU: totalSeconds{cpu, cpu.Busy, cpu.Idle, cpu.Total},
		Energy: energyOf(f).Total, Carbon: carbonOf(f).Total,
	}
	if f.Operational != nil {
		s.Equivalencies = compare(*f.Operational, defaultCount, placesCarbon)
	}
	return s
}

// defaultCount is how many equivalencies there are unless asked for.
const defaultCount = 5

type equivalencies struct {
	Total number   `json:"total_gco2eq"`
	Top   pictures `json:"top_equivalencies"`
	// None is there for a mass of zero alone: the code calls it so, the documents
	// as the one above.
	None *struct{} `json:"equivalencies,omitempty"`
}

// compare returns what a mass compares with. The mass itself is shown with so many
// decimals.
func compare(mass unit.Mass, count, places int) *equivalencies {
	e := &equivalencies{Top: equivalency.Of(mass, count)}
	if e.Total = rounded(mass.Grams(), places); mass <= 0 {
		e.Total, e.None = new(float64), &struct{}{}
	}
	return e
}

// pictures are an object whose members come in order, the best first.
type pictures []equivalency.Equivalent

// MarshalJSON implements [json.Marshaler].
func (p pictures) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, e := range p {
		if i > 0 {
			out.WriteByte(',')
		}
		text, err := json.Marshal(struct {
			Value       float64 `json:"value"`
			Unit        string  `json:"unit"`
			Description string  `json:"description"`
		}{e.Rounded(), e.Unit, e.Means})
		if err != nil {
			return nil, err
		}
		out.WriteString(strconv.Quote(e.Name) + ":")
		out.Write(text)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

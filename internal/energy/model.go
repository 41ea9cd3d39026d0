// Package energy turns what a host did into energy: power models, meters, and
// the increments of counters.
//
// A model only ever sees one host and one slot as a whole. Its result is
// rounded once, to the microwatt-hour, and then split into a busy and an idle
// part that sum to it. So the energy of a host does not depend on who held it
// or on where its slot was cut.
package energy

import (
	"errors"
	"fmt"

	"github.com/dendro-carbon/dendro/unit"
)

// ErrModel reports a power model that cannot be used, with the reason.
var ErrModel = errors.New("power model is not valid")

// Per says what the powers of a model are for.
type Per string

const (
	// PerCPU is power per processor as the host counts them, times busy and
	// idle processor time. It is the default.
	PerCPU Per = "cpu"
	// PerHost is power of the whole host, times the time it was observed.
	PerHost Per = "host"
)

// Point is the power at one degree of use, from 0 (idle) to 1 (fully busy).
type Point struct {
	Use   unit.Ratio `json:"use"`
	Power unit.Power `json:"power_w"`
}

// Model is a power curve: power by use, linear between its points. A model with
// busy and idle power is a curve of two points, and one with a thermal design
// power (TDP) a flat one. It is data: configuration, facts and explanations
// carry it as JSON.
type Model struct {
	// Name appears in the basis of every figure that the model gave.
	Name string `json:"name"`
	// Per says whether Curve is per processor or per host; empty is PerCPU.
	Per Per `json:"per,omitempty"`
	// Curve has at least two points, from use 0 to use 1, with rising use and
	// power that does not fall.
	Curve []Point `json:"curve"`
	// PUE multiplies all energy, modelled or metered; 0 means 1.
	PUE unit.Ratio `json:"pue,omitempty"`
}

// BusyIdle returns the model of idle power per idle processor and busy power
// per busy one. The facility default is 12 W and 1 W.
func BusyIdle(busy, idle unit.Power) Model {
	return Model{
		Name:  fmt.Sprintf("busy-idle %s/%s", busy, idle),
		Per:   PerCPU,
		Curve: []Point{{0, idle}, {unit.One, busy}},
	}
}

// TDP returns the model of a constant power per processor, busy or not.
func TDP(power unit.Power) Model {
	return Model{
		Name:  fmt.Sprintf("tdp %s", power),
		Per:   PerCPU,
		Curve: []Point{{0, power}, {unit.One, power}},
	}
}

// Default returns the facility default: 12 W busy, 1 W idle per processor.
func Default() Model { return BusyIdle(12_000_000, 1_000_000) }

// Validate returns an error that wraps [ErrModel] and names the model and what
// is wrong with it.
func (m Model) Validate() error {
	if reason := m.fault(); reason != "" {
		return fmt.Errorf("%w: %q: %s", ErrModel, m.Name, reason)
	}
	return nil
}

func (m Model) fault() string {
	switch {
	case m.Name == "":
		return "it has no name"
	case m.Per != "" && m.Per != PerCPU && m.Per != PerHost:
		return fmt.Sprintf("per %q: use %q or %q", m.Per, PerCPU, PerHost)
	case m.PUE != 0 && m.PUE < unit.One:
		return fmt.Sprintf("a PUE of %s: it cannot be below 1", m.PUE)
	case len(m.Curve) < 2:
		return "its curve needs at least two points"
	case m.Curve[0].Use != 0 || m.Curve[len(m.Curve)-1].Use != unit.One:
		return "its curve must go from use 0 to use 1"
	}
	for i, p := range m.Curve {
		switch {
		case p.Power < 0:
			return fmt.Sprintf("negative power at use %s", p.Use)
		case i > 0 && p.Use <= m.Curve[i-1].Use:
			return fmt.Sprintf("use does not rise at point %d", i+1)
		case i > 0 && p.Power < m.Curve[i-1].Power:
			return fmt.Sprintf("power falls as use rises to %s", p.Use)
		}
	}
	return ""
}

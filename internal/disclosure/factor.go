package disclosure

import (
	"encoding/json"

	"github.com/dendro-carbon/dendro/unit"
)

// Factor is a number, a model or a set of data on which figures rest.
type Factor struct {
	// Name is what it is, and Of what it holds for, such as a region.
	Name string `json:"name"`
	Of   string `json:"of,omitempty"`
	// Value is it, with its unit; from the lowest to the highest of the period if it changes.
	Value string `json:"value,omitempty"`
	// Version is which edition of the data, or which programs with their tables.
	Version string `json:"version,omitempty"`
	// Source is who says so.
	Source string `json:"source,omitempty"`
}

// The names of factors that concern hosts and people, whose Of a public document leaves out.
const (
	FactorPower    = "power model"
	FactorEmbodied = "embodied carbon of hosts"
	FactorPlace    = "place of hosts"
)

// Uncertainty says how the bounds of carbon came to be.
type Uncertainty struct {
	// Method tells it in a sentence.
	Method string `json:"method"`
	// Kinds are the kinds of energy with their factors; none of archives, whose windows say their own
	// bounds.
	Kinds []KindBounds `json:"kinds"`
}

// KindBounds is by how much the carbon of one kind of energy may be lower and higher.
type KindBounds struct {
	Kind   string      `json:"kind"`
	Energy unit.Energy `json:"energy_kwh"`
	Low    json.Number `json:"low_factor"`
	High   json.Number `json:"high_factor"`
	Why    string      `json:"why"`
}

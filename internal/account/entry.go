package account

import "cmp"

// EnergyBasis says how the energy of an entry came to be.
type EnergyBasis string

// The ways to energy.
const (
	EnergyModelled EnergyBasis = "modelled"
	EnergyMeasured EnergyBasis = "measured"
	EnergyPartly   EnergyBasis = "partly measured"
	EnergyScored   EnergyBasis = "scored"
	// EnergyUnseen is that of a host that was held and never seen in the slot:
	// there is no figure.
	EnergyUnseen EnergyBasis = "not observed"
)

// Basis says how an entry's figures came to be. It is comparable, and there are
// few of them: it names methods and sources and not the values of one slot,
// which an explanation looks up.
type Basis struct {
	Origin Origin      `json:"origin"`
	Energy EnergyBasis `json:"energy"`
	// Model is the name of the power model.
	Model string `json:"model,omitempty"`
	// Intensity is what carbon was worked out from. Without a source, no
	// intensity is known and the carbon is a gap.
	Intensity IntensityBasis `json:"intensity"`
	// Policy is the name of the policy that divided the whole.
	Policy string `json:"policy"`
}

// IntensityBasis says where a carbon intensity came from.
type IntensityBasis struct {
	Region     string        `json:"region,omitempty"`
	Source     string        `json:"source,omitempty"`
	Version    string        `json:"version,omitempty"`
	Kind       IntensityKind `json:"kind"`
	Accounting Accounting    `json:"accounting"`
	// Estimated is true for anything but an actual of the first source of the
	// chain.
	Estimated bool `json:"estimated"`
}

// Compare orders bases by their fields.
func (b Basis) Compare(other Basis) int {
	x, y := b.Intensity, other.Intensity
	return cmp.Or(b.Origin.compare(other.Origin), cmp.Compare(b.Energy, other.Energy),
		cmp.Compare(b.Model, other.Model), cmp.Compare(b.Policy, other.Policy),
		cmp.Compare(x.Region, y.Region), cmp.Compare(x.Source, y.Source), cmp.Compare(x.Version, y.Version),
		cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Accounting.Scope, y.Accounting.Scope),
		cmp.Compare(x.Accounting.Approach, y.Accounting.Approach), compareBool(x.Estimated, y.Estimated))
}

// Entry is one account's quantities in one slot on one basis. An account has
// one entry per slot, unless the slot holds parts of different basis.
type Entry struct {
	Account Account `json:"account"`
	Basis   Basis   `json:"basis"`
	Quantities
}

// Compare orders entries by account, then basis.
func (e Entry) Compare(other Entry) int {
	return cmp.Or(e.Account.Compare(other.Account), e.Basis.Compare(other.Basis))
}

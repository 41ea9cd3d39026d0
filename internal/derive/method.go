package derive

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
)

// ErrMethod reports a method that cannot be used, with the reason.
var ErrMethod = errors.New("method is not valid")

// LabelRule adds a label to those of the source: the values of From, joined by
// Separator and then, where Map is given, looked up in it. Without one of them,
// or without an entry in Map, the label stays missing. Rules see the labels of
// earlier ones; a label that the source has is not replaced.
type LabelRule struct {
	Label     string            `json:"label"`
	From      []string          `json:"from"`
	Separator string            `json:"separator,omitempty"`
	Map       map[string]string `json:"map,omitempty"`
}

// ModelRule gives the hosts that a filter holds for a power model.
type ModelRule struct {
	Where account.Filter `json:"where,omitempty"`
	Model energy.Model   `json:"model"`
}

// PlaceRule says in which intensity region the hosts are that a filter holds
// for.
type PlaceRule struct {
	Where  account.Filter `json:"where,omitempty"`
	Region string         `json:"region"`
}

// Divide says how a whole is divided among parties who hold it at the same time.
type Divide string

// The ways to divide.
const (
	// DivideUsage divides by measured use; where the use of each party is
	// not known, evenly.
	DivideUsage Divide = "usage"
	// DivideEven gives all the same.
	DivideEven Divide = "even"
	// DivideReservation divides by what each reserved.
	DivideReservation Divide = "reservation"
	// DivideWeighted divides by the policy's own weights.
	DivideWeighted Divide = "weighted"
)

// Idle says where idle energy goes.
type Idle string

// The ways of idle energy.
const (
	// IdleHolder leaves it with whoever held the host at the time.
	IdleHolder Idle = "holder"
	// IdleApart keeps it apart as a rest of [account.KindIdle].
	IdleApart Idle = "apart"
	// IdleProRata shares it among the parties by their busy energy.
	IdleProRata Idle = "pro-rata"
)

// Sharing says who carries what a shared holding used.
type Sharing string

// The ways of sharing.
const (
	// SharingOwner gives all to the owner.
	SharingOwner Sharing = "owner"
	// SharingEven gives owner and all who have access the same.
	SharingEven Sharing = "even"
)

// Matching says what happens where a party may have held a host for several
// experiments.
type Matching string

// The ways of experiments.
const (
	// MatchEven gives each the same.
	MatchEven Matching = "even"
	// MatchWeighted divides by the policy's weights.
	MatchWeighted Matching = "weighted"
	// MatchUnattributed gives it to none of them; it stays with the party.
	MatchUnattributed Matching = "unattributed"
)

// Instruments says which hosts belong to an instrument.
type Instruments struct {
	// Label is the label of hosts that is looked at, such as machine_name.
	Label string `json:"label,omitempty"`
	// Machines are the values of the label by instrument. Without any,
	// instruments are not compared at all; otherwise one that is not in it has
	// no hosts.
	Machines map[string][]string `json:"machines,omitempty"`
}

// has reports whether a host belongs to an instrument.
func (i Instruments) has(instrument string, host account.Labels) bool {
	return instrument == "" || i.Machines == nil || slices.Contains(i.Machines[instrument], host.Get(i.Label))
}

// WeightRule gives the holders that a filter holds for a weight.
type WeightRule struct {
	Where  account.Filter `json:"where,omitempty"`
	Weight uint64         `json:"weight"`
}

// Policy says how wholes are divided. It is data.
type Policy struct {
	Name string `json:"name"`
	// Held is whether hosts have holders: what a host uses while nobody holds
	// it is then unattributed. Without it an account is a host's labels.
	Held bool `json:"held"`
	// IgnoreUnseen leaves out hosts that are held but were not seen in a slot.
	// Otherwise they are expected, which lowers coverage.
	IgnoreUnseen bool `json:"ignore_unseen,omitempty"`
	// Divide, Idle and Sharing default to usage, holder and owner.
	Divide  Divide  `json:"divide,omitempty"`
	Idle    Idle    `json:"idle,omitempty"`
	Sharing Sharing `json:"sharing,omitempty"`
	// Experiments defaults to even.
	Experiments Matching `json:"experiments,omitempty"`
	// Weights are for DivideWeighted and MatchWeighted: the first rule that holds
	// counts, and a holder or experiment without one has weight 1. Only with an
	// experiment have labels an experiment.
	Weights []WeightRule `json:"weights,omitempty"`
	// Pool is for IdleProRata: idle energy is shared among the accounts that
	// have the same values of these labels. Empty is within each host.
	Pool []string `json:"pool,omitempty"`
}

// Method is all that decides figures besides what was observed: names, power
// models, places, the chain of intensities and the policy. It is data, has a
// JSON form, and is kept in the ledger with the time since when it applied.
type Method struct {
	// Names are label rules in order.
	Names []LabelRule `json:"names,omitempty"`
	// Models and Places are searched in order; the first rule that holds
	// counts. A host without a model is an error; one without a place has an
	// unknown intensity.
	Models []ModelRule `json:"models"`
	Places []PlaceRule `json:"places,omitempty"`
	// Embodied are searched in order too. The embodied carbon of a host without
	// a rule is unknown.
	Embodied []EmbodiedRule `json:"embodied,omitempty"`
	// Instruments say which hosts an experiment can have used.
	Instruments Instruments `json:"instruments,omitzero"`
	// Chain names intensity sources, best first. All must have the
	// accounting of the method.
	Chain      []string           `json:"chain,omitempty"`
	Accounting account.Accounting `json:"accounting"`
	Policy     Policy             `json:"policy"`
}

// Validate returns an error that wraps [ErrMethod] and says what is wrong.
func (m *Method) Validate() error {
	if len(m.Models) == 0 || len(m.Models[len(m.Models)-1].Where) > 0 {
		return fmt.Errorf("%w: the last model must be for all hosts", ErrMethod)
	}
	for _, r := range m.Models {
		if err := r.Model.Validate(); err != nil {
			return fmt.Errorf("%w: %w", ErrMethod, err)
		}
	}
	for _, r := range m.Names {
		if r.Label == "" || len(r.From) == 0 {
			return fmt.Errorf("%w: label rule %q needs a label and what it is made from", ErrMethod, r.Label)
		}
	}
	for i := range m.Embodied {
		if err := m.Embodied[i].validate(); err != nil {
			return err
		}
	}
	if len(m.Instruments.Machines) > 0 && m.Instruments.Label == "" {
		return fmt.Errorf("%w: instruments need the label of hosts that says which machine they are", ErrMethod)
	}
	return m.Policy.validate()
}

func (p *Policy) validate() error {
	check := func(what, value string, allowed ...string) error {
		if value == "" || slices.Contains(allowed, value) {
			return nil
		}
		return fmt.Errorf("%w: policy %q: %s %q: use %s", ErrMethod, p.Name, what, value, strings.Join(allowed, ", "))
	}
	if p.Name == "" {
		return fmt.Errorf("%w: the policy has no name", ErrMethod)
	}
	return errors.Join(
		check("divide", string(p.Divide), string(DivideUsage), string(DivideEven), string(DivideReservation), string(DivideWeighted)),
		check("idle", string(p.Idle), string(IdleHolder), string(IdleApart), string(IdleProRata)),
		check("sharing", string(p.Sharing), string(SharingOwner), string(SharingEven)),
		check("experiments", string(p.Experiments), string(MatchEven), string(MatchWeighted), string(MatchUnattributed)),
	)
}

// name applies the label rules.
func (m *Method) name(labels account.Labels) (account.Labels, error) {
	for _, r := range m.Names {
		if labels.Get(r.Label) != "" {
			continue
		}
		value, ok := r.value(labels)
		if !ok {
			continue
		}
		var err error
		if labels, err = labels.With(r.Label, value); err != nil {
			return account.Labels{}, err
		}
	}
	return labels, nil
}

func (r LabelRule) value(labels account.Labels) (string, bool) {
	parts := make([]string, len(r.From))
	for i, name := range r.From {
		if parts[i] = labels.Get(name); parts[i] == "" {
			return "", false
		}
	}
	value := strings.Join(parts, r.Separator)
	if r.Map == nil {
		return value, true
	}
	mapped, ok := r.Map[value]
	return mapped, ok
}

// place returns the region of a host, "" when no rule holds.
func (m *Method) place(labels account.Labels) string {
	for _, r := range m.Places {
		if r.Where.Holds(labels) {
			return r.Region
		}
	}
	return ""
}

// LabelRegion is the label by which a service says where it runs.
const LabelRegion = "region"

// RegionOf returns the region whose intensity a service has that names its region: what
// the first rule says that holds for this name and asks for something, else the name
// itself. A service is never where hosts are for which no rule is given.
func (m *Method) RegionOf(name string) string {
	labels, err := account.LabelsOf(LabelRegion, name)
	if err != nil {
		return ""
	}
	return m.placeOfService(labels)
}

func (m *Method) placeOfService(labels account.Labels) string {
	for _, r := range m.Places {
		if len(r.Where) > 0 && r.Where.Holds(labels) {
			return r.Region
		}
	}
	return labels.Get(LabelRegion)
}

// weight returns the policy's weight of a holder.
func (p *Policy) weight(labels account.Labels) uint64 {
	for _, r := range p.Weights {
		if r.Where.Holds(labels) {
			return r.Weight
		}
	}
	return 1
}

// withDefaults fills in what a policy leaves out.
func (p Policy) withDefaults() Policy {
	p.Divide = cmp.Or(p.Divide, DivideUsage)
	p.Idle = cmp.Or(p.Idle, IdleHolder)
	p.Sharing = cmp.Or(p.Sharing, SharingOwner)
	p.Experiments = cmp.Or(p.Experiments, MatchEven)
	return p
}

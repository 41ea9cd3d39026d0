package account

import (
	"cmp"
	"slices"
	"time"
)

// The names of labels that Dendro itself gives meaning to. All others are those
// of sources, such as cloud_project_name (the project) and machine_name.
const (
	// LabelFacility and LabelGroup are made from labels of the host by rules.
	LabelFacility = "facility"
	LabelGroup    = "group"
	// LabelWorkspace is the identity of a workspace and LabelUser the name by
	// which its holder is known to the platform; never a person's name or
	// address.
	LabelWorkspace = "workspace"
	LabelUser      = "user"
	// LabelResearchGroup is the group that a user belongs to.
	LabelResearchGroup = "research_group"
	// LabelExperiment is the experiment that a host was held for, and LabelPI
	// the user name of who leads it; where that is not known, of who leads the
	// research group.
	LabelExperiment = "experiment"
	LabelPI         = "pi"
	// LabelTag is the tag of a workspace, from which a facility can be made too.
	LabelTag = "tag"
)

// IsPartyLabel reports whether a label says whose something is. Where it is
// missing, nobody is known to whom the energy belongs: the rest of such a level
// is unattributed and not unknown.
func IsPartyLabel(name string) bool {
	switch name {
	case LabelWorkspace, LabelUser, LabelResearchGroup, LabelExperiment, LabelPI:
		return true
	}
	return false
}

// IsPersonalLabel reports whether the values of a label stand for people, so that
// pseudonyms have to replace them.
func IsPersonalLabel(name string) bool { return name == LabelUser || name == LabelPI }

// Experiment is something that a party may have held a host for: the party is a
// member, the host belongs to the instrument, and the time is within the
// experiment's own. A method decides whether it was, and what happens when several
// were.
type Experiment struct {
	// Labels are what the experiment adds to those of the party: experiment and,
	// where known, pi.
	Labels Labels `json:"labels"`
	// Members are the user names of the parties of the holding that are
	// members, sorted.
	Members []string `json:"members"`
	// Instrument names what the experiment is carried out on; empty is any.
	Instrument string `json:"instrument,omitempty"`
	// From and To bound its time; zero is no bound.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
}

// Span returns the time of the experiment, as far as there is any.
func (e Experiment) Span() Span {
	s := Span{e.From, e.To}
	if s.From.IsZero() {
		s.From = time.Unix(0, 0).UTC()
	}
	if s.To.IsZero() {
		s.To = endOfTime()
	}
	return s
}

// SameAs reports whether other says the same.
func (e Experiment) SameAs(other Experiment) bool {
	return e.Labels == other.Labels && e.Instrument == other.Instrument && slices.Equal(e.Members, other.Members) &&
		e.From.Equal(other.From) && e.To.Equal(other.To)
}

// Compare orders experiments by their labels, instrument, time and members.
func (e Experiment) Compare(other Experiment) int {
	return cmp.Or(e.Labels.Compare(other.Labels), cmp.Compare(e.Instrument, other.Instrument),
		e.From.Compare(other.From), e.To.Compare(other.To), slices.Compare(e.Members, other.Members))
}

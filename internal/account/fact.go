package account

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/unit"
)

// SubjectKind says what a subject is.
type SubjectKind uint8

const (
	// SubjectHost is a machine whose processors are all counted.
	SubjectHost SubjectKind = iota
	// SubjectPart is a user, unit or container on a host, of which only busy
	// time is known: it shares in the host's whole by its use.
	SubjectPart
	// SubjectService is a service in a region whose energy was scored
	// elsewhere and is given as a whole.
	SubjectService
	// SubjectIdle is a meter of services: the energy, given as a whole, that it
	// measured while none of them did anything.
	SubjectIdle
)

// IsScored reports whether energy is given as a whole, by [Fact.Scored].
func (k SubjectKind) IsScored() bool { return k == SubjectService || k == SubjectIdle }

func subjectKindNames() [4]string { return [...]string{"host", "part", "service", "idle"} }

// String returns the word used in JSON.
func (k SubjectKind) String() string {
	if names := subjectKindNames(); int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("subject-kind(%d)", uint8(k))
}

// MarshalText writes the word.
func (k SubjectKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the word.
func (k *SubjectKind) UnmarshalText(text []byte) error {
	for i, name := range subjectKindNames() {
		if name == string(text) {
			*k = SubjectKind(i)
			return nil
		}
	}
	return fmt.Errorf("subject kind %q: use host, part, service or idle", text)
}

// Subject is what facts are about: a host, a part of one, or a service, with
// the labels under which its source knows it. It is comparable.
type Subject struct {
	Kind SubjectKind `json:"kind"`
	// Host is the normalised key of the host, by which holdings match; of a
	// service or a meter of services, its name.
	Host string `json:"host"`
	// Labels are those of the source, such as cloud_project_name and
	// machine_name. A host that changes its labels is another subject.
	Labels Labels `json:"labels"`
}

// Compare orders subjects by host, then kind, then labels, so that a host comes
// before its parts.
func (s Subject) Compare(other Subject) int {
	return cmp.Or(cmp.Compare(s.Host, other.Host), cmp.Compare(s.Kind, other.Kind), s.Labels.Compare(other.Labels))
}

// Fact is what was observed of one subject in one slot, or in the part of it
// between two cuts. It is never changed: what is learnt later is another
// fact, of a later [Batch].
type Fact struct {
	// Subject and Origin are indices into the batch's Subjects and Origins.
	Subject, Origin int
	// From and To are the part of the slot that the fact is about, as offsets
	// from its start; 0 and the slot's length unless the slot was cut.
	From, To unit.Duration
	// Busy and Idle are processor time by the source's classes of modes.
	Busy, Idle unit.Duration
	// Observed is the host time between From and To that the increments
	// cover, and Expected the host time in which the host should have been
	// seen. A host that should have been and was not has Observed 0: that is
	// a gap, not zero use.
	Observed, Expected unit.Duration
	// Bridged is the part of Observed that was filled from increments over
	// gaps in the samples. What falls in it is estimated.
	Bridged unit.Duration
	// Measured is the energy that a meter of the host counted during Metered of
	// host time; without a meter both are 0.
	Measured unit.Joules
	Metered  unit.Duration
	// Scored is the whole energy of a service, or what its meter measured in idleness.
	Scored unit.Energy
}

// Origin says where facts came from and how. It is comparable.
type Origin struct {
	// Source is the configured name of the source.
	Source string `json:"source"`
	// Method is how increments were taken, such as "raw samples".
	Method string `json:"method"`
	// Extrapolated marks facts that the source estimated at the ends of
	// series (PromQL's increase); their energy counts as estimated.
	Extrapolated bool `json:"extrapolated,omitempty"`
	// Simulated marks facts that nobody observed.
	Simulated bool `json:"simulated,omitempty"`
}

// Batch is the facts of one slot that became known together. Of the facts of one
// subject and slot, those of the newest batch hold and replace the older ones
// together; [Resolve] does that.
type Batch struct {
	Slot Span
	// KnownAt is when the facts became known to the ledger. Sources leave it
	// zero; the driver sets it.
	KnownAt time.Time
	// Origins is where the facts came from; mostly there is one.
	Origins []Origin
	// Subjects is in the order of [Subject.Compare], without repetition.
	Subjects []Subject
	// Facts is ordered by Subject, then From; facts of one subject do not
	// overlap.
	Facts []Fact
}

// ErrFact reports a batch that breaks a rule of [Batch] or [Fact].
var ErrFact = errors.New("fact is not valid")

// Sort puts the subjects, and the facts with them, into canonical order, and
// merges subjects that are given twice. Sources call it once a batch is
// complete.
func (b *Batch) Sort() {
	order := make([]int, len(b.Subjects))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return b.Subjects[i].Compare(b.Subjects[j]) })
	renamed := make([]int, len(b.Subjects))
	sorted := make([]Subject, 0, len(b.Subjects))
	for _, old := range order {
		if n := len(sorted); n == 0 || sorted[n-1] != b.Subjects[old] {
			sorted = append(sorted, b.Subjects[old])
		}
		renamed[old] = len(sorted) - 1
	}
	b.Subjects = sorted
	for i := range b.Facts {
		b.Facts[i].Subject = renamed[b.Facts[i].Subject]
	}
	slices.SortStableFunc(b.Facts, func(x, y Fact) int {
		return cmp.Or(cmp.Compare(x.Subject, y.Subject), cmp.Compare(x.From, y.From))
	})
}

// Validate returns an error that wraps [ErrFact] and names the first fact that
// breaks a rule.
func (b *Batch) Validate() error {
	for i := range b.Subjects {
		if i > 0 && b.Subjects[i-1].Compare(b.Subjects[i]) >= 0 {
			return fmt.Errorf("%w: slot %v: subjects are not sorted at %d", ErrFact, b.Slot, i)
		}
	}
	for i, f := range b.Facts {
		if reason := b.fault(i); reason != "" {
			name := fmt.Sprintf("fact %d", i)
			if f.Subject >= 0 && f.Subject < len(b.Subjects) {
				name = fmt.Sprintf("%q %v", b.Subjects[f.Subject].Host, b.Subjects[f.Subject].Labels)
			}
			return fmt.Errorf("%w: slot %v: %s: %s", ErrFact, b.Slot, name, reason)
		}
	}
	return nil
}

// fault returns what is wrong with fact i, "" when nothing is.
func (b *Batch) fault(i int) string {
	f := &b.Facts[i]
	length := f.To - f.From
	switch {
	case f.Subject < 0 || f.Subject >= len(b.Subjects):
		return "no such subject"
	case f.Origin < 0 || f.Origin >= len(b.Origins):
		return "no such origin"
	case f.From < 0 || f.From >= f.To || f.To > b.Slot.Length():
		return "outside of its slot"
	case f.Busy < 0 || f.Idle < 0 || f.Measured < 0 || f.Scored < 0:
		return "negative amount"
	case f.Observed < 0 || f.Observed > length || f.Metered < 0 || f.Metered > length:
		return "more time than there is"
	case f.Expected < f.Observed || f.Expected > length:
		return "expected time is less than observed or more than there is"
	case f.Bridged < 0 || f.Bridged > f.Observed:
		return "more bridged than observed"
	}
	if i == 0 {
		return ""
	}
	if p := &b.Facts[i-1]; p.Subject > f.Subject || (p.Subject == f.Subject && p.To > f.From) {
		return "out of order or overlapping"
	}
	return ""
}

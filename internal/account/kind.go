package account

import (
	"cmp"
	"fmt"
)

// Kind says what an account or a node of a tree is. The rests are kinds and not
// names, so a user may be called "other" without harm.
type Kind uint8

const (
	// KindAccount is a known party, or a level that all its labels name.
	KindAccount Kind = iota
	// KindUnattributed is energy that nobody held, or that belongs to nobody
	// who is known at a level, such as to no experiment.
	KindUnattributed
	// KindIdle is idle energy that the policy keeps apart.
	KindIdle
	// KindUnknown is energy whose label for a level is missing.
	KindUnknown
	// KindOther is what a cap such as the top N folded together.
	KindOther
)

func kindNames() [5]string {
	return [...]string{"account", "unattributed", "idle", "unknown", "other"}
}

// String returns the word used in JSON and SQL.
func (k Kind) String() string {
	if names := kindNames(); int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the word.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, name := range kindNames() {
		if name == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("kind %q: use account, unattributed, idle, unknown or other", text)
}

// Account is a set of labels to which energy and carbon belong. It is
// comparable.
type Account struct {
	Labels Labels `json:"labels"`
	Kind   Kind   `json:"kind"`
}

// Compare orders accounts by their labels, then by kind.
func (a Account) Compare(b Account) int {
	return cmp.Or(a.Labels.Compare(b.Labels), cmp.Compare(a.Kind, b.Kind))
}

// String returns the labels, and the kind unless it is account.
func (a Account) String() string {
	if a.Kind == KindAccount {
		return a.Labels.String()
	}
	return a.Kind.String() + a.Labels.String()
}

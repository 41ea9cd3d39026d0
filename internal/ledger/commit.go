package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
)

// ValidCommits returns the error of the first commit that is not valid, or one that
// wraps [ErrInvalid] when two are of one slot. Stores call it first.
func ValidCommits(commits []Commit, cal account.Calendar) error {
	seen := make(map[int64]bool, len(commits))
	for i := range commits {
		c := &commits[i]
		if err := c.Validate(cal); err != nil {
			return err
		}
		from := c.Slot.From.UnixMicro()
		if seen[from] {
			return fmt.Errorf("%w: two commits of slot %v at once", ErrInvalid, c.Slot)
		}
		seen[from] = true
	}
	return nil
}

// Validate returns an error that wraps [ErrInvalid] when the commit breaks a
// rule of its type or is not of the calendar's slots.
func (c *Commit) Validate(cal account.Calendar) error {
	if reason := c.fault(cal); reason != "" {
		return fmt.Errorf("%w: commit of slot %v revision %d: %s", ErrInvalid, c.Slot, c.Revision, reason)
	}
	if c.Facts == nil {
		return nil
	}
	if err := c.Facts.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

func (c *Commit) fault(cal account.Calendar) string {
	switch {
	case !cal.Grid().Slot(c.Slot.From).Equal(c.Slot):
		return fmt.Sprintf("not a slot of %v", cal.Grid().Step())
	case c.Revision < 1:
		return "revisions count from 1"
	case c.KnownAt.IsZero():
		return "without the time at which it became known"
	case c.Revision == 1 && c.Reason != "":
		return "the first close has no reason"
	case c.Revision > 1 && c.Reason == "":
		return "a restatement needs a reason"
	case c.Facts != nil && !c.Facts.Slot.Equal(c.Slot):
		return fmt.Sprintf("facts of slot %v", c.Facts.Slot)
	case c.Facts != nil && !c.Facts.KnownAt.Equal(c.KnownAt):
		return "facts became known at another time"
	}
	for i := 1; i < len(c.Entries); i++ {
		if c.Entries[i-1].Compare(c.Entries[i]) >= 0 {
			return fmt.Sprintf("entries are not sorted at %d", i)
		}
	}
	return c.textFault()
}

// textFault returns which text is not UTF-8. No store takes any other, so that all
// keep the same: databases and JSON would change it or refuse it.
func (c *Commit) textFault() string {
	fault := textFault("note", c.Note)
	for i := range c.Entries {
		if b := &c.Entries[i].Basis; i == 0 || *b != c.Entries[i-1].Basis {
			fault = cmp.Or(fault, originFault(b.Origin), textFault("basis", string(b.Energy), b.Model, b.Policy, b.Intensity.Region,
				b.Intensity.Source, b.Intensity.Version, b.Intensity.Accounting.Scope, b.Intensity.Accounting.Approach))
		}
	}
	if c.Facts == nil {
		return fault
	}
	for _, o := range c.Facts.Origins {
		fault = cmp.Or(fault, originFault(o))
	}
	for i := range c.Facts.Subjects {
		fault = cmp.Or(fault, textFault("host", c.Facts.Subjects[i].Host))
	}
	return fault
}

func originFault(o account.Origin) string { return textFault("origin", o.Source, o.Method) }

// textFault returns what is wrong with the texts of something, "" when nothing is.
func textFault(what string, texts ...string) string {
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return fmt.Sprintf("%s %q is not UTF-8: write it as %q", what, s, account.VisibleText(s))
		}
	}
	return ""
}

// Total returns the sum of entries, or [unit.ErrOverflow].
//
// [unit.ErrOverflow]: github.com/dendro-carbon/dendro/unit
func Total(entries []account.Entry) (account.Quantities, error) {
	var total account.Quantities
	for i := range entries {
		var err error
		if total, err = total.Add(entries[i].Quantities); err != nil {
			return account.Quantities{}, fmt.Errorf("total of entries: %w", err)
		}
	}
	return total, nil
}

// Change is what a commit does to the sums of one account.
type Change struct {
	Account account.Account
	// Entries is how many entries more (or, below zero, fewer) there are. A sum
	// of no entries is no row, so stores count them.
	Entries int
	// Quantities is the difference.
	account.Quantities
}

// Changes returns, in order of account, what replacing the old entries of a slot
// by new ones changes in every sum that contains the slot. Both are in canonical
// order. Accounts with equal entries before and after are left out.
func Changes(old, now []account.Entry) ([]Change, error) {
	var changes []Change
	for len(old) > 0 || len(now) > 0 {
		a := firstAccount(old, now)
		c := Change{Account: a}
		for len(now) > 0 && now[0].Account == a {
			var err error
			if c.Quantities, err = c.Add(now[0].Quantities); err != nil {
				return nil, fmt.Errorf("change of %v: %w", a, err)
			}
			c.Entries++
			now = now[1:]
		}
		for len(old) > 0 && old[0].Account == a {
			var err error
			if c.Quantities, err = c.Sub(old[0].Quantities); err != nil {
				return nil, fmt.Errorf("change of %v: %w", a, err)
			}
			c.Entries--
			old = old[1:]
		}
		if c.Entries != 0 || !c.IsZero() {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

func firstAccount(old, now []account.Entry) account.Account {
	switch {
	case len(old) == 0:
		return now[0].Account
	case len(now) == 0 || old[0].Account.Compare(now[0].Account) < 0:
		return old[0].Account
	}
	return now[0].Account
}

// ValidIntensity returns an error that wraps [ErrInvalid] for a value that
// stores refuse.
func ValidIntensity(v account.Intensity) error {
	if v.Region == "" || v.Source == "" || v.KnownAt.IsZero() || v.Span.IsEmpty() || v.Value < 0 {
		return fmt.Errorf("%w: intensity %v of %q by %q: it needs a region, a source, a span, a time and a value of at least 0",
			ErrInvalid, v.Span, v.Region, v.Source)
	}
	if fault := textFault("text", v.Region, v.Source, v.Version, v.Accounting.Scope, v.Accounting.Approach); fault != "" {
		return fmt.Errorf("%w: intensity %v of %q by %q: %s", ErrInvalid, v.Span, v.Region, v.Source, fault)
	}
	return nil
}

// ValidHolding returns an error that wraps [ErrInvalid] for a revision that
// stores refuse.
func ValidHolding(h account.Holding) error {
	if h.ID == "" || h.Host == "" || h.From.IsZero() || h.KnownAt.IsZero() {
		return fmt.Errorf("%w: holding %q of host %q: it needs an ID, a host, a beginning and a time", ErrInvalid, h.ID, h.Host)
	}
	fault := textFault("text", h.ID, h.Host)
	for _, e := range h.Experiments {
		fault = cmp.Or(fault, textFault("instrument", e.Instrument), textFault("member", e.Members...))
	}
	if fault != "" {
		return fmt.Errorf("%w: holding %q of host %q: %s", ErrInvalid, h.ID, h.Host, fault)
	}
	return nil
}

// CheckOrder returns an error that wraps [ErrInvalid] unless knownAt is after
// newest, that of the newest revision stored of the same thing.
func CheckOrder(thing string, knownAt, newest time.Time) error {
	if account.Instant(knownAt).After(newest) {
		return nil
	}
	return fmt.Errorf("%w: %s: another revision is stored, known at %v, which is not before %v", ErrInvalid, thing, newest, knownAt)
}

// EncodeMethod returns the JSON of a method. Equal methods have equal bytes, so
// stores keep and compare them in this form.
func EncodeMethod(m derive.Method) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode method: %w", err)
	}
	return text, nil
}

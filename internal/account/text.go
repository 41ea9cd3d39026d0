package account

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// VisibleText returns a text as UTF-8, which is what every ledger keeps, and all
// that PostgreSQL and JSON can. A byte that is not of it, such as a Latin-1 letter in
// the name of a host, becomes U+FFFD and its two hexadecimal digits: whoever has the
// name is seen, stays apart from others, and holds nobody up. Text that is UTF-8 is
// returned as it is, so it may be applied again.
func VisibleText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "%c%02X", utf8.RuneError, s[0])
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// MakeVisible applies [VisibleText] to the texts of a batch, which stays in order.
func (b *Batch) MakeVisible() {
	changed := false
	visible := func(s *string) {
		if v := VisibleText(*s); v != *s {
			*s, changed = v, true
		}
	}
	for i := range b.Subjects {
		visible(&b.Subjects[i].Host)
	}
	for i := range b.Origins {
		visible(&b.Origins[i].Source)
		visible(&b.Origins[i].Method)
	}
	if changed {
		b.Sort()
	}
}

// Visible returns a holding with [VisibleText] applied to its texts. It may share
// memory with h, which is not changed.
func (h Holding) Visible() Holding {
	h.ID, h.Host = VisibleText(h.ID), VisibleText(h.Host)
	for i, e := range h.Experiments {
		if e.isVisible() {
			continue
		}
		h.Experiments = slices.Clone(h.Experiments)
		e.Instrument, e.Members = VisibleText(e.Instrument), slices.Clone(e.Members)
		for k := range e.Members {
			e.Members[k] = VisibleText(e.Members[k])
		}
		h.Experiments[i] = e
	}
	return h
}

// isVisible reports whether the texts of an experiment are UTF-8.
func (e Experiment) isVisible() bool {
	return utf8.ValidString(e.Instrument) && !slices.ContainsFunc(e.Members, func(s string) bool { return !utf8.ValidString(s) })
}

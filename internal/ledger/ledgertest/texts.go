package ledgertest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// testTexts holds that any UTF-8 comes back as it was, in the order of its bytes, and
// that no store takes anything else, wherever it stands.
func testTexts(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	// 0 and 1 are special to PostgreSQL, long texts to its indexes.
	odd := []string{"\x00", "\x00a", "\x01", "\x01\x01", "a\x00b", "a\x01b", `\x00`, "\uFFFD", "\uFFFDFF", "'; DROP", "ü", "日本", strings.Repeat("long ", 2000), "\U0001F333"}
	c := textCommit(t, 0, odd)
	mustCommit(t, s, c, c) // the second is found to be the same
	equal(t, "facts", Collect(t, s.Facts(t.Context(), slotAt(0), time.Time{})), []*account.Batch{c.Facts})
	equal(t, "entries", len(Collect(t, s.Entries(t.Context(), slotAt(0), nil))), len(c.Entries))
	var holdings []account.Holding
	var values []account.Intensity
	for i, text := range odd {
		one, value := textHolding(t, text, i), textIntensity(text)
		holdings, values = append(holdings, one), append(values, value)
		if err := s.Pin(t.Context(), ledger.Pin{Name: text, Span: slotAt(0), Since: known(0)}); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if _, err := s.PutHoldings(t.Context(), holdings); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PutIntensities(t.Context(), values); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "holdings", len(Collect(t, s.Holdings(t.Context(), slotAt(0), time.Time{}))), len(odd))
	for _, got := range Collect(t, s.Holdings(t.Context(), slotAt(0), time.Time{})) {
		equal(t, "holding", got, textHolding(t, got.Host, int(got.Reserved)))
	}
	equal(t, "intensities", len(Collect(t, s.Intensities(t.Context(), slotAt(0), time.Time{}))), len(odd))
	pins, err := s.Pins(t.Context())
	if err != nil || len(pins) != len(odd) {
		t.Errorf("%d pins, %v", len(pins), err)
	}
	refusesTexts(t, s)
}

func refusesTexts(t *testing.T, s ledger.Store) {
	t.Helper()
	before := stateOf(t, s)
	const bad = "k\xe4fer"
	errs := map[string]error{}
	for name, change := range map[string]func(*ledger.Commit){
		"host":   func(c *ledger.Commit) { c.Facts.Subjects[0].Host = bad },
		"origin": func(c *ledger.Commit) { c.Facts.Origins[0].Method = bad },
		"basis":  func(c *ledger.Commit) { c.Entries[0].Basis.Model = bad },
	} {
		c := textCommit(t, 1, []string{"a"})
		change(&c)
		errs[name] = s.Commit(t.Context(), c)
	}
	noted := restate(t, 0, 2)
	noted.Note = bad
	errs["note"] = s.Commit(t.Context(), noted)
	id, member, version := textHolding(t, "a", 0), textHolding(t, "a", 0), textIntensity("a")
	id.ID, member.Experiments[0].Members[0], version.Version = bad, bad, bad
	_, errs["id"] = s.PutHoldings(t.Context(), []account.Holding{id})
	_, errs["member"] = s.PutHoldings(t.Context(), []account.Holding{member})
	_, errs["version"] = s.PutIntensities(t.Context(), []account.Intensity{version})
	errs["pin"] = s.Pin(t.Context(), ledger.Pin{Name: bad, Span: slotAt(0), Since: known(0)})
	for name, err := range errs {
		if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(fmt.Sprint(err), `k\xe4fer`) || !strings.Contains(fmt.Sprint(err), "k\uFFFDE4fer") {
			t.Errorf("%s: %v, want ErrInvalid with the text, and how to write it", name, err)
		}
	}
	equal(t, "state after refusals", stateOf(t, s), before)
}

// textCommit closes a slot with a host for each text.
func textCommit(t *testing.T, n int, texts []string) ledger.Commit {
	t.Helper()
	slot := slotAt(n)
	b := &account.Batch{Slot: slot, KnownAt: known(n), Origins: []account.Origin{{Source: texts[0], Method: texts[len(texts)-1]}}}
	for i, text := range texts {
		labels, err := account.LabelsOf("name", text)
		if err != nil {
			t.Fatal(err)
		}
		b.Subjects = append(b.Subjects, account.Subject{Host: text, Labels: labels})
		b.Facts = append(b.Facts, account.Fact{Subject: i, To: slot.Length(), Busy: 1e9, Observed: slot.Length(), Expected: slot.Length()})
	}
	b.Sort()
	return ledger.Commit{Slot: slot, Revision: 1, KnownAt: b.KnownAt, Facts: b, Entries: entries(t, b)}
}

// textHolding is a holding in which a text stands wherever one can.
func textHolding(t *testing.T, text string, reserved int) account.Holding {
	t.Helper()
	h := holding(t, text, 0, 1, known(0))
	h.Host, h.Reserved = text, uint64(reserved)
	h.Experiments = []account.Experiment{{Labels: h.Holder, Members: []string{text}, Instrument: text}}
	return h
}

func textIntensity(text string) account.Intensity {
	v := intensity(0, account.IntensityActual, 1, known(0))
	v.Region, v.Source, v.Version = text, text, text
	return v
}

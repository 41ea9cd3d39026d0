package ledgertest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

// labels returns labels and fails the test when they are not valid.
func labels(t *testing.T, namesAndValues ...string) account.Labels {
	t.Helper()
	l, err := account.LabelsOf(namesAndValues...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// slotAt returns the n-th half-hour slot after start.
func slotAt(n int) account.Span {
	from := start().Add(time.Duration(n) * account.DefaultStep)
	return account.NewSpan(from, from.Add(account.DefaultStep))
}

// spanOf returns the span of slots first to last.
func spanOf(first, last int) account.Span {
	return account.Span{From: slotAt(first).From, To: slotAt(last).To}
}

// known returns the n-th instant of knowledge, well after the slots.
func known(n int) time.Time {
	return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
}

// hosts is how many hosts the fixtures have; labels contain what breaks careless
// quoting.
const hosts = 7

func subject(t *testing.T, i int) account.Subject {
	t.Helper()
	return account.Subject{
		Host: fmt.Sprintf("host-%d", i),
		Labels: labels(t, "cloud_project_name", []string{"IDAaaS", "CDAaaS"}[i%2],
			"machine_name", []string{"Muon", `Artemis "Matlab" \ 'x'`, "naïve\nline; DROP TABLE slots"}[i%3]),
	}
}

// facts returns a batch of a slot with pseudo-random facts.
func facts(t *testing.T, slot account.Span, knownAt time.Time, seed uint64) *account.Batch {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, uint64(slot.From.Unix())))
	b := &account.Batch{
		Slot: slot, KnownAt: knownAt,
		Origins: []account.Origin{{Source: "fixture", Method: "raw samples"}, {Source: "other", Extrapolated: true}},
	}
	length := slot.Length()
	for i := range hosts {
		b.Subjects = append(b.Subjects, subject(t, i))
		observed := unit.Duration(r.Int64N(int64(length) + 1))
		b.Facts = append(b.Facts, account.Fact{
			Subject: i, Origin: i % 2, To: length,
			Busy: unit.Duration(r.Int64N(1e10)), Idle: unit.Duration(r.Int64N(1e11)),
			Observed: observed, Expected: length, Bridged: observed / 3,
		})
	}
	b.Sort()
	return b
}

// method is the facility default.
func method() derive.Method {
	return derive.Method{
		Names: []derive.LabelRule{
			{Label: "facility", From: []string{"cloud_project_name"}, Map: map[string]string{"IDAaaS": "ISIS", "CDAaaS": "CLF"}},
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
		},
		Models: []derive.ModelRule{{Model: energy.Default()}},
		Policy: derive.Policy{Name: "usage"},
	}
}

// entries derives the entries of a batch.
func entries(t *testing.T, b *account.Batch) []account.Entry {
	t.Helper()
	d, err := derive.New(method(), derive.Known{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := d.Derive(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// firstClose is revision 1 of a slot, known at known(n).
func firstClose(t *testing.T, n int) ledger.Commit {
	t.Helper()
	b := facts(t, slotAt(n), known(n), 1)
	return ledger.Commit{Slot: b.Slot, Revision: 1, KnownAt: b.KnownAt, Facts: b, Entries: entries(t, b)}
}

// restate is a later revision of a slot with other facts.
func restate(t *testing.T, n, revision int) ledger.Commit {
	t.Helper()
	b := facts(t, slotAt(n), known(1000*revision+n), uint64(revision))
	return ledger.Commit{
		Slot: b.Slot, Revision: revision, KnownAt: b.KnownAt, Facts: b, Entries: entries(t, b),
		Reason: ledger.ReasonLate, Note: fmt.Sprintf("revision %d of the fixture", revision),
	}
}

func mustCommit(t *testing.T, s ledger.Store, commits ...ledger.Commit) {
	t.Helper()
	for _, c := range commits {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

// failure returns the error that an iterator ends with. Nothing may follow it,
// and its value must be zero.
func failure[T any](t *testing.T, seq iter.Seq2[T, error]) error {
	t.Helper()
	var failed error
	for v, err := range seq {
		if failed != nil {
			t.Error("a pair follows the error")
		}
		if err != nil {
			failed = err
			var zero T
			equal(t, "value beside the error", v, zero)
		}
	}
	return failed
}

// equal compares by value, Labels and times included.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b account.Labels) bool { return a == b })); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// state is all that a store shows, for comparing two stores.
type state struct {
	Slots        []ledger.SlotState
	Facts        []*account.Batch
	Entries      []ledger.SlotEntry
	Rows         map[account.Step][]ledger.Row
	Restatements []ledger.Restatement
	Intensities  []account.Intensity
	Holdings     []account.Holding
	Status       ledger.Status
}

func stateOf(t *testing.T, s ledger.Store) state {
	t.Helper()
	return stateWith(t, s, func(span account.Span) []*account.Batch { return Collect(t, s.Facts(t.Context(), span, time.Time{})) })
}

func stateWith(t *testing.T, s ledger.Store, facts func(account.Span) []*account.Batch) state {
	t.Helper()
	ctx, span := t.Context(), account.NewSpan(start().AddDate(-1, 0, 0), start().AddDate(1, 0, 0))
	out := state{
		Slots:        Collect(t, s.Slots(ctx, span)),
		Facts:        facts(span),
		Entries:      Collect(t, s.Entries(ctx, span, nil)),
		Rows:         map[account.Step][]ledger.Row{},
		Restatements: Collect(t, s.Restatements(ctx, time.Time{}, time.Time{})),
		Intensities:  Collect(t, s.Intensities(ctx, span, time.Time{})),
		Holdings:     Collect(t, s.Holdings(ctx, span, time.Time{})),
	}
	for _, step := range append(account.RollupSteps(), account.StepSlot) {
		out.Rows[step] = Collect(t, s.Rows(ctx, ledger.Query{Span: span, Step: step}))
	}
	var err error
	if out.Status, err = s.Status(ctx); err != nil {
		t.Fatal(err)
	}
	return out
}

// rowsOf adds up entries by hand: by period of a step and account.
func rowsOf(t *testing.T, c account.Calendar, step account.Step, list []ledger.SlotEntry) []ledger.Row {
	t.Helper()
	type key struct {
		from    time.Time
		account account.Account
	}
	index := map[key]int{}
	var rows []ledger.Row
	for _, e := range list {
		p := c.Period(step, e.Slot.From)
		k := key{p.From, e.Account}
		i, ok := index[k]
		if !ok {
			i = len(rows)
			index[k] = i
			rows = append(rows, ledger.Row{Period: p, Account: e.Account})
		}
		sum, err := rows[i].Add(e.Quantities)
		if err != nil {
			t.Fatal(err)
		}
		rows[i].Quantities = sum
	}
	slices.SortFunc(rows, func(a, b ledger.Row) int {
		if c := a.Period.From.Compare(b.Period.From); c != 0 {
			return c
		}
		return a.Account.Compare(b.Account)
	})
	return rows
}

// Collect collects an iterator that must not fail.
func Collect[T any](t testing.TB, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var out []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// BigCommit is a slot of n accounts.
func BigCommit(t testing.TB, slot, n int) ledger.Commit {
	t.Helper()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(slot) * account.DefaultStep)
	c := ledger.Commit{Slot: account.NewSpan(from, from.Add(account.DefaultStep)), Revision: 1, KnownAt: from.AddDate(0, 1, 0)}
	for i := range n {
		labels, err := account.LabelsOf("group", fmt.Sprintf("group %06d of slot %d", i, slot))
		if err != nil {
			t.Fatal(err)
		}
		c.Entries = append(c.Entries, account.Entry{
			Account: account.Account{Labels: labels}, Quantities: account.Quantities{Energy: 1, Expected: c.Slot.Length()},
		})
	}
	return c
}

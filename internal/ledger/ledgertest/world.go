package ledgertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

// World makes random histories of a ledger: names that break careless quoting,
// values of all sizes, revisions with and without facts.
type World struct {
	*rand.Rand
	// Calendar is that of the history.
	Calendar account.Calendar
	start    time.Time
	accounts []account.Account
	bases    []account.Basis
	subjects []account.Subject
}

// NewWorld returns the world of a seed.
func NewWorld(t testing.TB, seed uint64) *World {
	t.Helper()
	w := &World{Rand: rand.New(rand.NewPCG(seed, 7))}
	zoneNames := []string{"UTC", "Europe/London", "Asia/Kolkata", "America/St_Johns"}
	zone, err := time.LoadLocation(zoneNames[w.IntN(len(zoneNames))])
	if err != nil {
		t.Fatal(err)
	}
	steps := []time.Duration{time.Minute, 15 * time.Minute, account.DefaultStep}
	if w.Calendar, err = account.NewCalendar(steps[w.IntN(len(steps))], zone); err != nil {
		t.Fatal(err)
	}
	// Some histories cross a change of the clocks, all cross a day or a month.
	w.start = time.Date(2026, time.Month(1+w.IntN(12)), 28+w.IntN(3), 20, 0, 0, 0, time.UTC)
	texts := []string{"a", `o'brien "x" \`, "naïve\nline; DROP TABLE slots", "\x00nul", "日本", "<&>", "a\u2028b"}
	text := func() string { return fmt.Sprint(texts[w.IntN(len(texts))], w.IntN(30)) }
	for range 150 { // three chunks of sums
		labels := must(account.LabelsOf("group", text(), "user", texts[w.IntN(len(texts))]))(t)
		a := account.Account{Labels: labels, Kind: account.Kind(w.IntN(5))}
		if !slices.Contains(w.accounts, a) {
			w.accounts = append(w.accounts, a)
		}
	}
	slices.SortFunc(w.accounts, account.Account.Compare)
	for i := range 5 {
		w.bases = append(w.bases, account.Basis{
			Origin: account.Origin{Source: text(), Method: "raw samples", Simulated: i%2 == 0},
			Energy: account.EnergyModelled, Model: text(), Policy: "usage",
			Intensity: account.IntensityBasis{Region: "GB", Source: text(), Kind: account.IntensityKind(i % 4), Estimated: i%2 == 1},
		})
	}
	slices.SortFunc(w.bases, account.Basis.Compare)
	for range 100 {
		s := account.Subject{Host: "host-" + text(), Kind: account.SubjectKind(w.IntN(3)), Labels: must(account.LabelsOf("group", text()))(t)}
		w.subjects = append(w.subjects, s)
	}
	return w
}

func (w *World) slot(n int) account.Span {
	step := w.Calendar.Grid().Step()
	from := w.start.Add(time.Duration(n) * step)
	return account.NewSpan(from, from.Add(step))
}

// known is when a revision of slot n became known: not in the order of slots.
func (w *World) known(n, revision int) time.Time {
	return w.start.AddDate(0, revision, 0).Add(time.Duration(n*7919%1000) * time.Minute).Add(time.Duration(n) * time.Microsecond)
}

// amount is 0, small, or as large as many can be added up.
func (w *World) amount() int64 {
	return w.Int64N(1 << (1 + w.IntN(50)))
}

func (w *World) facts(n int, known time.Time) *account.Batch {
	b := &account.Batch{Slot: w.slot(n), KnownAt: known}
	for i := range 1 + w.IntN(3) {
		b.Origins = append(b.Origins, account.Origin{Source: fmt.Sprint("s", i), Extrapolated: w.IntN(2) == 0})
	}
	length := b.Slot.Length()
	for _, s := range w.subjects {
		if w.IntN(3) == 0 {
			continue
		}
		b.Subjects = append(b.Subjects, s)
		cuts := []unit.Duration{0, length}
		if w.IntN(4) == 0 {
			cuts = []unit.Duration{0, 1 + unit.Duration(w.Int64N(int64(length-1))), length}
		}
		for i := range cuts[1:] {
			f := account.Fact{Subject: len(b.Subjects) - 1, Origin: w.IntN(len(b.Origins)), From: cuts[i], To: cuts[i+1]}
			part := int64(f.To - f.From)
			f.Expected = unit.Duration(w.Int64N(part + 1))
			f.Observed = unit.Duration(w.Int64N(int64(f.Expected) + 1))
			f.Bridged = unit.Duration(w.Int64N(int64(f.Observed) + 1))
			f.Busy, f.Idle = unit.Duration(w.amount()), unit.Duration(w.amount())
			f.Measured, f.Metered, f.Scored = unit.Joules(w.amount()), unit.Duration(w.Int64N(part+1)), unit.Energy(w.amount())
			b.Facts = append(b.Facts, f)
		}
	}
	b.Sort()
	return b
}

func (w *World) entries() []account.Entry {
	var out []account.Entry
	density := 1 + w.IntN(5)
	for _, a := range w.accounts {
		for _, basis := range w.bases[:1+w.IntN(2)] {
			if w.IntN(5) >= density {
				continue
			}
			var v [13]int64
			for i := range v {
				if w.IntN(3) > 0 {
					v[i] = w.amount()
				}
			}
			out = append(out, account.Entry{Account: a, Basis: basis, Quantities: account.QuantitiesOf(v)})
		}
	}
	return out
}

// History returns the revisions of each of n slots.
func (w *World) History(n int) [][]ledger.Commit {
	out := make([][]ledger.Commit, n)
	for i := range out {
		for revision := 1; revision == 1 || w.IntN(3) == 0; revision++ {
			c := ledger.Commit{Slot: w.slot(i), Revision: revision, KnownAt: w.known(i, revision), Entries: w.entries()}
			if w.IntN(8) > 0 {
				c.Facts = w.facts(i, c.KnownAt)
			}
			if w.IntN(10) == 0 {
				c.Entries = nil
			}
			if revision > 1 {
				c.Reason, c.Note = ledger.ReasonHolding, fmt.Sprintf("it's revision %d\x00", revision)
			}
			out[i] = append(out[i], c)
		}
	}
	return out
}

// Interleave returns the commits of a history in some order that keeps the
// order of revisions.
func Interleave(r *rand.Rand, history [][]ledger.Commit) []ledger.Commit {
	rest := slices.Clone(history)
	var out []ledger.Commit
	for len(rest) > 0 {
		i := r.IntN(len(rest))
		out = append(out, rest[i][0])
		if rest[i] = rest[i][1:]; len(rest[i]) == 0 {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return out
}

// Learn gives a store intensities, holdings and methods, the same for the same
// seed.
func Learn(t testing.TB, s ledger.Store, w *World, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	for round := range 3 {
		known := w.known(round, round+1)
		var values []account.Intensity
		var holdings []account.Holding
		for i := range 40 {
			span := w.slot(r.IntN(50) - 10)
			span.To = span.From.Add(time.Duration(1+r.IntN(1<<r.IntN(18))) * time.Minute)
			values = append(values, account.Intensity{
				Region: fmt.Sprint("GB'", i%3), Span: span, Value: unit.Intensity(r.Int64N(1e9)), Kind: account.IntensityKind(i % 4),
				Accounting: account.Accounting{Scope: "combustion", Approach: "location"}, Source: "s", Version: fmt.Sprint(i % 2),
				KnownAt: known.Add(time.Duration(i) * time.Second),
			})
			h := account.Holding{
				ID: fmt.Sprint("id\"", r.IntN(12)), Host: fmt.Sprint("h", i%5), From: span.From, Holder: w.accounts[i%len(w.accounts)].Labels,
				Reserved: r.Uint64(), Withdrawn: r.IntN(5) == 0, KnownAt: known.Add(time.Duration(i) * time.Second),
			}
			if r.IntN(2) == 0 {
				h.To = span.To
				h.Shared = []account.Labels{h.Holder, {}}
			}
			holdings = append(holdings, h)
		}
		must(s.PutIntensities(t.Context(), values))(t)
		must(s.PutHoldings(t.Context(), holdings))(t)
		m := derive.Method{Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: fmt.Sprint("p", round/2)}}
		must(s.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: known, Method: m}))(t)
	}
}

// Forget pins a few slots and drops the facts of others, the same for the same seed.
func Forget(t testing.TB, s ledger.Store, w *World, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 13))
	for i := range r.IntN(3) {
		p := ledger.Pin{Name: fmt.Sprint("it's\x00", i), Span: w.slot(r.IntN(10)), Since: w.known(i, 1)}
		if err := s.Pin(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	must(s.DropFacts(t.Context(), w.slot(r.IntN(12)).From, r.IntN(8)))(t)
}

// Dump returns the bytes of all that a store answers to many questions.
func Dump(t testing.TB, s ledger.Store, w *World) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	put := func(what string, v any) {
		t.Helper()
		if err := enc.Encode(map[string]any{what: v}); err != nil {
			t.Fatal(err)
		}
	}
	spans := []account.Span{
		{From: w.start.AddDate(-1, 0, 0), To: w.start.AddDate(1, 0, 0)},
		{From: w.slot(3).From.Add(time.Nanosecond), To: w.slot(9).From.Add(time.Nanosecond)},
		w.slot(5),
		{},
	}
	times := []time.Time{{}, w.known(4, 1), w.known(2, 2).Add(-time.Nanosecond), w.start.AddDate(-9, 0, 0)}
	filters := []account.Filter{
		nil,
		{{Label: "user", Values: []string{"a", `o'brien "x" \`}}},
		{{Label: "group", Values: []string{"a1", "日本2", "<&>3"}}},
		{{Label: "user", Values: []string{"nobody"}}},
		{{Label: "none", Values: []string{""}}},
	}
	ctx := t.Context()
	for _, span := range spans {
		put("slots", Collect(t, s.Slots(ctx, span)))
		for _, at := range times {
			put("facts", factsOrForgotten(t, s.Facts(ctx, span, at)))
			put("intensities", Collect(t, s.Intensities(ctx, span, at)))
			put("holdings", Collect(t, s.Holdings(ctx, span, at)))
		}
		for _, where := range filters {
			put("entries", Collect(t, s.Entries(ctx, span, where)))
			for _, step := range append(account.RollupSteps(), account.StepSlot) {
				put(string(step), Collect(t, s.Rows(ctx, ledger.Query{Span: span, Step: step, Where: where})))
			}
		}
		view := account.View{By: []string{"user", "group"}, Top: 3}
		put("total", must(ledger.FoldTotal(ctx, s, view, span))(t))
	}
	for _, after := range times {
		for _, until := range times {
			put("restatements", Collect(t, s.Restatements(ctx, after, until)))
		}
	}
	put("pins", must(s.Pins(ctx))(t))
	put("methods", Collect(t, s.Methods(ctx)))
	put("status", must(s.Status(ctx))(t))
	return out.Bytes()
}

// factsOrForgotten is facts up to those that were dropped.
func factsOrForgotten(t testing.TB, seq iter.Seq2[*account.Batch, error]) []any {
	t.Helper()
	var out []any
	for b, err := range seq {
		switch {
		case errors.Is(err, ledger.ErrForgotten):
			out = append(out, "forgotten")
		case err != nil:
			t.Fatal(err)
		default:
			out = append(out, b)
		}
	}
	return out
}

// SameBytes compares, and shows the first difference of long texts, which a diff takes minutes
// for.
func SameBytes(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	around := func(b []byte) []byte { return b[max(0, min(at-600, len(b))):min(at+200, len(b))] }
	t.Errorf("%s: different at byte %d\nwant … %s …\ngot … %s …", what, at, around(want), around(got))
}

// must fails the test unless err is nil.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

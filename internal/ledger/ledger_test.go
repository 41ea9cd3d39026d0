package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // zones of Go and not of the machine

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/unit"
)

func calendar(t testing.TB, zone string) account.Calendar {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	c, err := account.NewCalendar(account.DefaultStep, loc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func labels(t testing.TB, namesAndValues ...string) account.Labels {
	t.Helper()
	l, err := account.LabelsOf(namesAndValues...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// history is a ledger's life: readings, holdings and intensities that become
// known one after the other, and what was shown after each step.
type history struct {
	store  *memory.Store
	method derive.Method
	clock  time.Time
	r      *rand.Rand
	shown  []shown
}

type shown struct {
	at   time.Time
	tree *account.Node
}

func view() account.View { return account.View{By: []string{"group", "user"}} }

// begin is the evening before London's clocks go back.
func begin() time.Time { return time.Date(2025, 10, 25, 20, 0, 0, 0, time.UTC) }

func newHistory(t *testing.T, seed uint64) *history {
	t.Helper()
	grid := account.Accounting{Scope: "combustion", Approach: "location"}
	h := &history{
		store: memory.New(calendar(t, "Europe/London")), clock: begin().AddDate(0, 0, 2), r: rand.New(rand.NewPCG(seed, 1)),
		method: derive.Method{
			Names:  []derive.LabelRule{{Label: "group", From: []string{"project", "machine"}, Separator: "_"}},
			Models: []derive.ModelRule{{Model: energy.Default()}}, Places: []derive.PlaceRule{{Region: "GB"}},
			Chain: []string{"ukgrid"}, Accounting: grid, Policy: derive.Policy{Name: "usage", Held: true},
		},
	}
	if _, err := h.store.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: h.clock, Method: h.method}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *history) tick() time.Time {
	h.clock = h.clock.Add(time.Minute)
	return h.clock
}

func (h *history) slot(n int) account.Span {
	return h.store.Calendar().Grid().Slot(begin().Add(time.Duration(n) * account.DefaultStep))
}

const slots = 14

// read commits a random reading of a slot: the first close, or a late one.
func (h *history) read(t *testing.T, n int) {
	t.Helper()
	slot := h.slot(n)
	b := &account.Batch{Slot: slot, KnownAt: h.tick(), Origins: []account.Origin{{Source: "test", Method: "raw"}}}
	for host := range 4 {
		if h.r.IntN(5) == 0 {
			continue
		}
		b.Subjects = append(b.Subjects, account.Subject{
			Host: fmt.Sprint("h", host), Labels: labels(t, "project", fmt.Sprint("p", host%2), "machine", "Muon"),
		})
		b.Facts = append(b.Facts, account.Fact{
			Subject: len(b.Subjects) - 1, To: slot.Length(), Observed: slot.Length(), Expected: slot.Length(),
			Busy: unit.Duration(h.r.Int64N(1e9)), Idle: unit.Duration(h.r.Int64N(1e10)),
		})
	}
	h.commit(t, slot, b, ledger.ReasonLate)
}

// commit derives a slot anew from all that is known and commits it.
func (h *history) commit(t *testing.T, slot account.Span, reading *account.Batch, reason ledger.Reason) {
	t.Helper()
	ctx := t.Context()
	c := ledger.Commit{Slot: slot, Revision: 1, KnownAt: h.clock}
	for s, err := range h.store.Slots(ctx, slot) {
		if err != nil {
			t.Fatal(err)
		}
		c.Revision, c.Reason = s.Revision+1, reason
	}
	var facts *account.Batch
	for b, err := range h.store.Facts(ctx, slot, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		facts = b
	}
	if reading != nil {
		if c.Facts = account.Difference(facts, reading); c.Facts == nil {
			return
		}
		facts = account.Resolve([]*account.Batch{c.Facts, or(facts, c.Facts)}, time.Time{})
	}
	if facts == nil {
		return
	}
	known, err := ledger.KnownIn(ctx, h.store, slot, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := derive.New(h.method, known)
	if err != nil {
		t.Fatal(err)
	}
	if c.Entries, err = d.Derive(facts); err != nil {
		t.Fatal(err)
	}
	if err := h.store.Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
}

func or(b, other *account.Batch) *account.Batch {
	if b == nil {
		return other
	}
	return b
}

// restateAll derives every slot anew.
func (h *history) restateAll(t *testing.T, reason ledger.Reason) {
	t.Helper()
	h.tick()
	for n := range slots {
		h.commit(t, h.slot(n), nil, reason)
	}
}

func (h *history) intensity(t *testing.T, n int) {
	t.Helper()
	v := account.Intensity{
		Region: "GB", Source: "ukgrid", Accounting: h.method.Accounting, Span: h.slot(n), KnownAt: h.tick(),
		Kind: account.IntensityKind(h.r.IntN(3)), Value: unit.Intensity(h.r.Int64N(400_000_000)),
	}
	if _, err := h.store.PutIntensities(t.Context(), []account.Intensity{v}); err != nil {
		t.Fatal(err)
	}
	h.restateAll(t, ledger.ReasonIntensity)
}

func (h *history) holding(t *testing.T) {
	t.Helper()
	host, from := h.r.IntN(4), h.r.IntN(slots*30)
	v := account.Holding{
		ID: fmt.Sprint("ws", h.r.IntN(5)), Host: fmt.Sprint("h", host), KnownAt: h.tick(),
		From:   begin().Add(time.Duration(from) * time.Minute),
		Holder: labels(t, "user", fmt.Sprint("u", h.r.IntN(3))), Withdrawn: h.r.IntN(6) == 0,
	}
	if h.r.IntN(2) == 0 {
		v.To = v.From.Add(time.Duration(h.r.IntN(200)) * time.Minute)
	}
	if _, err := h.store.PutHoldings(t.Context(), []account.Holding{v}); err != nil {
		t.Fatal(err)
	}
	h.restateAll(t, ledger.ReasonHolding)
}

func (h *history) look(t *testing.T) {
	t.Helper()
	tree, err := ledger.FoldTotal(t.Context(), h.store, view(), account.Span{From: h.slot(0).From, To: h.slot(slots - 1).To})
	if err != nil {
		t.Fatal(err)
	}
	h.shown = append(h.shown, shown{h.clock, tree})
}

// TestEveryOldFigureStaysReadable lives random histories. What the ledger showed
// at any time is what it derives as known at that time, to the last unit.
func TestEveryOldFigureStaysReadable(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		h := newHistory(t, seed)
		for range 25 {
			switch h.r.IntN(3) {
			case 0:
				h.read(t, h.r.IntN(slots))
			case 1:
				h.intensity(t, h.r.IntN(slots))
			case 2:
				h.holding(t)
			}
			h.look(t)
		}
		for i, was := range h.shown {
			got := h.derived(t, "", was.at)
			if diff := cmp.Diff(was.tree, got.Root); diff != "" {
				t.Fatalf("history %d, step %d, as known at %v (-shown then +derived now):\n%s", seed, i, was.at, diff)
			}
		}
		h.checkRestatements(t)
	}
}

func (h *history) derived(t *testing.T, step account.Step, at time.Time) *ledger.Series {
	t.Helper()
	m, err := ledger.MethodAt(t.Context(), h.store, at)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ledger.FoldDerived(t.Context(), h.store, ledger.Derivation{
		Span: account.Span{From: h.slot(0).From, To: h.slot(slots - 1).To}, Step: step, View: view(), Method: m, At: at,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkRestatements holds that the totals of a slot follow from one restatement to
// the next, up to what is shown now.
func (h *history) checkRestatements(t *testing.T) {
	t.Helper()
	last := map[time.Time]account.Quantities{}
	for r, err := range h.store.Restatements(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := last[r.Slot.From]; ok && before != r.Before {
			t.Fatalf("slot %v: restated from %+v, it was %+v", r.Slot, r.Before, before)
		}
		last[r.Slot.From] = r.After
	}
	for s, err := range h.store.Slots(t.Context(), account.Span{From: begin(), To: h.clock}) {
		if err != nil {
			t.Fatal(err)
		}
		if after, ok := last[s.Slot.From]; ok && after != s.Total {
			t.Fatalf("slot %v: restated to %+v, shows %+v", s.Slot, after, s.Total)
		}
	}
}

// TestDerivedSeries compares derived series with stored ones, across the night of
// 25 hours.
func TestDerivedSeries(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 99)
	for n := range slots {
		if n != 5 { // a slot that was never closed
			h.read(t, n)
		}
	}
	h.intensity(t, 3)
	span := account.Span{From: h.slot(0).From, To: h.slot(slots - 1).To}
	for _, step := range []account.Step{account.StepSlot, account.StepHour, account.StepDay, account.StepMonth} {
		want, err := ledger.FoldSeries(t.Context(), h.store, view(), ledger.Query{Span: span, Step: step})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, h.derived(t, step, time.Time{})); diff != "" {
			t.Errorf("by %s (-stored +derived):\n%s", step, diff)
		}
		if step == account.StepSlot && want.Root.Series[5] != nil {
			t.Error("a slot that was never closed is null")
		}
	}
}

func TestMethodAt(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 1)
	first := h.clock
	other := h.method
	other.Policy.Name = "other"
	if _, err := h.store.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: h.tick(), Method: other}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]string{first: "usage", h.clock: "other", {}: "other"} {
		if m, err := ledger.MethodAt(t.Context(), h.store, at); err != nil || m.Policy.Name != want {
			t.Errorf("at %v: %q, %v; want %q", at, m.Policy.Name, err, want)
		}
	}
	if _, err := ledger.MethodAt(t.Context(), h.store, first.Add(-1)); !errors.Is(err, ledger.ErrNoMethod) {
		t.Errorf("before the first: %v, want ErrNoMethod", err)
	}
}

func TestFoldDerivedFails(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 2)
	for n := range slots {
		h.read(t, n)
	}
	span := account.Span{From: h.slot(0).From, To: h.slot(slots - 1).To}
	if _, err := ledger.FoldDerived(t.Context(), h.store, ledger.Derivation{Span: span}); !errors.Is(err, derive.ErrMethod) {
		t.Errorf("no method: %v, want ErrMethod", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ledger.FoldDerived(ctx, h.store, ledger.Derivation{Span: span, Method: h.method}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	strong := h.method
	strong.Models = []derive.ModelRule{{Model: energy.TDP(1 << 62)}}
	if _, err := ledger.FoldDerived(t.Context(), h.store, ledger.Derivation{Span: span, Method: strong}); !errors.Is(err, unit.ErrOverflow) {
		t.Errorf("too much energy: %v, want an overflow", err)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 7)
	for n := range slots {
		h.read(t, n)
	}
	before := h.clock
	h.intensity(t, 3)
	for at, carbonKnown := range map[time.Time]bool{before: false, {}: true} {
		explanations, err := ledger.Explain(t.Context(), h.store, h.slot(3), nil, at)
		if err != nil || len(explanations) == 0 {
			t.Fatalf("%d explanations, %v", len(explanations), err)
		}
		if known := explanations[0].Figures.Operational != nil; known != carbonKnown {
			t.Errorf("as known at %v: %+v", at, explanations[0].Figures)
		}
	}
	nobody := account.Filter{{Label: "group", Values: []string{"nobody"}}}
	for name, err := range map[string]error{
		"no account": explainError(t, h, h.slot(3), nobody), "no slot": explainError(t, h, h.slot(slots+5), nil),
	} {
		if !errors.Is(err, ledger.ErrNoFigure) {
			t.Errorf("%s: %v, want ErrNoFigure", name, err)
		}
	}
}

func explainError(t *testing.T, h *history, slot account.Span, where account.Filter) error {
	t.Helper()
	_, err := ledger.Explain(t.Context(), h.store, slot, where, time.Time{})
	return err
}

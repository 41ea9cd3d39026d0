package fold_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/unit"
)

// asked is what documents of these tests are to be.
func asked(by ...string) disclosure.Request {
	return disclosure.Request{
		Zone: time.UTC, By: by, MadeAt: quarter().To, Program: disclosure.Program{Name: "dendro", Version: "1.0.0"},
		Intent: disclosure.Internal, Confidentiality: disclosure.Confidential,
	}
}

func document(t *testing.T, p *disclosure.Period, r disclosure.Request) *disclosure.Document {
	t.Helper()
	d, err := disclosure.New(p, r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// restate makes the document of archives that replaces another one.
func restate(t *testing.T, old *disclosure.Document, r disclosure.Request, archives ...fold.Archive) *disclosure.Document {
	t.Helper()
	c := fold.Config{Span: quarter(), By: r.By}
	p, err := fold.Archives(t.Context(), c, archives)
	if err != nil {
		t.Fatal(err)
	}
	restating := fold.Restating{Config: c, Archives: archives, Now: p, Old: old, Program: r.Program}
	if r.Portions, err = restating.Portions(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.Restates = &disclosure.Old{Document: old, SHA256: strings.Repeat("0", 64)}
	d := document(t, p, r)
	if _, err := d.Text(); err != nil {
		t.Fatal(err)
	}
	return d
}

// shares returns the causes with how much of a figure of the totals each has, and checks that the
// shares of every difference add up to it.
func shares(t *testing.T, d *disclosure.Document, figure string) map[disclosure.Cause]string {
	t.Helper()
	found := map[disclosure.Cause]string{}
	for _, x := range d.Restates.Differences {
		sum := new(big.Rat)
		for _, s := range x.Shares {
			sum.Add(sum, number(t, s.Value))
			if x.Row == nil && x.Figure == figure {
				found[s.Cause] = string(s.Value)
			}
		}
		change := new(big.Rat)
		if x.After != nil {
			change.Add(change, number(t, *x.After))
		}
		if x.Before != nil {
			change.Sub(change, number(t, *x.Before))
		}
		if change.Cmp(sum) != 0 {
			t.Errorf("%v %s: the shares %v add up to %v, the difference is %v", x.Row, x.Figure, x.Shares, sum, change)
		}
	}
	if wrong := disclosure.Inconsistencies(d); len(wrong) > 0 {
		t.Error(wrong)
	}
	return found
}

func number(t *testing.T, v json.Marshaler) *big.Rat {
	t.Helper()
	text, err := v.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	n, ok := new(big.Rat).SetString(string(text))
	if !ok {
		t.Fatalf("%s is no number", text)
	}
	return n
}

// TestArchivesRestateByCause changes what archives hold and by which program, one thing after another.
func TestArchivesRestateByCause(t *testing.T) {
	t.Parallel()
	lines := chained(t, 21, february(), 60)
	first, all := strings.Join(lines[:30], ""), strings.Join(lines, "")
	other := strings.Join(chained(t, 22, february().AddDate(0, 0, 3), 20), "")
	dearer := strings.ReplaceAll(unchained(t, recorded(t, "clean")), `"payment-svc" : 8.808`, `"payment-svc" : 9.808`)
	old := func(archives ...fold.Archive) *disclosure.Document {
		return document(t, folded(t, archives...), asked("service", "region"))
	}
	renewed := asked("service", "region")
	renewed.Program.Version = "1.1.0"
	type causes = []disclosure.Cause
	for name, c := range map[string]struct {
		old  *disclosure.Document
		ask  disclosure.Request
		now  []fold.Archive
		want causes
	}{
		"nothing":         {old(text("a", first)), asked("service", "region"), []fold.Archive{text("a", first)}, nil},
		"a file more":     {old(text("a", first)), asked("service", "region"), []fold.Archive{text("a", first), text("b", other)}, causes{"late"}},
		"one grew":        {old(text("a", first)), asked("service", "region"), []fold.Archive{text("a", all)}, causes{"late"}},
		"one was rotated": {old(text("a", first)), asked("service", "region"), []fold.Archive{text("a-1", all), text("a", other)}, causes{"late"}},
		"one is gone":     {old(text("a", first), text("b", other)), asked("service", "region"), []fold.Archive{text("a", first)}, causes{"input"}},
		"another content": {old(text("a", first)), asked("service", "region"), []fold.Archive{text("a", other)}, causes{"input"}},
		"gone and late":   {old(text("a", first), text("b", other)), asked("service", "region"), []fold.Archive{text("a", first), text("c", recorded(t, "clean"))}, causes{"input", "late"}},
		"other program":   {falsified(old(text("a", first))), renewed, []fold.Archive{text("a", all)}, causes{"late", "method"}},
		"no evidence":     {falsified(old(text("a", first))), asked("service", "region"), []fold.Archive{text("a", all)}, causes{"late", "unexplained"}},
		"carbon alone":    {old(text("a", unchained(t, recorded(t, "clean")))), asked("service", "region"), []fold.Archive{text("a", dearer)}, causes{"intensity"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			figure := "operational_gco2e"
			got := shares(t, restate(t, c.old, c.ask, c.now...), figure)
			if len(got) != len(c.want) {
				t.Errorf("%s: %v, want %v", figure, got, c.want)
			}
			for _, cause := range c.want {
				if got[cause] == "" {
					t.Errorf("%s: %v, want one of %s", figure, got, cause)
				}
			}
		})
	}
}

// falsified is a document that says other figures than its inputs do.
func falsified(d *disclosure.Document) *disclosure.Document {
	*d.Totals.Operational += 7
	d.Totals.LocationBased += 7
	*d.Rows[0].Operational += 7
	return d
}

// TestArchivesRestateInAnotherView: rows differ by the view, totals do not.
func TestArchivesRestateInAnotherView(t *testing.T) {
	t.Parallel()
	lines := chained(t, 23, february(), 40)
	old := document(t, folded(t, text("a", strings.Join(lines[:20], ""))), asked("service", "region"))
	d := restate(t, old, asked("region"), text("a", strings.Join(lines, "")))
	if got := shares(t, d, "energy_kwh"); len(got) != 1 || got[disclosure.CauseLate] == "" {
		t.Errorf("totals: %v", got)
	}
	viewed := false
	for _, x := range d.Restates.Differences {
		for _, s := range x.Shares {
			viewed = viewed || x.Row != nil && s.Cause == disclosure.CauseView
		}
	}
	if !viewed {
		t.Error("no row differs by the view")
	}
}

// books is a ledger whose slots are closed and stated anew.
type books struct {
	t        *testing.T
	store    *memory.Store
	calendar account.Calendar
	now      time.Time
}

func newBooks(t *testing.T) *books {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	b := &books{t, memory.New(calendar), calendar, february()}
	b.method("usage", 12_000_000)
	return b
}

// method makes another power of busy processors the method from now on.
func (b *books) method(name string, busy unit.Power) {
	b.t.Helper()
	b.now = b.now.Add(time.Minute)
	_, err := b.store.PutMethod(b.t.Context(), ledger.MethodRecord{KnownAt: b.now, Method: derive.Method{
		Models: []derive.ModelRule{{Model: energy.BusyIdle(busy, 1_000_000)}}, Places: []derive.PlaceRule{{Region: "GB"}}, Chain: []string{"grid"},
		Accounting: account.Accounting{Scope: "lifecycle", Approach: "location"}, Policy: derive.Policy{Name: name},
	}})
	if err != nil {
		b.t.Fatal(err)
	}
}

// grid says the intensity of the month.
func (b *books) grid(value unit.Intensity) {
	b.t.Helper()
	b.now = b.now.Add(time.Minute)
	_, err := b.store.PutIntensities(b.t.Context(), []account.Intensity{{
		Region: "GB", Source: "grid", Version: "v1", Span: b.month(), Value: value, Kind: account.IntensityActual, KnownAt: b.now,
		Accounting: account.Accounting{Scope: "lifecycle", Approach: "location"},
	}})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) month() account.Span { return b.calendar.Period(account.StepMonth, february()) }

// close states a slot, for a reason if it is stated anew. Without any busy time the facts stay as they are.
func (b *books) close(n, revision int, reason ledger.Reason, busy unit.Duration) {
	b.t.Helper()
	ctx := b.t.Context()
	b.now = b.now.Add(time.Minute)
	slot := b.calendar.Grid().Slot(february().Add(time.Duration(n) * account.DefaultStep))
	var facts *account.Batch
	if busy > 0 {
		facts = &account.Batch{Slot: slot, KnownAt: b.now, Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}}}
		for i, name := range []string{"Muon", "Neutron"} {
			group, err := account.LabelsOf("group", name)
			if err != nil {
				b.t.Fatal(err)
			}
			facts.Subjects = append(facts.Subjects, account.Subject{Host: name, Labels: group})
			facts.Facts = append(facts.Facts, account.Fact{
				Subject: i, To: slot.Length(), Busy: busy + unit.Duration(i*1_000_000), Observed: slot.Length(), Expected: slot.Length(),
			})
		}
	}
	commit := ledger.Commit{Slot: slot, Revision: revision, KnownAt: b.now, Reason: reason, Facts: facts}
	held := facts
	if held == nil {
		for batch, err := range b.store.Facts(ctx, slot, time.Time{}) {
			if err != nil {
				b.t.Fatal(err)
			}
			held = batch
		}
	}
	known, err := ledger.KnownIn(ctx, b.store, slot, time.Time{})
	if err != nil {
		b.t.Fatal(err)
	}
	method, err := ledger.MethodAt(ctx, b.store, time.Time{})
	if err != nil {
		b.t.Fatal(err)
	}
	d, err := derive.New(method, known)
	if err != nil {
		b.t.Fatal(err)
	}
	if commit.Entries, err = d.Derive(held); err != nil {
		b.t.Fatal(err)
	}
	if err := b.store.Commit(ctx, commit); err != nil {
		b.t.Fatal(err)
	}
}

// disclosed is the document of the month as known now.
func (b *books) disclosed(old *disclosure.Document) *disclosure.Document {
	b.t.Helper()
	p, err := fold.Known(b.t.Context(), b.store, fold.LedgerConfig{Span: b.month(), By: []string{"group"}, KnownAt: b.now})
	if err != nil {
		b.t.Fatal(err)
	}
	r := asked("group")
	if old != nil {
		r.Restates = &disclosure.Old{Document: old, SHA256: strings.Repeat("0", 64)}
	}
	if err := fold.Method(b.t.Context(), b.store, p, &r); err != nil {
		b.t.Fatal(err)
	}
	return document(b.t, p, r)
}

// TestLedgerRestatesByCause: a slot that is closed late, facts that come late, another
// intensity, another method; each has its part of every figure, of rows too.
func TestLedgerRestatesByCause(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	b.grid(100_000)
	for n := range 3 {
		b.close(n, 1, "", 900_000_000)
	}
	old := b.disclosed(nil)
	b.close(0, 2, ledger.ReasonLate, 1_200_000_000)
	b.close(3, 1, "", 600_000_000) // was not closed yet
	b.grid(200_000)
	for n := range 4 {
		b.close(n, map[int]int{0: 3, 1: 2, 2: 2, 3: 2}[n], ledger.ReasonIntensity, 0)
	}
	b.method("better", 14_000_000)
	b.close(1, 3, ledger.ReasonMethod, 0)
	d := b.disclosed(old)
	for figure, want := range map[string][]disclosure.Cause{
		"energy_kwh": {disclosure.CauseLate, disclosure.CauseMethod}, "operational_gco2e": {disclosure.CauseLate, disclosure.CauseMethod, disclosure.CauseIntensity},
	} {
		got := shares(t, d, figure)
		for _, cause := range want {
			if got[cause] == "" {
				t.Errorf("%s: no share of %s: %v", figure, cause, got)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", figure, got, want)
		}
	}
	for _, x := range d.Restates.Differences {
		for _, s := range x.Shares {
			if s.Cause == disclosure.CauseUnexplained {
				t.Errorf("%v %s: %v is unexplained", x.Row, x.Figure, s.Value)
			}
		}
	}
	if len(d.Restates.Differences) < 6 {
		t.Errorf("only %d differences", len(d.Restates.Differences))
	}
}

package query_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// wholeDay is the local day on which the clocks change.
func wholeDay() query.Window { return query.Window{From: "2026-03-29", To: "2026-03-29"} }

// compact returns the JSON that surfaces give, and holds it equal to that of the
// library.
func compact(t *testing.T, a *query.Answer) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := a.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want)+"\n", b.String()); diff != "" {
		t.Errorf("not as the library writes it: %s", diff)
	}
	return b.Bytes()
}

func indented(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", " "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGolden holds the JSON and CSV of answers as files.
func TestGolden(t *testing.T) {
	t.Parallel()
	f := facility(t)
	for name, a := range map[string]query.Asked{
		"facility-group": {By: []string{"facility,group"}, Window: wholeDay()},
		"total":          {Window: wholeDay()},
		"slots": {
			By: []string{"facility"}, Step: "slot",
			Window: query.Window{From: "2026-03-29T00:30Z", To: "2026-03-29T02:30Z"},
		},
		"local-hours": {
			By: []string{"group"}, Step: "1h", Where: []string{"facility=ISIS"}, Sort: "name",
			Window: query.Window{From: "2026-03-29T00:30Z", To: "2026-03-29T02:30Z"},
		},
		"days-cut":    {By: []string{"facility"}, Step: "1d", Window: query.Window{From: "2026-03-28T23:00Z", To: "2026-03-29T01:00Z"}},
		"top":         {By: []string{"group"}, Top: "1", Sort: "energy", Window: wholeDay()},
		"as-known-at": {By: []string{"facility", "group"}, Window: wholeDay(), AsKnownAt: "2026-03-29T04:00Z"},
		"before-all":  {By: []string{"facility"}, Window: wholeDay(), AsKnownAt: "2020-01-01"},
		"nothing":     {By: []string{"facility"}, Window: query.Window{Month: "2025-01"}, Step: "1mo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := f.ask(query.Options{}, a)
			addsUp(t, answer)
			golden.Equal(t, "testdata/"+name+".json", indented(t, compact(t, answer)))
			var csv bytes.Buffer
			if err := answer.WriteCSV(&csv); err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, "testdata/"+name+".csv", csv.Bytes())
		})
	}
}

// addsUp holds that children sum to their parent and series to their node.
func addsUp(t *testing.T, a *query.Answer) {
	t.Helper()
	sums := map[string]unit.Energy{}
	for _, n := range a.Nodes {
		if n.Energy != nil {
			sums[strings.Join(n.Path[:len(n.Path)-1], "\x00")] += *n.Energy
		}
		seriesAddUp(t, fmt.Sprint(n.Path), n.Figures, n.Series)
	}
	seriesAddUp(t, "total", a.Total.Figures, a.Total.Series)
	for _, n := range a.Nodes {
		if sum, parent := sums[strings.Join(n.Path, "\x00")]; parent && (n.Energy == nil || *n.Energy != sum) {
			t.Errorf("%v: children sum to %v of %v", n.Path, sum, n.Energy)
		}
	}
	if total, some := sums[""]; some && (a.Total.Energy == nil || *a.Total.Energy != total) {
		t.Errorf("nodes sum to %v of %v", total, a.Total.Energy)
	}
}

func seriesAddUp(t *testing.T, name string, f account.Figures, series []query.Point) {
	t.Helper()
	if series == nil {
		return
	}
	var sum unit.Energy
	for _, p := range series {
		if p.Energy != nil {
			sum += *p.Energy
		}
	}
	if f.Energy == nil && sum != 0 || f.Energy != nil && *f.Energy != sum {
		t.Errorf("%s: series sums to %v of %v", name, sum, f.Energy)
	}
}

// TestAsKnownAtRepeats holds that asking as known at the instant an answer
// names gives the same figures.
func TestAsKnownAtRepeats(t *testing.T) {
	t.Parallel()
	f := facility(t)
	for _, step := range []string{"", "slot", "1h", "1d", "1mo"} {
		asked := query.Asked{
			By: []string{"facility", "group"}, Step: step,
			Window: query.Window{From: "2026-03-29T00:30Z", To: "2026-03-29T02:30Z"},
		}
		now := f.ask(query.Options{}, asked)
		asked.AsKnownAt = now.AsKnownAt.Format("2006-01-02T15:04:05.999999Z07:00")
		then := f.ask(query.Options{}, asked)
		if diff := cmp.Diff(now, then); diff != "" {
			t.Errorf("step %q: %s", step, diff)
		}
	}
}

// TestOpenSlot holds that an open slot is in totals and series, marked, and that
// one which was closed meanwhile is not counted twice.
func TestOpenSlot(t *testing.T) {
	t.Parallel()
	f := facility(t)
	grid := f.store.Calendar().Grid()
	open := grid.Slot(at(t, "2026-03-29T02:30:00Z"))
	entries := f.derived(f.batch(open, at(t, "2026-03-29T06:00:00Z"), []host{{"CDAaaS", "Laser", "l1", 0, 3600}}))
	options := query.Options{Open: func(context.Context) ([]query.Open, error) {
		return []query.Open{
			{Slot: grid.Slot(at(t, "2026-03-29T02:00:00Z")), Entries: entries},
			{Slot: open, Entries: entries},
			{Slot: grid.Slot(at(t, "2026-03-29T03:00:00Z")), Entries: entries},
		}, nil
	}}
	asked := query.Asked{
		By: []string{"facility"}, Step: "slot", Window: query.Window{From: "2026-03-29T02:00Z", To: "2026-03-29T03:00Z"},
	}
	a := f.ask(options, asked)
	addsUp(t, a)
	clf := a.Nodes[slices.IndexFunc(a.Nodes, func(n query.Node) bool { return n.Path[0] == "CLF" })]
	if !clf.Provisional || clf.Series[0].Provisional || !clf.Series[1].Provisional {
		t.Errorf("got %+v, want the second half hour of CLF provisional", clf)
	}
	if got, want := clf.Energy.String(), "0.002 kWh"; got != want {
		t.Errorf("CLF used %s, want %s: each of its two half hours once", got, want)
	}
	compact(t, a)
	asked.AsKnownAt = "2026-03-29T07:00Z"
	if a := f.ask(options, asked); a.Total.Provisional || a.Total.Series[1].Energy != nil {
		t.Error("an open slot is part of what was known earlier")
	}
}

// TestOpenFails holds that an answer is not given without what belongs to it.
func TestOpenFails(t *testing.T) {
	t.Parallel()
	f := facility(t)
	q, err := query.Asked{Window: wholeDay()}.Parse(f.store.Calendar(), at(t, "2026-04-10T12:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("the source is away")
	_, err = query.New(f.store, query.Options{
		Open: func(context.Context) ([]query.Open, error) { return nil, failed },
	}).Ask(t.Context(), q)
	if !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
}

func TestSimulated(t *testing.T) {
	t.Parallel()
	a := facility(t).ask(query.Options{Simulated: true}, query.Asked{Window: wholeDay()})
	if text := compact(t, a); !bytes.Contains(text, []byte(`"simulated":true`)) {
		t.Errorf("%s does not say that it is simulated", text)
	}
}

// TestWarnings holds that misspelt levels and names with two meanings are told.
func TestWarnings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.close("2026-03-29T00:30:00Z", "2026-03-29T01:02:00Z", "",
		host{"IDAaaS", "X_Muon", "a", 1, 1}, host{"IDAaaS_X", "Muon", "b", 1, 1}, host{"IDAaaS", "Muon", "c", 1, 1})
	a := f.ask(query.Options{}, query.Asked{By: []string{"facilty", "group"}, Window: wholeDay()})
	want := []string{
		`no account of the window has the label "facilty"; there are facility, group, machine, project`,
		`group "IDAaaS_X_Muon" stands for project "IDAaaS" with machine "X_Muon" and for project "IDAaaS_X" with machine "Muon": ` +
			`ask by those labels to tell them apart`,
	}
	if diff := cmp.Diff(want, a.Warnings); diff != "" {
		t.Error(diff)
	}
	a = f.ask(query.Options{}, query.Asked{Where: []string{"group=IDAaaS_X_Muon"}, Window: wholeDay()})
	if diff := cmp.Diff(want[1:], a.Warnings); diff != "" {
		t.Error(diff)
	}
	if a := f.ask(query.Options{}, query.Asked{By: []string{"project", "machine"}, Window: wholeDay()}); a.Warnings != nil {
		t.Errorf("got %v, want no warning", a.Warnings)
	}
}

// TestTooMuch holds that an answer that would not fit into memory is refused.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var hosts []host
	for i := range 40 {
		hosts = append(hosts, host{"IDAaaS", fmt.Sprintf("m%02d", i), fmt.Sprintf("h%02d", i), 1, 1})
	}
	f.close("2026-03-29T00:30:00Z", "2026-03-29T01:02:00Z", "", hosts...)
	q, err := query.Asked{
		By: []string{"group"}, Step: "slot", Window: query.Window{From: "2022-01-01", To: "2026-12-31"},
	}.Parse(f.store.Calendar(), at(t, "2026-04-10T12:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = query.New(f.store, query.Options{}).Ask(t.Context(), q)
	if !errors.Is(err, query.ErrQuestion) || !strings.Contains(err.Error(), "41 nodes with 87648 periods") {
		t.Errorf("got %v, want it refused", err)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	f := facility(t)
	engine := query.New(f.store, query.Options{})
	where, err := query.Filter("account", []string{"group=IDAaaS_Muon"})
	if err != nil {
		t.Fatal(err)
	}
	for name, figure := range map[string]query.Figure{
		"explain":      {Where: where, Slot: at(t, "2026-03-29T00:45:00Z")},
		"explain-then": {Where: where, Slot: at(t, "2026-03-29T00:45:00Z"), At: at(t, "2026-03-29T04:00:00Z")},
	} {
		x, err := engine.Explain(t.Context(), figure)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(x, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, "testdata/"+name+".json", append(text, '\n'))
	}
}

func TestExplainNothing(t *testing.T) {
	t.Parallel()
	f := facility(t)
	nobody := account.Filter{{Label: "group", Values: []string{"nobody"}}}
	for name, figure := range map[string]query.Figure{
		"the slot is not closed": {Slot: at(t, "2026-03-29T01:00:00Z")},
		"slot is not closed":     {Slot: at(t, "2026-03-29T00:30:00Z"), At: at(t, "2026-03-29T01:01:00Z")},
		`has group=["nobody"]`:   {Slot: at(t, "2026-03-29T00:30:00Z"), Where: nobody},
	} {
		_, err := query.New(f.store, query.Options{}).Explain(t.Context(), figure)
		if !errors.Is(err, query.ErrNoFigure) || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want no figure because %s", err, name)
		}
	}
}

// TestLedgerFails holds that errors of the ledger come through.
func TestLedgerFails(t *testing.T) {
	t.Parallel()
	f := facility(t)
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	engine := query.New(f.store, query.Options{})
	q, err := query.Asked{Window: wholeDay()}.Parse(engine.Calendar(), at(t, "2026-04-10T12:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Ask(t.Context(), q); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("ask: got %v, want %v", err, ledger.ErrClosed)
	}
	if _, err := engine.Explain(t.Context(), query.Figure{}); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("explain: got %v, want %v", err, ledger.ErrClosed)
	}
}

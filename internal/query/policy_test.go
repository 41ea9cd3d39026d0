package query_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
)

// policies are those that the tests ask for beside the ledger's own, usage.
func policies() []derive.Policy {
	return []derive.Policy{
		{Name: "apart", Idle: derive.IdleApart},
		{Name: "even", Divide: derive.DivideEven, Sharing: derive.SharingEven},
		{Name: "reserved", Divide: derive.DivideReservation},
		{Name: "pooled", Idle: derive.IdleProRata, Pool: []string{"group"}},
		{Name: "weighted", Divide: derive.DivideWeighted, Weights: []derive.WeightRule{
			{Where: account.Filter{{Label: "user", Values: []string{"anna"}}}, Weight: 3},
		}},
	}
}

// shared is a day of two hosts, one of which anna and ben hold at the same time for a
// while, with what ben may use as well.
func shared(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	f.method.Policy.Held = true
	if _, err := f.store.PutMethod(t.Context(), ledger.MethodRecord{KnownAt: at(t, "2026-01-01T00:00:01Z"), Method: f.method}); err != nil {
		t.Fatal(err)
	}
	f.intensity("2026-03-29T00:00:00Z", "2026-03-29T06:00:00Z", "2026-03-29T00:00:00Z", 231.5, account.IntensityForecast)
	for _, h := range []struct {
		id, host, user, from, to string
		reserved                 uint64
	}{
		{"1", "m1", "anna", "2026-03-29T00:10:00Z", "2026-03-29T02:00:00Z", 6},
		{"2", "m1", "ben", "2026-03-29T01:00:00Z", "2026-03-29T02:20:00Z", 2},
		{"3", "l1", "ben", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z", 1},
	} {
		labels, err := account.LabelsOf("user", h.user, "workspace", "ws-"+h.id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.store.PutHoldings(t.Context(), []account.Holding{{
			ID: h.id, Host: h.host, Holder: labels, Reserved: h.reserved,
			From: at(t, h.from), To: at(t, h.to), KnownAt: at(t, "2026-03-28T00:00:00Z"),
		}}); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	for slot := at(t, "2026-03-29T00:00:00Z"); slot.Before(at(t, "2026-03-29T03:00:00Z")); slot = slot.Add(30 * time.Minute) {
		f.close(slot.Format(time.RFC3339), "2026-03-29T04:00:00Z", "",
			host{"IDAaaS", "Muon", "m1", float64(random.IntN(90_000)) / 7, float64(random.IntN(90_000)) / 11},
			host{"CDAaaS", "Laser", "l1", float64(random.IntN(1800)), 1234.5})
	}
	return f
}

// TestCompare holds the shapes of a comparison as files.
func TestCompare(t *testing.T) {
	t.Parallel()
	f := shared(t)
	for name, a := range map[string]query.Asked{
		"compare":        {By: []string{"group", "user"}, Window: wholeDay(), Compare: "apart"},
		"compare-series": {By: []string{"user"}, Window: query.Window{From: "2026-03-29T01:00Z", To: "2026-03-29T03:00Z"}, Step: "1h", Policy: "even", Compare: "reserved"},
		"compare-top":    {By: []string{"user"}, Window: wholeDay(), Top: "1", Sort: "energy", Policy: "apart", Compare: "weighted"},
		"policy":         {By: []string{"user"}, Window: wholeDay(), Policy: "pooled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := f.ask(query.Options{Policies: policies()}, a)
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

// TestPoliciesDivideOneWhole holds, for every pair of policies, that both have the
// same total to the last µWh and µg, that all rows of both add up to it, that
// differences are those of the figures, and that the ledger's own policy gives what
// is stored.
func TestPoliciesDivideOneWhole(t *testing.T) {
	t.Parallel()
	f := shared(t)
	o := query.Options{Policies: policies()}
	stored := f.ask(o, query.Asked{By: []string{"group", "user"}, Window: wholeDay()})
	names := []string{"usage"}
	for _, p := range policies() {
		names = append(names, p.Name)
	}
	for _, one := range names {
		for _, other := range names {
			a := f.ask(o, query.Asked{By: []string{"group", "user"}, Window: wholeDay(), Policy: one, Compare: other})
			addsUp(t, a)
			c := a.Total.Compared
			if d := c.Difference; *d.Energy != 0 || *d.Operational != 0 {
				t.Errorf("%s and %s: the totals differ by %v", one, other, d)
			}
			swapped := *a
			swapped.Total.Figures, swapped.Nodes = c.Figures, nil
			for _, n := range a.Nodes {
				if *n.Compared.Difference.Energy != *n.Compared.Energy-*n.Energy {
					t.Errorf("%s and %s: %v: difference", one, other, n.Path)
				}
				n.Figures = n.Compared.Figures
				swapped.Nodes = append(swapped.Nodes, n)
			}
			addsUp(t, &swapped)
			if *a.Total.Energy != *stored.Total.Energy || *a.Total.Operational != *stored.Total.Operational {
				t.Errorf("%s: total %v, stored %v", one, a.Total.Energy, stored.Total.Energy)
			}
		}
	}
	own := f.ask(o, query.Asked{By: []string{"group", "user"}, Window: wholeDay(), Policy: "usage"})
	own.Policy = ""
	if diff := cmp.Diff(stored, own); diff != "" {
		t.Errorf("the own policy by name: %s", diff)
	}
	same := f.ask(o, query.Asked{By: []string{"group", "user"}, Window: wholeDay(), Compare: "usage"})
	for i, n := range same.Nodes {
		if diff := cmp.Diff(stored.Nodes[i].Figures, n.Figures); diff != "" || *n.Compared.Difference.Energy != 0 {
			t.Errorf("%v: derived is not what is stored: %s", n.Path, diff)
		}
	}
}

// TestPolicyNames holds that a policy that nobody has described is refused with those
// that there are.
func TestPolicyNames(t *testing.T) {
	t.Parallel()
	f := shared(t)
	e := query.New(f.store, query.Options{Policies: policies()})
	for parameter, asked := range map[string]query.Asked{
		"policy": {Window: wholeDay(), Policy: "fair"}, "compare": {Window: wholeDay(), Compare: "fair"},
	} {
		q, err := asked.Parse(f.store.Calendar(), at(t, "2026-04-10T12:00:00Z"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Ask(t.Context(), q)
		if !errors.Is(err, query.ErrQuestion) || !strings.Contains(err.Error(), parameter+`: "fair" is not a policy`) ||
			!strings.Contains(err.Error(), "use usage, apart, even, reserved, pooled, weighted") {
			t.Errorf("%v", err)
		}
	}
	if _, err := e.Explain(t.Context(), query.Figure{Slot: at(t, "2026-03-29T00:00:00Z"), Policy: "fair"}); !errors.Is(err, query.ErrQuestion) {
		t.Errorf("explain: %v", err)
	}
}

// TestExplainPolicy holds that what is explained is what the policy gives.
func TestExplainPolicy(t *testing.T) {
	t.Parallel()
	f := shared(t)
	e := query.New(f.store, query.Options{Policies: policies()})
	anna := account.Filter{{Label: "user", Values: []string{"anna"}}}
	for _, name := range []string{"usage", "even", "weighted"} {
		x, err := e.Explain(t.Context(), query.Figure{Where: anna, Slot: at(t, "2026-03-29T01:00:00Z"), Policy: name})
		if err != nil || len(x.Accounts) != 1 {
			t.Fatal(x, err)
		}
		a := f.ask(query.Options{Policies: policies()}, query.Asked{
			Where: []string{"user=anna"}, Window: query.Window{From: "2026-03-29T01:00Z", To: "2026-03-29T01:30Z"}, Policy: name,
		})
		if got := x.Accounts[0]; *got.Figures.Energy != *a.Total.Energy || got.Policy.Name != name {
			t.Errorf("%s: explained %v by %s, asked %v", name, got.Figures.Energy, got.Policy.Name, a.Total.Energy)
		}
	}
}

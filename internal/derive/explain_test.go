package derive_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleDeriver_Explain() {
	g, _ := account.NewGrid(account.DefaultStep)
	labels, _ := account.LabelsOf("machine_name", "Muon")
	batch := &account.Batch{
		Slot:     g.Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC)),
		Origins:  []account.Origin{{Source: "prometheus", Method: "raw samples"}},
		Subjects: []account.Subject{{Host: "172.16.100.50", Labels: labels}},
		Facts:    []account.Fact{{To: 1800_000_000, Busy: 60_000_000, Idle: 14_340_000_000, Observed: 1800_000_000, Expected: 1800_000_000}},
	}
	d, _ := derive.New(derive.Method{
		Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"},
	}, derive.Known{})
	explanations, err := d.Explain(batch, nil)
	if err != nil {
		panic(err)
	}
	for _, step := range explanations[0].Hosts[0].Steps {
		fmt.Printf("%s: %s = %s\n", step.Name, step.Formula, step.Result)
	}
	// Output:
	// energy: (12 W × 60 s busy + 1 W × 14340 s idle) ÷ 3.6e6 J/kWh = 0.004183333 kWh
	// busy and idle: 0.004183333 kWh split by model "busy-idle 12 W/1 W" = 0.0002 kWh busy, 0.003983333 kWh idle
	// intensity: no source of the chain knows the slot = unknown
	// share: all of it = 0.004183333 kWh, carbon unknown
}

// TestExplainAgreesWithDerive holds for random worlds that what is explained is
// what is derived, and that the shares of an account sum to it.
func TestExplainAgreesWithDerive(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(61, 62))
	for range 300 {
		w := randomWorld(t, r)
		d, err := derive.New(w.method, w.known)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := d.Derive(w.batch)
		if err != nil {
			t.Fatal(err)
		}
		explanations, err := d.Explain(w.batch, nil)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[account.Account]account.Quantities{}
		for _, e := range entries {
			sums[e.Account] = mustAdd(t, sums[e.Account], e.Quantities)
		}
		if len(explanations) != len(sums) {
			t.Fatalf("%d explanations of %d accounts", len(explanations), len(sums))
		}
		for _, x := range explanations {
			if diff := cmp.Diff(sums[x.Account].Figures(), x.Figures); diff != "" {
				t.Fatalf("%v (-derived +explained):\n%s", x.Account, diff)
			}
			checkShares(t, x)
		}
	}
}

func checkShares(t *testing.T, x derive.Explanation) {
	t.Helper()
	var sum unit.Energy
	for _, h := range x.Hosts {
		if len(h.Steps) < 3 || len(h.Facts) == 0 || h.Model == nil {
			t.Fatalf("%v: thin explanation %+v", x.Account, h)
		}
		if h.Share.Energy != nil {
			sum += *h.Share.Energy
		}
	}
	if x.Pooled != nil && x.Pooled.Energy != nil {
		sum += *x.Pooled.Energy
	}
	if x.Figures.Energy != nil && sum != *x.Figures.Energy {
		t.Fatalf("%v: its shares sum to %v, it has %v", x.Account, sum, *x.Figures.Energy)
	}
}

func TestExplainText(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z")
	first := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	second := span(t, "2026-01-28T12:30:00Z", "2026-01-28T13:00:00Z")
	k := derive.Known{
		Holdings:    []account.Holding{holds(t, "A", 0, 20), holds(t, "B", 30, -1)},
		Intensities: []account.Intensity{grid(first, account.IntensityActual, 100), grid(second, account.IntensityForecast, 200)},
	}
	m := held()
	m.Models[0].Model = energy.Model{
		Name: "server", Per: energy.PerHost, PUE: 1_500_000_000,
		Curve: []energy.Point{{Power: 100_000_000}, {Use: 500_000_000, Power: 200_000_000}, {Use: unit.One, Power: 250_000_000}},
	}
	fact := account.Fact{
		To: minutes(60), Busy: minutes(120), Idle: minutes(360), Observed: minutes(60), Expected: minutes(60),
		Measured: 36_000_000_000, Metered: minutes(30),
	}
	d, err := derive.New(m, k)
	if err != nil {
		t.Fatal(err)
	}
	explanations, err := d.Explain(oneHost(t, slot, fact), account.Filter{{Label: "user", Values: []string{"A"}}})
	if err != nil || len(explanations) != 1 {
		t.Fatalf("%d explanations, %v", len(explanations), err)
	}
	text, err := json.Marshal(explanations[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"meter: 36000 J ÷ 3.6e6 J/kWh × PUE 1.5, and power at use 0.25 on the line through 100 W at 0, 200 W at 0.5, 250 W at 1, × 3600 s of the host",
		"for the 1800 s of 3600 s without meter", "0.1275 kWh",
		"mean over time of 100 gCO2e/kWh (actual, ukgrid) for 1800 s, 200 gCO2e/kWh (forecast, ukgrid) for 1800 s",
		"0.1275 kWh × 150 gCO2e/kWh", "19.125 gCO2e", "cut where nothing was measured (estimated)",
		`"measured_j":36000`, `"metered_s":1800`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if got := explanations[0].Figures.Energy.Decimal(); got != "0.0425" {
		t.Errorf("A has %s kWh, a third of 0.1275", got)
	}
}

// TestExplainIsAFirstReading holds that a host's share in an explanation is the one
// that was derived, and that each contention is told once, however many hosts there are.
func TestExplainIsAFirstReading(t *testing.T) {
	t.Parallel()
	for _, hosts := range [][]string{{"h1"}, {"h1", "h2"}} {
		d, b := contestedHosts(t, hosts...)
		explanations, err := d.Explain(b, nil)
		if err != nil || len(explanations) != 2*len(hosts) {
			t.Fatalf("%d explanations, %v", len(explanations), err)
		}
		for _, x := range explanations {
			claims := 0
			for _, step := range x.Hosts[0].Steps {
				if step.Name == "claims" {
					claims++
				}
			}
			if len(x.Hosts) != 1 || claims != 1 {
				t.Errorf("%v of %v: its claims are told %d times", x.Account, hosts, claims)
			}
			if diff := cmp.Diff(x.Figures, x.Hosts[0].Share); diff != "" {
				t.Errorf("%v has one host of %v, whose share is another (-account +share):\n%s", x.Account, hosts, diff)
			}
		}
	}
}

// contestedHosts are hosts that two workspaces hold, seen for a third of the slot.
func contestedHosts(t *testing.T, hosts ...string) (*derive.Deriver, *account.Batch) {
	t.Helper()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	b := &account.Batch{Slot: slot, Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}}}
	var holdings []account.Holding
	for i, host := range hosts {
		b.Subjects = append(b.Subjects, account.Subject{Host: host, Labels: mustLabels(t, "machine_name", "Muon")})
		b.Facts = append(b.Facts, account.Fact{Subject: i, To: minutes(30), Busy: minutes(10), Observed: minutes(10), Expected: minutes(10)})
		for _, user := range []string{"alice", "bob"} {
			holdings = append(holdings, account.Holding{
				ID: host + user, Host: host, From: slot.From, Holder: mustLabels(t, "user", user+" of "+host, "workspace", "ws-"+user),
			})
		}
	}
	d, err := derive.New(held(), derive.Known{Holdings: holdings})
	if err != nil {
		t.Fatal(err)
	}
	return d, b
}

package query_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// serve closes a slot in which hosts ran and services used an energy of it each, in
// microwatt-hours, a meter of services idle among them.
func (f *fixture) serve(from, knownAt string, hosts []host, services map[string]int64, idle int64) {
	f.t.Helper()
	slot := f.store.Calendar().Grid().Slot(at(f.t, from))
	b := f.batch(slot, at(f.t, knownAt), hosts)
	add := func(kind account.SubjectKind, name, label string, energy int64) {
		labels, err := account.LabelsOf(label, name, "region", "GB")
		if err != nil {
			f.t.Fatal(err)
		}
		b.Facts = append(b.Facts, account.Fact{
			Subject: len(b.Subjects), To: slot.Length(), Observed: slot.Length(), Expected: slot.Length(), Scored: unit.Energy(energy),
		})
		b.Subjects = append(b.Subjects, account.Subject{Kind: kind, Host: name, Labels: labels})
	}
	for name, energy := range services {
		add(account.SubjectService, name, "service", energy)
	}
	if idle > 0 {
		add(account.SubjectIdle, "kepler_ebpf", "meter", idle)
	}
	b.Sort()
	f.revision[slot]++
	err := f.store.Commit(f.t.Context(), ledger.Commit{Slot: slot, Revision: f.revision[slot], KnownAt: b.KnownAt, Facts: b, Entries: f.derived(b)})
	if err != nil {
		f.t.Fatal(err)
	}
}

// mixed is a ledger in which two services run on hosts.
func mixed(t testing.TB) *fixture {
	t.Helper()
	f := newFixture(t)
	f.intensity("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", "2026-03-28T00:00:00Z", 200, account.IntensityActual)
	hosts := []host{{"IDAaaS", "Muon", "m1", 537.45, 28723.26}, {"CDAaaS", "Laser", "l1", 0, 3600}}
	f.serve("2026-03-29T00:30:00Z", "2026-03-29T01:02:00Z", hosts, map[string]int64{"cart": 700, "pay": 300}, 250)
	f.serve("2026-03-29T01:00:00Z", "2026-03-29T01:32:00Z", hosts, map[string]int64{"cart": 100}, 0)
	return f
}

// total returns the energy of a total, in microwatt-hours.
func total(t testing.TB, figures account.Figures) int64 {
	t.Helper()
	if figures.Energy == nil {
		t.Fatal("no energy")
	}
	return int64(*figures.Energy)
}

// No question adds the energy of services to that of the hosts they run on, however it
// is asked, and what is left out is told.
func TestPerimeters(t *testing.T) {
	t.Parallel()
	f, alone := mixed(t), newFixture(t)
	alone.intensity("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", "2026-03-28T00:00:00Z", 200, account.IntensityActual)
	hosts := []host{{"IDAaaS", "Muon", "m1", 537.45, 28723.26}, {"CDAaaS", "Laser", "l1", 0, 3600}}
	alone.serve("2026-03-29T00:30:00Z", "2026-03-29T01:02:00Z", hosts, nil, 0)
	alone.serve("2026-03-29T01:00:00Z", "2026-03-29T01:32:00Z", hosts, nil, 0)
	opts := query.Options{Policies: []derive.Policy{{Name: "apart", Idle: derive.IdleApart}}}
	ofHosts := total(t, alone.ask(opts, query.Asked{Window: wholeDay()}).Total.Figures)
	const ofServices = 700 + 300 + 250 + 100
	for name, c := range map[string]struct {
		asked     query.Asked
		want      int64
		perimeter account.Perimeter
		apart     int64
	}{
		"the total is of hosts":      {query.Asked{}, ofHosts, account.PerimeterHosts, ofServices},
		"by slot":                    {query.Asked{Step: "slot"}, ofHosts, account.PerimeterHosts, ofServices},
		"by facility":                {query.Asked{By: []string{"facility,group"}}, ofHosts, account.PerimeterHosts, ofServices},
		"by service":                 {query.Asked{By: []string{"service"}}, ofServices, account.PerimeterServices, ofHosts},
		"of a service":               {query.Asked{Where: []string{"service=cart"}}, 800, account.PerimeterServices, -1},
		"asked for":                  {query.Asked{Perimeter: "services"}, ofServices, account.PerimeterServices, ofHosts},
		"asked for, by slot":         {query.Asked{Perimeter: "services", Step: "slot"}, ofServices, account.PerimeterServices, ofHosts},
		"hosts by service, asked":    {query.Asked{Perimeter: "hosts", By: []string{"service"}}, ofHosts, account.PerimeterHosts, ofServices},
		"a label that services have": {query.Asked{Where: []string{"region=GB"}}, ofServices, account.PerimeterServices, -1},
		"under another policy":       {query.Asked{Policy: "apart"}, ofHosts, account.PerimeterHosts, ofServices},
		"two policies":               {query.Asked{Compare: "apart", By: []string{"group"}, Top: "1", Step: "slot"}, ofHosts, account.PerimeterHosts, ofServices},
		"as known at":                {query.Asked{AsKnownAt: "2026-03-29T04:00Z", By: []string{"service"}}, ofServices, account.PerimeterServices, ofHosts},
		"top and sort":               {query.Asked{By: []string{"service"}, Top: "1", Sort: "name"}, ofServices, account.PerimeterServices, ofHosts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.asked.Window = wholeDay()
			a := f.ask(opts, c.asked)
			if got := total(t, a.Total.Figures); got != c.want || a.Perimeter != c.perimeter {
				t.Errorf("%d of %s, want %d of %s", got, a.Perimeter, c.want, c.perimeter)
			}
			sum := int64(0)
			for _, n := range a.Nodes {
				if len(n.Path) == 1 {
					sum += total(t, n.Figures)
				}
			}
			if len(a.By) > 0 && sum != c.want {
				t.Errorf("nodes add up to %d", sum)
			}
			series := int64(0)
			for _, p := range a.Total.Series {
				if p.Energy != nil {
					series += int64(*p.Energy)
				}
			}
			if c.asked.Step != "" && series != c.want {
				t.Errorf("the series adds up to %d", series)
			}
			noted := strings.Contains(a.PerimeterNote(), "Counted apart")
			switch {
			case c.apart < 0 && (len(a.Apart) != 0 || noted):
				t.Errorf("apart: %+v %v", a.Apart, a.Warnings)
			case c.apart >= 0 && (len(a.Apart) != 1 || total(t, a.Apart[0].Figures) != c.apart || !noted):
				t.Errorf("apart: %+v, %q", a.Apart, a.PerimeterNote())
			}
			compact(t, a)
		})
	}
	if a := alone.ask(opts, query.Asked{Window: wholeDay()}); a.Perimeter != "" || len(a.Apart) != 0 || len(a.Warnings) != 0 {
		t.Errorf("a ledger of hosts alone: %+v", a)
	}
}

// What a meter of services measured in idleness is a rest of services of kind idle, with
// the carbon of its region, in figures and explained.
func TestIdleOfServices(t *testing.T) {
	t.Parallel()
	f := mixed(t)
	a := f.ask(query.Options{}, query.Asked{By: []string{"service,region"}, Sort: "name", Window: wholeDay()})
	var got []string
	for _, n := range a.Nodes {
		got = append(got, strings.Join(n.Path, "/")+" "+n.Kind.String()+" "+n.Energy.String()+" "+n.Operational.String())
	}
	if diff := cmp.Diff([]string{
		"cart account 0.0000008 kWh 0.00016 gCO2e", "cart/GB account 0.0000008 kWh 0.00016 gCO2e",
		"pay account 0.0000003 kWh 0.00006 gCO2e", "pay/GB account 0.0000003 kWh 0.00006 gCO2e",
		"idle idle 0.00000025 kWh 0.00005 gCO2e", "idle/GB account 0.00000025 kWh 0.00005 gCO2e",
	}, got); diff != "" {
		t.Error(diff)
	}
	x, err := query.New(f.store, query.Options{}).Explain(t.Context(), query.Figure{
		Where: account.Filter{{Label: "meter", Values: []string{"kepler_ebpf"}}}, Slot: at(t, "2026-03-29T00:40:00Z"),
	})
	if err != nil || len(x.Accounts) != 1 || x.Accounts[0].Account.Kind != account.KindIdle {
		t.Fatalf("%+v, %v", x, err)
	}
	if step := x.Accounts[0].Hosts[0].Steps[0]; !strings.Contains(step.Formula, "measured by the meter") || x.Accounts[0].Hosts[0].Model != nil {
		t.Errorf("%+v", step)
	}
}

func TestPerimeterRefused(t *testing.T) {
	t.Parallel()
	for want, asked := range map[string]query.Asked{
		"perimeter is no level": {By: []string{"perimeter,service"}},
		`"both" is not one`:     {Perimeter: "both"},
	} {
		_, err := asked.Parse(calendar(t), at(t, "2026-04-10T12:00:00Z"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", asked, err)
		}
	}
	var b bytes.Buffer
	if err := mixed(t).ask(query.Options{}, query.Asked{By: []string{"facility"}, Window: wholeDay()}).WriteCSV(&b); err != nil || strings.Contains(b.String(), "services") {
		t.Errorf("%s, %v", b.String(), err)
	}
}

func ExampleAnswer_PerimeterNote() {
	energy := unit.Energy(2_000_000_000)
	a := &query.Answer{
		Perimeter: account.PerimeterHosts,
		Apart:     []query.Apart{{Perimeter: account.PerimeterServices, Figures: account.Figures{Energy: &energy}}},
	}
	fmt.Println(a.PerimeterNote())
	// Output:
	// Figures of hosts. Counted apart: 2 kWh of services, which are among the same joules (--perimeter services).
}

package disclosure_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleBeside() {
	fmt.Println(disclosure.Beside("2026-Q1.json", disclosure.EnvelopeSuffix))
	// Output: 2026-Q1.dsse.json
}

func ExampleCompare() {
	before, err := disclosure.Parse(exampleText())
	if err != nil {
		fmt.Println(err)
		return
	}
	p := january()
	p.Rows[0].Energy, p.Rows[0].CarbonEnergy, p.Total.Energy, p.Total.CarbonEnergy = 5_000_000, 5_000_000, 11_000_000, 11_000_000
	p.Inputs[0].SHA256, p.Inputs[0].Windows.Counted = strings.Repeat("cd", 32), 33
	after, err := disclosure.New(p, request())
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := disclosure.Compare(&disclosure.Old{Document: before}, &disclosure.Old{Document: after})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.SamePeriod, c.Totals.Energy, c.LocationBased)
	for _, row := range c.Rows {
		fmt.Println(row.Labels.Get("service"), row.Change.Energy, row.Change.Operational)
	}
	fmt.Println(c.Causes)
	// Output:
	// true 0.001 kWh 0 gCO2e
	// mail 0.001 kWh 0 gCO2e
	// orders 0 kWh 0 gCO2e
	// [{late windows-1.ndjson has 2 windows more}]
}

// TestCompareKeepsWhatIsNotKnownApart compares documents whose rows, methods and periods
// differ.
func TestCompareKeepsWhatIsNotKnownApart(t *testing.T) {
	t.Parallel()
	old, text := made(t, january(), request())
	p, r := january(), request()
	p.Span = account.NewSpan(p.Span.To, p.Span.To.AddDate(0, 1, 0))
	labels, err := account.LabelsOf("service", "stock", "region", "eu-west-3")
	if err != nil {
		t.Fatal(err)
	}
	p.Rows[1].Labels = labels
	p.Rows[0].CarbonEnergy, p.Rows[0].Operational = 0, 0
	p.Total.CarbonEnergy, p.Total.Operational = p.Rows[1].CarbonEnergy, p.Rows[1].Operational
	p.Models = p.Models[:1]
	r.Program.Version = "v2"
	now, _ := made(t, p, r)
	c, err := disclosure.Compare(&disclosure.Old{Document: old, SHA256: disclosure.Hash(text)}, &disclosure.Old{Document: now})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, row := range c.Rows {
		got += fmt.Sprintln(row.Labels.Get("service"), row.Before != nil, row.After != nil, row.Change.Energy, row.Change.Operational)
	}
	if want := "mail true true 0 kWh <nil>\norders true false <nil> <nil>\nstock false true <nil> <nil>\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if c.SamePeriod || len(c.Causes) != 0 || c.Before.SHA256 != disclosure.Hash(text) {
		t.Errorf("another period has causes: %+v", c)
	}
	want := []disclosure.MethodChange{
		{Member: "program", Before: "dendro v1", After: "dendro v2"},
		{Member: "method.energy_models", Before: "scaphandre_rapl, specpower", After: "scaphandre_rapl"},
	}
	if diff := cmp.Diff(want, c.Methods); diff != "" {
		t.Error(diff)
	}
}

// TestCompareTakesTheCausesOfARestatement wants those that the document states, with what
// the ledger said, and the members of its method that differ.
func TestCompareTakesTheCausesOfARestatement(t *testing.T) {
	t.Parallel()
	r := request()
	r.Accounts = []byte(`{"policy":{"name":"usage"},"places":["GB"]}`)
	old, text := made(t, january(), r)
	r.Accounts = []byte(`{"policy":{"name":"even"},"places":["GB"]}`)
	r.Restates = &disclosure.Old{Document: old, SHA256: disclosure.Hash(text)}
	r.Reasons = []disclosure.Reason{{Cause: disclosure.CauseHolding, Slots: 3, Operational: unit.Mass(5)}}
	now, _ := made(t, january(), r)
	c, err := disclosure.Compare(r.Restates, &disclosure.Old{Document: now})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Reasons, c.Reasons); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(now.Restates.Evidence, c.Causes); diff != "" || len(c.Causes) != 2 {
		t.Errorf("%s %v", diff, c.Causes)
	}
	if diff := cmp.Diff([]disclosure.MethodChange{{Member: "method.accounts.policy", Before: `{"name":"usage"}`, After: `{"name":"even"}`}}, c.Methods); diff != "" {
		t.Error(diff)
	}
}

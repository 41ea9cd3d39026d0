package disclosure_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

func ExampleNew() {
	d, err := disclosure.New(january(), request())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Period.Type, d.Totals.Energy, d.Totals.LocationBased)
	fmt.Println(d.SCI.Value, "gCO2e per", d.SCI.Unit)
	// Output:
	// calendar-month 0.01 kWh 0.6 gCO2e
	// 0.003 gCO2e per request
}

// exampleText is the text of a document, for examples.
func exampleText() []byte {
	d, err := disclosure.New(january(), request())
	if err != nil {
		return nil
	}
	text, err := d.Text()
	if err != nil {
		return nil
	}
	return text
}

func ExampleParse() {
	text := exampleText()
	d, err := disclosure.Parse(text)
	fmt.Println(d.Organisation.Name, err)
	again, err := d.Text()
	fmt.Println(bytes.Equal(text, again), err)
	_, err = disclosure.Parse(bytes.TrimSpace(text))
	fmt.Println(err != nil)
	// Output:
	// Example <nil>
	// true <nil>
	// true
}

func ExampleVerify() {
	text := exampleText()
	statement, err := disclosure.Statement("2026-01.json", text)
	if err != nil {
		fmt.Println(err)
		return
	}
	v := disclosure.Verify(disclosure.Given{Name: "2026-01.json", Text: text, Statement: statement})
	for _, c := range v.Checks {
		fmt.Println(c.State, c.Name)
	}
	changed := bytes.Replace(text, []byte(`"energy_kwh":0.01`), []byte(`"energy_kwh":0.02`), 1)
	again := disclosure.Verify(disclosure.Given{Name: "2026-01.json", Text: changed, Statement: statement})
	fmt.Println(v.Holds(), again.Holds(), v.Hash == disclosure.Hash(text))
	// Output:
	// ok form
	// ok id
	// ok sums
	// ok rules
	// ok statement
	// not given signature
	// not given previous
	// not given inputs
	// true false true
}

func ExampleViolations() {
	r := request()
	r.Org = nil
	d, err := disclosure.New(january(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range disclosure.Violations(d) {
		fmt.Printf("%s: %s; %s\n", v.Field, v.Text, v.Hint)
	}
	for _, rule := range disclosure.Rules()[:1] {
		fmt.Println(rule.Why)
	}
	// Output:
	// organisation: nobody is named; name it in a file given by --org
	// Figures that nobody answers for are no disclosure.
}

func ExampleInconsistencies() {
	d, err := disclosure.New(january(), request())
	if err != nil {
		fmt.Println(err)
		return
	}
	d.Shared.Transport++
	fmt.Println(disclosure.Inconsistencies(d)[0])
	// Output: transport_gco2e: rows and what is shared add up to 0.010001, the total is 0.01
}

func ExampleRederive() {
	p := january()
	d, err := disclosure.New(p, request())
	if err != nil {
		fmt.Println(err)
		return
	}
	p.Embodied++
	different, err := disclosure.Rederive(d, p)
	for _, text := range different {
		member, _, _ := strings.Cut(text, ":")
		fmt.Println(member)
	}
	fmt.Println(err)
	// Output:
	// totals
	// shared
	// <nil>
}

func ExampleParseOrg() {
	_, err := disclosure.ParseOrg("org.yaml", []byte("organisation:\n  name: Example\n  country: UK\n"))
	fmt.Println(err)
	fmt.Println(disclosure.IsCountry("GB"))
	// Output:
	// org.yaml:3: organisation.country: "UK" is no country
	//   Try: use the two letters of ISO 3166-1, such as FR or GB
	// true
}

func ExampleDocument_WriteCSV() {
	d, err := disclosure.New(january(), request())
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	if err := d.WriteCSV(&b); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Split(b.String(), "\n")[1])
	fmt.Println(d.WriteHTML(io.Discard, disclosure.Hash(exampleText())))
	// Output:
	// 2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,account,mail,eu-west-3,0.004,0.004,0.002,0,0.2,0.1,0.4,,,4000000,100,,
	// <nil>
}

func ExamplePatterns() {
	fmt.Println(disclosure.Patterns()[:2])
	// Output: [n_plus_one_sql n_plus_one_http]
}

// Why the figures of a period changed: late windows added some, and something else did the rest.
func ExamplePeriod_Snapshot() {
	old, err := disclosure.New(january(), request())
	if err != nil {
		fmt.Println(err)
		return
	}
	base, now := january(), january() // base is the old input, folded again
	base.Rows[0].Requests, base.Total.Requests = base.Rows[0].Requests+3, base.Total.Requests+3
	now.Rows[0].Requests, now.Total.Requests = now.Rows[0].Requests+13, now.Total.Requests+13
	before, err := base.Snapshot(old.Scope.By)
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := now.Snapshot(old.Scope.By)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(disclosure.SnapshotOf(old).SameUse(before), old.IsOf(now.Span))
	r := request()
	r.Restates = &disclosure.Old{Document: old, SHA256: disclosure.Hash(exampleText())}
	r.Portions = []disclosure.Portion{{Cause: disclosure.CauseLate, Before: before, After: after}}
	d, err := disclosure.New(now, r)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range d.Restates.Differences[:1] {
		fmt.Println(x.Figure, *x.Before, *x.After, x.Shares)
	}
	// Output:
	// false true
	// requests 200 213 [{late 10} {unexplained 3}]
}

func ExampleDocument_Zone() {
	r := request()
	r.Zone = time.FixedZone("Europe/Paris", 3600)
	d, err := disclosure.New(january(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	zone, err := d.Zone()
	fmt.Println(zone, err)
	d.Period.TimeZone = "Europe/Nowhere"
	_, err = d.Zone()
	fmt.Println(err)
	// Output:
	// Europe/Paris <nil>
	// not a disclosure in its legal form: period.time_zone: unknown time zone Europe/Nowhere
}

func ExampleDocument_Follows() {
	r := request()
	before, err := disclosure.New(january(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, months := range []int{1, 2} {
		p := january()
		p.Span.From, p.Span.To = p.Span.From.AddDate(0, months, 0), p.Span.To.AddDate(0, months, 0)
		d, err := disclosure.New(p, r)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(d.Period.FirstDate, d.Follows(before))
	}
	// Output:
	// 2026-02-01 true
	// 2026-03-01 false
}

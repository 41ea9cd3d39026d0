package foreign_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
)

// A report of what somebody only counted: internally it may be written, officially not.
func ExampleNew() {
	span := account.NewSpan(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	p := &disclosure.Period{Span: span, Report: disclosure.Report{
		Requests: 3, EnergyKWh: 1.5, CarbonKg: 0.25, Services: []disclosure.Service{{Name: "orders", Named: true, Operations: 9}},
	}}
	r := disclosure.Request{
		Intent: disclosure.Internal, Confidentiality: disclosure.Public, MadeAt: span.To,
		Org: &disclosure.Org{Organisation: disclosure.Organisation{Name: "Example", Country: "FR"}},
	}
	report, err := foreign.New(p, r)
	fmt.Println(foreign.IsReport(report), foreign.Verify(report).Holds(), err)
	for line := range strings.Lines(string(report)) {
		if strings.Contains(line, "period_type") || strings.Contains(line, "total_") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	r.Intent = disclosure.Official
	_, err = foreign.New(p, r)
	var refused *foreign.Refused
	fmt.Println(errors.As(err, &refused), err)
	// Output:
	// true true <nil>
	// "period_type": "calendar-month",
	// "total_applications_declared": 0,
	// "total_applications_declared",
	// "total_requests_in_period",
	// "report_field": "aggregate.total_energy_kwh",
	// "report_field": "aggregate.total_carbon_kgco2eq (operational term)",
	// "total_requests": 3,
	// "total_energy_kwh": 1.5,
	// "total_carbon_kgco2eq": 0.25,
	// "total_requests": 0,
	// true 10 rules of official reports are broken, the first: scope_manifest.applications_measured: 1, and 0 are declared
}

package fold_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
)

// exampleLine is a window of two services, of which one has three quarters of the energy.
const exampleLine = `{"report":{"analysis":{"duration_ms":0,"events_processed":4,"traces_analyzed":2},"findings":[],"quality_gate":{},` +
	`"green_summary":{"total_io_ops":4,"avoidable_io_ops":0,"io_waste_ratio":0,"io_waste_ratio_band":"healthy","top_offenders":[],` +
	`"energy_kwh":0.004,"per_service_energy_kwh":{"orders":0.003,"stock":0.001},"per_service_carbon_kgco2eq":{"orders":0.0003,"stock":0.0001},` +
	`"per_service_region":{"orders":"eu-west-3","stock":"eu-west-3"},"co2":{"operational_gco2":0.4,"embodied_gco2":0.002,` +
	`"total":{"low":0.2,"mid":0.402,"high":0.804},"avoidable":{"low":0,"mid":0,"high":0}}}},"ts":"2026-02-01T12:00:00Z"}` + "\n"

// A file that is there twice counts once, and that is told.
func ExampleArchives() {
	twice := []fold.Archive{}
	for _, name := range []string{"a.ndjson", "copy.ndjson"} {
		twice = append(twice, fold.Archive{Name: name, Read: func(stored io.Writer, read func(io.Reader) error) error {
			return read(io.TeeReader(strings.NewReader(exampleLine), stored))
		}})
	}
	february := account.NewSpan(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	p, err := fold.Archives(context.Background(), fold.Config{Span: february}, twice)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range p.Rows {
		fmt.Println(row.Account, row.Energy, row.Operational)
	}
	fmt.Println(p.Total.Energy, p.Total.Operational, "and", p.Embodied, "embodied:", p.Bounds.Low, "to", p.Bounds.High)
	for _, f := range p.Quality.Findings {
		fmt.Println(f.Grave, f.Code, f.Input, f.Text)
	}
	// Output:
	// {region="eu-west-3", service="orders"} 0.003 kWh 0.3 gCO2e
	// {region="eu-west-3", service="stock"} 0.001 kWh 0.1 gCO2e
	// 0.004 kWh 0.4 gCO2e and 0.002 gCO2e embodied: 0.2 gCO2e to 0.804 gCO2e
	// true unchained a.ndjson 1 windows have no hash: nobody can tell whether they were altered
	// true unchained copy.ndjson 1 windows have no hash: nobody can tell whether they were altered
	// false duplicate copy.ndjson 1 windows are there twice, and count once: look whether a file was copied
}

// The ledger of one slot, in which a host of one group was busy.
func ExampleLedger() {
	ctx := context.Background()
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	slot := calendar.Grid().Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	method := derive.Method{
		Models: []derive.ModelRule{{Model: energy.BusyIdle(12_000_000, 1_000_000)}}, Places: []derive.PlaceRule{{Region: "GB"}}, Chain: []string{"grid"},
		Accounting: account.Accounting{Scope: "lifecycle", Approach: "location"}, Policy: derive.Policy{Name: "usage"},
	}
	group, _ := account.LabelsOf("group", "Muon")
	facts := &account.Batch{
		Slot: slot, KnownAt: slot.To.Add(2 * time.Minute), Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}},
		Subjects: []account.Subject{{Host: "n1", Labels: group}},
		Facts:    []account.Fact{{To: slot.Length(), Busy: 900_000_000, Observed: slot.Length(), Expected: slot.Length()}},
	}
	d, err := derive.New(method, derive.Known{})
	if err != nil {
		fmt.Println(err)
		return
	}
	entries, err := d.Derive(facts)
	if err != nil {
		fmt.Println(err)
		return
	}
	store := memory.New(calendar)
	_, err = store.PutMethod(ctx, ledger.MethodRecord{KnownAt: slot.From, Method: method})
	fmt.Println(err, store.Commit(ctx, ledger.Commit{Slot: slot, Revision: 1, KnownAt: facts.KnownAt, Facts: facts, Entries: entries}))

	for _, knownAt := range []time.Time{{}, slot.To.Add(time.Hour)} {
		p, err := fold.Ledger(ctx, store, fold.LedgerConfig{Span: calendar.Period(account.StepMonth, slot.From), By: []string{"group"}, KnownAt: knownAt})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Rows[0].Account, p.Rows[0].Energy, p.Total.Energy, p.Coverage.ObservedDays, p.Coverage.Time, p.Ledger.KnownAt.Format(time.TimeOnly))
	}
	_, err = fold.Ledger(ctx, store, fold.LedgerConfig{Span: calendar.Period(account.StepMonth, slot.To.AddDate(0, 1, 0)), By: []string{"group"}})
	fmt.Println(err)
	// Output:
	// <nil> <nil>
	// {group="Muon"} 0.003 kWh 0.003 kWh 1 0.000672043 12:32:00
	// {group="Muon"} 0.003 kWh 0.003 kWh 1 0.000672043 13:30:00
	// no window lies in the period: check the dates and the inputs
}

// A document is restated since a file came late: what that changed is its part.
func ExampleRestating_Portions() {
	ctx := context.Background()
	file := func(name, content string) fold.Archive {
		return fold.Archive{Name: name, Read: func(stored io.Writer, read func(io.Reader) error) error {
			return read(io.TeeReader(strings.NewReader(content), stored))
		}}
	}
	c := fold.Config{Span: account.NewSpan(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)), By: []string{"service"}}
	early, late := file("a.ndjson", exampleLine), file("b.ndjson", strings.Replace(exampleLine, "T12", "T13", 1))
	r := disclosure.Request{Zone: time.UTC, By: c.By, MadeAt: c.Span.To}
	before, err := fold.Archives(ctx, c, []fold.Archive{early})
	if err != nil {
		fmt.Println(err)
		return
	}
	old, err := disclosure.New(before, r)
	if err != nil {
		fmt.Println(err)
		return
	}
	both := []fold.Archive{early, late}
	now, err := fold.Archives(ctx, c, both)
	if err != nil {
		fmt.Println(err)
		return
	}
	restating := fold.Restating{Config: c, Archives: both, Now: now, Old: old, Program: r.Program}
	r.Restates = &disclosure.Old{Document: old}
	if r.Portions, err = restating.Portions(ctx); err != nil {
		fmt.Println(err)
		return
	}
	d, err := disclosure.New(now, r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Restates.Differences[0].Figure, d.Restates.Differences[0].Shares)
	// Output:
	// energy_kwh [{late 0.004}]
}

package query_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/query"
)

// The parameters of the API and the flags of the program are one question.
func ExampleFromValues() {
	values, _ := url.ParseQuery("by=facility,group&where=group%3DMuon&month=2026-01&as_known_at=2026-02-01")
	asked, err := query.FromValues(values)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(asked.By, asked.Where, asked.Month, asked.Values().Encode())
	_, err = query.FromValues(url.Values{"bye": {"group"}})
	fmt.Println(err)

	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	at, err := query.Instant(calendar, "as_known_at", asked.AsKnownAt)
	fmt.Println(at, err)
	filter, err := query.Filter("where", []string{"group=Muon", "group=Laser", "user="})
	fmt.Println(filter, err)
	// Output:
	// [facility,group] [group=Muon] 2026-01 as_known_at=2026-02-01&by=facility%2Cgroup&month=2026-01&where=group%3DMuon
	// bye: not a parameter of a query
	//   Try: use by, where, as_known_at, compare, from, month, perimeter, policy, pseudonyms, quarter, sort, step, to, top
	// 2026-02-01 00:00:00 +0000 UTC <nil>
	// [{group [Muon Laser]} {user []}] <nil>
}

// An answer as a table, and how a figure in it came to be.
func ExampleAnswer_WriteCSV() {
	ctx := context.Background()
	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	store := memory.New(calendar)
	slot := calendar.Grid().Slot(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC))
	method := derive.Method{Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"}}
	labels, _ := account.LabelsOf("project", "IDAaaS")
	facts := &account.Batch{
		Slot: slot, KnownAt: slot.To, Origins: []account.Origin{{Source: "example"}},
		Subjects: []account.Subject{{Host: "a", Labels: labels}},
		Facts:    []account.Fact{{To: slot.Length(), Busy: 1800e6, Idle: 1800e6, Observed: slot.Length(), Expected: slot.Length()}},
	}
	deriver, _ := derive.New(method, derive.Known{})
	entries, _ := deriver.Derive(facts)
	_, err := store.PutMethod(ctx, ledger.MethodRecord{KnownAt: slot.From, Method: method})
	if err = errors.Join(err, store.Commit(ctx, ledger.Commit{Slot: slot, Revision: 1, KnownAt: slot.To, Facts: facts, Entries: entries})); err != nil {
		fmt.Println(err)
		return
	}
	engine := query.New(store, query.Options{})
	question, _ := query.Asked{By: []string{"project"}, Window: query.Window{Month: "2026-01"}}.Parse(engine.Calendar(), slot.To)
	answer, err := engine.Ask(ctx, question)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := answer.WriteCSV(os.Stdout); err != nil {
		fmt.Println(err)
	}
	explained, err := engine.Explain(ctx, query.Figure{Slot: slot.From})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(explained.Revision, explained.Accounts[0].Hosts[0].Steps[0].Formula)
	fmt.Println(strings.Join(query.FigureNames()[:3], " "))
	// Output:
	// project,kind,energy_kwh,operational_gco2e,embodied_gco2e,cpu_busy_s,cpu_idle_s,intensity_gco2e_per_kwh,coverage,carbon_coverage,estimated_share,busy_energy_kwh,busy_operational_gco2e,embodied_coverage,provisional
	// IDAaaS,account,0.0065,,,1800,1800,,1,0,0,0.006,,,
	// 1 (12 W × 1800 s busy + 1 W × 1800 s idle) ÷ 3.6e6 J/kWh
	// energy_kwh operational_gco2e embodied_gco2e
}

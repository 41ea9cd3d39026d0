package fold_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
)

// observed returns a ledger of one slot, in which a host was busy.
func observed(slot account.Span, calendar account.Calendar) (*memory.Store, error) {
	ctx := context.Background()
	method := derive.Method{
		Models: []derive.ModelRule{{Model: energy.BusyIdle(12_000_000, 1_000_000)}}, Places: []derive.PlaceRule{{Region: "GB"}}, Chain: []string{"grid"},
		Accounting: account.Accounting{Scope: "lifecycle", Approach: "location"}, Policy: derive.Policy{Name: "usage"},
	}
	group, err := account.LabelsOf("group", "Muon")
	if err != nil {
		return nil, err
	}
	facts := &account.Batch{
		Slot: slot, KnownAt: slot.To.Add(2 * time.Minute), Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}},
		Subjects: []account.Subject{{Host: "n1", Labels: group}},
		Facts:    []account.Fact{{To: slot.Length(), Busy: 900_000_000, Observed: slot.Length(), Expected: slot.Length()}},
	}
	d, err := derive.New(method, derive.Known{})
	if err != nil {
		return nil, err
	}
	entries, err := d.Derive(facts)
	if err != nil {
		return nil, err
	}
	store := memory.New(calendar)
	_, err = store.PutMethod(ctx, ledger.MethodRecord{KnownAt: slot.From, Method: method})
	return store, errors.Join(err, store.Commit(ctx, ledger.Commit{Slot: slot, Revision: 1, KnownAt: facts.KnownAt, Facts: facts, Entries: entries}))
}

// What a document says of a ledger: as known when, by which method.
func ExampleKnown() {
	ctx := context.Background()
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	slot := calendar.Grid().Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	store, err := observed(slot, calendar)
	if err != nil {
		fmt.Println(err)
		return
	}
	january := fold.LedgerConfig{Span: calendar.Period(account.StepMonth, slot.From), By: []string{"group"}}
	p, err := fold.Known(ctx, store, january)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Total.Energy, p.Ledger.KnownAt.Format(time.TimeOnly), p.Ledger.Restatements)
	var r disclosure.Request
	fmt.Println(fold.Method(ctx, store, p, &r), len(r.Accounts) > 0)
	january.KnownAt = slot.From
	_, err = fold.Known(ctx, store, january)
	fmt.Println(errors.Is(err, fold.ErrNoWindows))
	// Output:
	// 0.003 kWh 12:32:00 0
	// <nil> true
	// true
}

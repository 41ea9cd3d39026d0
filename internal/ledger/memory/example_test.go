package memory_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
)

// Close a slot, look at it, and read the figures of the day.
func Example() {
	ctx := context.Background()
	calendar, _ := account.NewCalendar(account.DefaultStep, time.UTC)
	store := memory.New(calendar)
	slot := calendar.Grid().Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))

	muon, _ := account.LabelsOf("group", "IDAaaS_Muon")
	facts := &account.Batch{
		Slot: slot, KnownAt: slot.To.Add(2 * time.Minute),
		Origins:  []account.Origin{{Source: "prometheus", Method: "raw samples"}},
		Subjects: []account.Subject{{Host: "172.16.100.50", Labels: muon}},
		Facts:    []account.Fact{{To: slot.Length(), Busy: 60_000_000, Idle: 3540_000_000, Observed: slot.Length(), Expected: slot.Length()}},
	}
	d, _ := derive.New(derive.Method{
		Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "usage"},
	}, derive.Known{})
	entries, _ := d.Derive(facts)
	c := ledger.Commit{Slot: slot, Revision: 1, KnownAt: facts.KnownAt, Facts: facts, Entries: entries}
	fmt.Println("commit:", store.Commit(ctx, c))
	fmt.Println("again: ", store.Commit(ctx, c))

	day := calendar.Period(account.StepDay, slot.From)
	root, _ := ledger.FoldTotal(ctx, store, account.View{By: []string{"group"}}, day)
	for path, node := range root.Walk() {
		fmt.Println(strings.Join(path, "/"), node.Energy)
	}
	// Output:
	// commit: <nil>
	// again:  <nil>
	// IDAaaS_Muon 0.001183333 kWh
}

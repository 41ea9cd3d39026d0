package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, config := context.Background(), sqlite.Config{Path: filepath.Join(dir, "ledger.db"), Calendar: calendar}
	s, err := sqlite.Open(ctx, config)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	_, err = sqlite.Open(ctx, config)
	fmt.Println("a second writer is refused:", errors.Is(err, ledger.ErrLocked))

	slot := calendar.Grid().Slot(time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC))
	group, err := account.LabelsOf("group", "IDAaaS_Muon")
	if err != nil {
		fmt.Println(err)
		return
	}
	entry := account.Entry{Account: account.Account{Labels: group}, Quantities: account.Quantities{Energy: unit.Energy(81_580_000)}}
	err = s.Commit(ctx, ledger.Commit{Slot: slot, Revision: 1, KnownAt: slot.To, Entries: []account.Entry{entry}})
	if err != nil {
		fmt.Println(err)
		return
	}
	month := ledger.Query{Span: slot, Step: account.StepMonth}
	for row, err := range s.Rows(ctx, month) {
		fmt.Println(row.Period.From.Format("January 2006"), row.Account, row.Energy, err)
	}
	// Output:
	// a second writer is refused: true
	// January 2026 {group="IDAaaS_Muon"} 0.08158 kWh <nil>
}

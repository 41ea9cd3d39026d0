package scoring_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scoring"
)

// Names that are made up anew for each window are in rows of others, in the windows and
// so in the ledger; nothing of them is lost, who is known keeps its rows, over a restart
// too, and so does who is configured.
func TestNamesAreBoundedOverWindows(t *testing.T) {
	t.Parallel()
	c := configured(t)
	c.Accounts, c.Scoring.Metered = 20, []string{"Metered"}
	a := &faulty{}
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	start := func() *scoring.Driver {
		book, err := scoring.NewBook(t.Context(), grid, a.from, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		d, err := scoring.New(c, scoring.Deps{Archive: a, Book: book, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	sent := 0
	for round := range 3 {
		d := start()
		spans := batch(2, time.Now())
		spans[0].Service, spans[1].Service = "Known", "metered"
		if round == 0 {
			spans = spans[:1]
		}
		for i := range 100 {
			s := batch(1, time.Now())[0]
			s.Service, s.Environment = fmt.Sprintf("made-up-%d-%d", round, i), fmt.Sprint(i)
			spans = append(spans, s)
		}
		sent += len(spans)
		if err := d.Accept(spans, 0); err != nil {
			t.Fatal(err)
		}
		end(t, d)
	}
	rows, spans := map[string]int{}, uint64(0)
	for _, w := range a.windows {
		for _, cell := range w.Detail.Cells {
			spans += cell.Ops + cell.Others
			name := cell.Service
			if cell.ServiceKind == account.KindOther {
				name = "(others)"
			}
			rows[name]++
		}
	}
	if int(spans) != sent || len(a.windows) != 3 {
		t.Errorf("%d spans in %d windows, %d were sent", spans, len(a.windows), sent)
	}
	if len(rows) != c.Accounts+2 || rows["known"] != 3 || rows["metered"] != 2 || rows["(others)"] == 0 {
		t.Errorf("%d names: %v", len(rows), rows)
	}
	if folded := a.windows[1].Detail.Spans.Folded; folded != 100 {
		t.Errorf("%d spans folded", folded)
	}
}

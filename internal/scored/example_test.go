package scored_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/window"
)

// lines is an archive of one file.
type lines []*window.Window

func (l lines) Files() ([]scored.File, error) {
	return []scored.File{{Number: 1, Name: "windows.ndjson"}}, nil
}

func (l lines) Read(_ context.Context, f scored.File, yield func(*scored.Window) error) error {
	for i, w := range l {
		if err := yield(&scored.Window{At: account.Mark{File: f.Number, Seq: uint64(i)}, File: f.Name, Window: w}); err != nil {
			return err
		}
	}
	return nil
}

func Example() {
	noon := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	c := window.Defaults()
	c.Places = map[string]window.Place{"eu-west-3": {Annual: 41.5, PUE: 1.15}}
	var archive lines
	for n := range 2 {
		from := noon.Add(time.Duration(n) * time.Minute)
		w, err := window.Score(c, []window.Span{
			{Service: "orders", Region: "eu-west-3", Kind: window.KindSQL, Start: from.UnixNano()},
			{Service: "mail", Kind: window.KindMessaging, Start: from.UnixNano()},
		}, window.Conditions{From: from.UnixNano(), To: from.Add(time.Minute).UnixNano()})
		if err != nil {
			fmt.Println(err)
			return
		}
		archive = append(archive, &w)
	}
	grid, _ := account.NewGrid(30 * time.Minute)
	r := scored.New(scored.Defaults(grid), archive)
	slot := account.NewSpan(noon, noon.Add(30*time.Minute))

	p, err := r.Period(context.Background(), slot)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Windows, "windows,", p.Spans.Counted, "spans, complete:", p.Archive.Complete)
	for _, cell := range p.Cells {
		fmt.Printf("%s in %s region %s: %g kWh, known: %v, at most %.3g g\n",
			cell.Service.Name, cell.Region.Kind, cell.Region.Name, cell.EnergyKWh, cell.Operational != nil, cell.High)
	}
	page, err := r.Page(context.Background(), slot, scored.Newest(), 1)
	fmt.Println(page.Windows[0].From.Format(time.TimeOnly), "at", page.Next, err)
	before, ok := scored.ParsePlace(page.Next)
	page, err = r.Page(context.Background(), slot, before, 1)
	fmt.Println(page.Windows[0].From.Format(time.TimeOnly), "is before", scored.Place(before), ok, err)
	// Output:
	// 2 windows, 4 spans, complete: true
	// mail in unknown region : 2e-07 kWh, known: false, at most 2.56e-05 g
	// orders in account region eu-west-3: 2e-07 kWh, known: true, at most 1.91e-05 g
	// 12:01:00 at 1.1 <nil>
	// 12:00:00 is before 1.1 true <nil>
}

package facility_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/facility"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/query"
)

// fleet is a facility of 780 groups and 1,000 hosts, each a workspace.
func fleet() []host {
	var list []host
	for i := range 1000 {
		list = append(list, host{[]string{
			"cloud_project_name", "IDAaaS", "machine_name", fmt.Sprintf("Machine %03d", i%780), "instance", fmt.Sprintf("h%04d:9100", i),
			"workspace", fmt.Sprintf("ws-%04d", i), "user", fmt.Sprintf("user%03d", i%310), "experiment", fmt.Sprintf("RB%d", i%40),
		}, float64(i), 1800})
	}
	return list
}

func BenchmarkEndpoints(b *testing.B) {
	f := newFixtureOf(b, fleet(), nil)
	for name, path := range map[string]string{
		"groups":            "/groups",
		"group-usage":       "/groups/IDAaaS_Machine%20007/usage",
		"group-summary":     "/groups/IDAaaS_Machine%20007/summary",
		"experiment":        "/experiments/RB7/summary",
		"user-usage":        "/users/user007/usage",
		"user-summary":      "/users/user007/summary",
		"workspace":         "/workspaces/ws-0007",
		"workspace-summary": "/workspaces/summary",
		"history-day":       "/carbon/history?view=day&data_type=carbon&date=2026-01-28",
		"heatmap":           "/carbon/heatmap?year=2026",
		"current":           "/carbon/intensity/current",
		"equivalencies":     "/carbon/equivalencies/1000",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := f.ask(path, ""); w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}

// BenchmarkAfterSlot asks a ledger of 90 days on a disk, each time just after one more
// slot was closed. The days before have one slot each: what is read of them is their
// sums, which have as many rows as with all of them.
func BenchmarkAfterSlot(b *testing.B) {
	calendar, err := account.NewCalendar(30*time.Minute, time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	store, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "ledger.db"), Calendar: calendar})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	list := fleet()
	for day := range 90 {
		commit(b, store, method(), begin().AddDate(0, 0, day-90), list)
	}
	next := begin()
	f := newFixtureOf(b, nil, func(d *facility.Deps) {
		d.Store, d.Engine, d.Now = store, query.New(store, query.Options{}), func() time.Time { return next.Add(time.Minute) }
	})
	for _, path := range []string{
		"/groups", "/experiments", "/groups/IDAaaS_Machine%20007/summary", "/users/user007/usage", "/workspaces/summary", "/workspaces/none",
		"/carbon/history?view=day&data_type=carbon", "/carbon/history?view=year&data_type=carbon&username=user007", "/carbon/heatmap",
	} {
		b.Run(path[1:], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				commit(b, store, method(), next, list)
				next = next.Add(30 * time.Minute)
				b.StartTimer()
				if w := f.ask(path, ""); w.Code >= http.StatusInternalServerError {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}

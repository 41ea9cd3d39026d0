package query_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// year is a ledger of twelve months with one slot each, whose entries stand for the
// rows of the month: each has 2,400 workspaces of 780 groups, most of which no other
// month has.
func year(b *testing.B) *fixture {
	b.Helper()
	f := newFixture(b)
	for month := range 12 {
		entries := make([]account.Entry, 2400)
		for i := range entries {
			q := account.Quantities{Energy: unit.Energy(1000 + i), Expected: 1000, Observed: 1000}
			entries[i] = account.Entry{Account: workspace(b, month*2000+i), Quantities: q}
		}
		slices.SortFunc(entries, func(x, y account.Entry) int { return x.Account.Compare(y.Account) })
		slot := f.store.Calendar().Grid().Slot(at(b, fmt.Sprintf("2026-%02d-15T12:00:00Z", month+1)))
		c := ledger.Commit{Slot: slot, Revision: 1, KnownAt: slot.To, Entries: entries}
		if err := f.store.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
	return f
}

// workspace is the account of a workspace of a facility.
func workspace(b *testing.B, i int) account.Account {
	b.Helper()
	machine := fmt.Sprintf("Machine %03d", i%780)
	l, err := account.LabelsOf(
		"project", "IDAaaS", "machine", machine, "facility", "ISIS", "group", "IDAaaS_"+machine,
		"experiment", fmt.Sprint("sim-RB148", i%650), "instance", fmt.Sprintf("sim-%03d-%04d:9100", i%780, i),
		"pi", fmt.Sprint("sim-user-", i%150), "research_group", fmt.Sprint("sim-group-", i%31), "user", fmt.Sprint("sim-user-", i%310),
		"workspace", fmt.Sprintf("ws-sim-%03d-%04d", i%780, i))
	if err != nil {
		b.Fatal(err)
	}
	return account.Account{Labels: l}
}

// BenchmarkYear ranks 780 groups over twelve months of 24,400 accounts.
func BenchmarkYear(b *testing.B) {
	q := query.Asked{By: []string{"facility", "group"}, Window: query.Window{From: "2026-01-01", To: "2026-12-31"}}
	benchmarkAsk(b, year(b), q)
}

// BenchmarkYearByMonth gives each of the groups a series of the months.
func BenchmarkYearByMonth(b *testing.B) {
	q := query.Asked{By: []string{"facility", "group"}, Step: "1mo", Window: query.Window{From: "2026-01-01", To: "2026-12-31"}}
	benchmarkAsk(b, year(b), q)
}

// BenchmarkYearOfValues finds the values of all labels in the twelve months.
func BenchmarkYearOfValues(b *testing.B) {
	f := year(b)
	engine := query.New(f.store, query.Options{})
	span := account.NewSpan(at(b, "2026-01-01T00:00:00Z"), at(b, "2027-01-01T00:00:00Z"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := engine.Values(b.Context(), span); err != nil {
			b.Fatal(err)
		}
	}
}

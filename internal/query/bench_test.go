package query_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/dendro-carbon/dendro/internal/query"
)

// month is a ledger of 780 groups in each half hour of a day, which stands for the
// rows of a month: a store reads either as one row for each account.
func month(b *testing.B) *fixture {
	b.Helper()
	f := newFixture(b)
	var hosts []host
	for i := range 780 {
		hosts = append(hosts, host{"IDAaaS", fmt.Sprintf("Machine %03d", i), fmt.Sprintf("h%03d", i), float64(i), 1800})
	}
	for hour := range 24 {
		for _, half := range []string{"00", "30"} {
			f.close(fmt.Sprintf("2026-03-10T%02d:%s:00Z", hour, half), "2026-03-11T01:00:00Z", "", hosts...)
		}
	}
	return f
}

func benchmarkAsk(b *testing.B, f *fixture, asked query.Asked) {
	engine := query.New(f.store, query.Options{})
	q, err := asked.Parse(engine.Calendar(), at(b, "2027-04-10T12:00:00Z"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		answer, err := engine.Ask(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		if err := answer.WriteJSON(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRank ranks 780 groups of a month and writes the JSON.
func BenchmarkRank(b *testing.B) {
	benchmarkAsk(b, month(b), query.Asked{By: []string{"facility", "group"}, Window: query.Window{Month: "2026-03"}})
}

// BenchmarkSeries gives each of 780 groups the 48 half hours of a day.
func BenchmarkSeries(b *testing.B) {
	benchmarkAsk(b, month(b), query.Asked{By: []string{"group"}, Step: "slot", Window: query.Window{From: "2026-03-10", To: "2026-03-10"}})
}

// BenchmarkWriteJSON writes the answer with series alone.
func BenchmarkWriteJSON(b *testing.B) {
	f := month(b)
	answer := f.ask(query.Options{}, query.Asked{
		By: []string{"group"}, Step: "slot", Window: query.Window{From: "2026-03-10", To: "2026-03-10"},
	})
	b.ReportAllocs()
	for b.Loop() {
		if err := answer.WriteJSON(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

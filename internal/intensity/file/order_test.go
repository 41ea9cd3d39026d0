package file_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity/file"
)

// halfHours returns the rows of a year: an actual and a forecast for each half
// hour.
func halfHours(n int) []string {
	rows := make([]string, 0, 2*n)
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		from, to := from.Add(time.Duration(i)*30*time.Minute), from.Add(time.Duration(i+1)*30*time.Minute)
		for _, kind := range []string{"actual", "forecast"} {
			rows = append(rows, fmt.Sprintf("GB,%s,%s,%d,%s\n", from.Format(time.RFC3339), to.Format(time.RFC3339), 100+i%97, kind))
		}
	}
	return rows
}

// TestOrder shuffles the rows: the values come out the same.
func TestOrder(t *testing.T) {
	t.Parallel()
	const head = "region,from,to,intensity,kind\n"
	rows := halfHours(500)
	all := span(t, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
	var want []account.Intensity
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 5 {
		got, err := open(t, write(t, head+strings.Join(rows, ""))).Fetch(t.Context(), "GB", all)
		if err != nil || len(got) != len(rows) {
			t.Fatalf("%d values, %v", len(got), err)
		}
		if i == 0 {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
}

func BenchmarkNew(b *testing.B) {
	c := write(b, "region,from,to,intensity,kind\n"+strings.Join(halfHours(17_520), ""))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := file.New(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFetchDay(b *testing.B) {
	s := open(b, write(b, "region,from,to,intensity,kind\n"+strings.Join(halfHours(17_520), "")))
	day := span(b, "2026-06-28T00:00:00Z", "2026-06-29T00:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		if v, err := s.Fetch(b.Context(), "GB", day); err != nil || len(v) != 96 {
			b.Fatal(len(v), err)
		}
	}
}

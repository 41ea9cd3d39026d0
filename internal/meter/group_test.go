package meter

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dendro-carbon/dendro/internal/window"
)

const second = int64(time.Second)

// begin is a time on every grid.
const begin = 1_700_000_000 / 3600 * 3600 * second

func groupOf(every time.Duration) *group {
	all, _ := groups([]Info{{Name: "m", Energy: window.EnergyKepler, Targets: [][]string{{"a"}}, Every: every}})
	return all[0]
}

func TestIncrements(t *testing.T) {
	at := func(s int64, value float64) series { return series{at: begin + s*second, value: value} }
	watts := func(s int64, value float64) series { return series{begin + s*second, value, Power} }
	const lost = -1
	for name, c := range map[string]struct {
		first, then series
		joules      float64
	}{
		"counter":                {at(0, 1000), at(5, 1250), 250},
		"counter at rest":        {at(0, 1000), at(5, 1000), 0},
		"counter began again":    {at(0, 1000), at(5, 30), 30},
		"counter after an hour":  {at(0, 1000), at(3600, 1250), 250},
		"counter after seven":    {at(0, 1000), at(7*3600, 1250), lost},
		"power":                  {watts(0, 3), watts(5, 12), 60}, // 12 W for 5 s
		"no power":               {watts(0, 3), watts(5, 0), 0},
		"power after 15 s":       {watts(0, 3), watts(15, 2), 30},
		"power after a gap":      {watts(0, 3), watts(16, 2), lost},
		"another kind of series": {watts(0, 3), at(5, 2), lost},
	} {
		s := c.first
		p, ok := s.next(c.then, missed*5*time.Second)
		if !ok {
			p.joules = lost
		}
		if p.joules != c.joules || p.from != c.first.at || p.to != c.then.at || s != c.then {
			t.Errorf("%s: %+v, want %v J", name, p, c.joules)
		}
	}
}

// What two samples tell is cut at the grid, and at the end of a window less the time
// that spans need; what is left belongs to the next one.
func TestReadingsOfWindows(t *testing.T) {
	g := groupOf(5 * time.Second)
	g.add(piece{begin + 2*second, begin + 12*second, 100})
	got, _ := g.take(begin, begin+15*second, 5*time.Second, 15*time.Second)
	if diff := cmp.Diff([]window.Reading{
		{Source: window.EnergyKepler, Services: []string{"a"}, From: begin - 3*second, To: begin + 5*second, KWh: 30 / 3.6e6},
		{Source: window.EnergyKepler, Services: []string{"a"}, From: begin + 5*second, To: begin + 15*second, KWh: 50 / 3.6e6},
	}, got); diff != "" {
		t.Error(diff)
	}
	g.add(piece{begin + 8*second, begin + 13*second, 5}) // of a slower series: 2 J are late
	got, _ = g.take(begin+15*second, begin+30*second, 5*time.Second, 10*time.Second)
	if diff := cmp.Diff([]window.Reading{
		{Source: window.EnergyKepler, Services: []string{"a"}, From: begin + 5*second, To: begin + 13*second, KWh: 25 / 3.6e6},
	}, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
	if got, _ := g.take(begin+30*second, begin+60*second, 5*time.Second, 10*time.Second); got != nil {
		t.Errorf("given twice: %+v", got)
	}
}

// No energy is lost or given twice, however samples and windows fall.
func TestAllIsGivenOnce(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		g := groupOf(time.Duration(1+rnd.IntN(60)) * time.Second)
		var measured, given float64
		ends := []int64{begin, begin, begin}
		to := begin
		for range 400 {
			i := rnd.IntN(len(ends))
			next := ends[i] + rnd.Int64N(20*second) + 1
			p := piece{ends[i], next, rnd.Float64() * 1000}
			g.add(p)
			ends[i] = next
			measured += p.joules
			if rnd.IntN(3) > 0 {
				continue
			}
			from := to
			to += rnd.Int64N(60 * second)
			last := int64(0)
			readings, _ := g.take(from, to, 5*time.Second, time.Minute)
			for j, r := range readings {
				given += r.KWh * joulesPerKWh
				if r.From >= r.To || j > 0 && r.From < last {
					t.Fatalf("seed %d: reading %+v overlaps the one before", seed, r)
				}
				last = r.To
			}
		}
		left := g.late
		for _, p := range g.pieces {
			left += p.joules
		}
		if math.Abs(measured-given-left) > 1e-9*measured {
			t.Errorf("seed %d: measured %v J, given %v, left %v", seed, measured, given, left)
		}
		if len(g.pieces) > maxPieces {
			t.Errorf("%d pieces", len(g.pieces))
		}
	}
}

func TestPiecesAreBounded(t *testing.T) {
	g := groupOf(time.Second)
	for i := range int64(100_000) {
		g.add(piece{begin + i*second, begin + (i+1)*second, 1})
	}
	readings, _ := g.take(begin, begin+200_000*second, 0, time.Second)
	sum := 0.0
	for _, r := range readings {
		sum += r.KWh
	}
	if len(readings) > maxPieces || math.Abs(sum*joulesPerKWh-100_000) > 1e-6 {
		t.Errorf("%d readings of %v J", len(readings), sum*joulesPerKWh)
	}
}

// Targets that have a service in common are one, over all sources of one kind.
func TestGroups(t *testing.T) {
	all, of := groups([]Info{
		{Name: "1", Energy: window.EnergyRedfish, Every: time.Minute, Targets: [][]string{{"B", "a"}, {"x"}, {"c"}}},
		{Name: "2", Energy: window.EnergyRedfish, Every: 2 * time.Minute, Targets: [][]string{{"b", "C"}}},
		{Name: "3", Energy: window.EnergyKepler, Every: time.Second, Targets: [][]string{{"a"}}},
	})
	var names [][]string
	for _, g := range all {
		names = append(names, g.services)
	}
	if diff := cmp.Diff([][]string{{"a", "b", "c"}, {"x"}, {"a"}}, names); diff != "" {
		t.Error(diff)
	}
	if of[0][0] != of[1][0] || of[0][0] != of[0][2] || of[0][0] == of[0][1] || of[2][0] != all[2] {
		t.Error("targets are not in the groups of their services")
	}
	if all[0].every != int64(2*time.Minute) {
		t.Errorf("every %v", time.Duration(all[0].every))
	}
}

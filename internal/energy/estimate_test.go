package energy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

func ExampleEstimator_Estimate() {
	e, err := energy.NewEstimator(energy.Default())
	if err != nil {
		panic(err)
	}
	f, err := e.Estimate(energy.Use{Busy: 537_450_000, Idle: 287_239_260_000})
	fmt.Println(f.Busy, "+", f.Idle, err)
	// Output: 0.0017915 kWh + 0.079788683 kWh <nil>
}

func estimator(t testing.TB, m energy.Model) *energy.Estimator {
	t.Helper()
	e, err := energy.NewEstimator(m)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func lasting(s float64) unit.Duration { return unit.Duration(math.Round(s * 1e6)) }

// TestGoldenFigures are the published figures of the facility's own calculator.
func TestGoldenFigures(t *testing.T) {
	t.Parallel()
	normal, strong, tdp := energy.Default(), energy.BusyIdle(20_000_000, 5_000_000), energy.TDP(65_000_000)
	for _, tt := range []struct {
		model            energy.Model
		busy, idle       float64
		total, busyShare string
	}{
		{normal, 18000, 54000, "0.075", "0.06"},
		{normal, 0, 0, "0", "0"},
		{normal, 3600, 0, "0.012", "0.012"},
		{normal, 0, 3600, "0.001", "0"},
		{normal, 7200, 0, "0.024", "0.024"},
		{normal, 0, 7200, "0.002", "0"},
		{normal, 1800, 1800, "0.0065", "0.006"},
		{normal, 28800, 0, "0.096", "0.096"},
		{normal, 0, 86400, "0.024", "0"},
		{normal, 12345.6, 567890.1, "0.19889925", "0.041152"},
		{normal, 4500, 180000, "0.065", "0.015"},
		{strong, 3600, 3600, "0.025", "0.02"},
		{tdp, 3600, 3600, "0.13", "0.065"},
		{tdp, 7200, 0, "0.13", "0.13"},
	} {
		f, err := estimator(t, tt.model).Estimate(energy.Use{Busy: lasting(tt.busy), Idle: lasting(tt.idle)})
		if err != nil {
			t.Fatal(err)
		}
		if total := f.Busy + f.Idle; total.Decimal() != tt.total || f.Busy.Decimal() != tt.busyShare {
			t.Errorf("%s, %v s and %v s: %v of which busy %v; want %s, %s", tt.model.Name, tt.busy, tt.idle, total, f.Busy, tt.total, tt.busyShare)
		}
	}
}

func watts(w float64) unit.Power {
	p, err := unit.PowerFromWatts(w)
	if err != nil {
		panic(err)
	}
	return p
}

// server is a SPECpower-like curve of a whole host.
func server() energy.Model {
	return energy.Model{
		Name: "server", Per: energy.PerHost,
		Curve: []energy.Point{{Use: 0, Power: watts(100)}, {Use: 100_000_000, Power: watts(180)}, {Use: unit.One, Power: watts(360)}},
	}
}

func TestCurves(t *testing.T) {
	t.Parallel()
	const hour = 3600
	pue := energy.Default()
	pue.PUE = 1_580_000_000
	perCPU := server()
	perCPU.Per = energy.PerCPU
	metered := energy.Use{Busy: lasting(hour), Idle: lasting(hour), Observed: lasting(hour), Measured: 360_000_000_000, Metered: lasting(hour)}
	partly := metered
	partly.Metered = lasting(hour / 2)
	for _, tt := range []struct {
		name                 string
		model                energy.Model
		use                  energy.Use
		busy, idle, measured string
	}{
		{"idle server", server(), energy.Use{Idle: lasting(8 * hour), Observed: lasting(hour)}, "0", "0.1", "0"},
		{"at a point", server(), energy.Use{Busy: lasting(0.8 * hour), Idle: lasting(7.2 * hour), Observed: lasting(hour)}, "0.09", "0.09", "0"},
		{"between points", server(), energy.Use{Busy: lasting(4.4 * hour), Idle: lasting(3.6 * hour), Observed: lasting(hour)}, "0.225", "0.045", "0"},
		{"full", server(), energy.Use{Busy: lasting(8 * hour), Observed: lasting(hour)}, "0.36", "0", "0"},
		{"no processor seen", server(), energy.Use{Observed: lasting(hour)}, "0", "0.1", "0"},
		{"per processor", perCPU, energy.Use{Busy: lasting(hour), Idle: lasting(hour)}, "0.42", "0.1", "0"},
		{"PUE", pue, energy.Use{Busy: lasting(hour)}, "0.01896", "0", "0"},
		{"meter as the whole", energy.Default(), metered, "0.092307692", "0.007692308", "0.1"},
		{"meter with PUE", pue, metered, "0.145846154", "0.012153846", "0.158"},
		{"meter of half the time", energy.Default(), partly, "0.098307692", "0.008192308", "0.1"},
		{"meter alone", energy.Default(), energy.Use{Measured: 3_600_000, Metered: 5}, "0", "0.000001", "0.000001"},
	} {
		f, err := estimator(t, tt.model).Estimate(tt.use)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{f.Busy.Decimal(), f.Idle.Decimal(), f.Measured.Decimal()}
		if want := []string{tt.busy, tt.idle, tt.measured}; !slices.Equal(got, want) {
			t.Errorf("%s: busy, idle, measured %q, want %q", tt.name, got, want)
		}
	}
}

// TestEstimateByHand compares random curves and uses with rational numbers, and
// holds that more work is never less energy.
func TestEstimateByHand(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(51, 52))
	for range 3000 {
		m := randomModel(r)
		e := estimator(t, m)
		u := energy.Use{Busy: unit.Duration(r.Int64N(1e12)), Idle: unit.Duration(r.Int64N(1e12)), Observed: unit.Duration(r.Int64N(3.6e9))}
		if r.IntN(5) == 0 {
			u.Busy = 0
		}
		if r.IntN(5) == 0 {
			u.Idle = 0
		}
		f, err := e.Estimate(u)
		if err != nil {
			t.Fatalf("%+v: %v", u, err)
		}
		if want := byHand(m, u); f.Busy+f.Idle != want {
			t.Fatalf("%+v with %+v: %d, by hand %d", u, m, int64(f.Busy+f.Idle), int64(want))
		}
		if f.Busy < 0 || f.Idle < 0 || (u.Busy == 0 && f.Busy != 0) {
			t.Fatalf("%+v: %+v", u, f)
		}
		more := u
		shift := unit.Duration(r.Int64N(int64(u.Idle) + 1))
		more.Busy, more.Idle = u.Busy+shift, u.Idle-shift
		if g, err := e.Estimate(more); err != nil || g.Busy+g.Idle < f.Busy+f.Idle {
			t.Fatalf("more work is less energy: %+v %+v, %v", f, g, err)
		}
	}
}

func randomModel(r *rand.Rand) energy.Model {
	m := energy.Model{Name: "random", Per: []energy.Per{energy.PerCPU, energy.PerHost, ""}[r.IntN(3)]}
	if r.IntN(2) == 0 {
		m.PUE = unit.One + unit.Ratio(r.Int64N(1e9))
	}
	power := unit.Power(r.Int64N(3e8))
	for use := unit.Ratio(0); ; {
		m.Curve = append(m.Curve, energy.Point{Use: use, Power: power})
		if use == unit.One {
			return m
		}
		power += unit.Power(r.Int64N(3e8))
		use = min(unit.One, use+[]unit.Ratio{50_000_000, 333_333_333, 1_000_000_000, 1}[r.IntN(4)])
		if len(m.Curve) > 8 {
			use = unit.One
		}
	}
}

// byHand is the power at the use of the slot, times time and PUE, in rational
// numbers.
func byHand(m energy.Model, u energy.Use) unit.Energy {
	processors := new(big.Rat).SetInt64(int64(u.Busy + u.Idle))
	use := new(big.Rat)
	if processors.Sign() > 0 {
		use.Quo(big.NewRat(int64(u.Busy), 1), processors)
	}
	time := processors
	if m.Per == energy.PerHost {
		time = big.NewRat(int64(u.Observed), 1)
	}
	power := new(big.Rat)
	for i := range len(m.Curve) - 1 {
		low, high := m.Curve[i], m.Curve[i+1]
		x0, x1 := big.NewRat(int64(low.Use), 1e9), big.NewRat(int64(high.Use), 1e9)
		if use.Cmp(x0) < 0 || use.Cmp(x1) > 0 {
			continue
		}
		slope := new(big.Rat).Quo(big.NewRat(int64(high.Power-low.Power), 1), x1.Sub(x1, x0))
		power.Add(big.NewRat(int64(low.Power), 1), slope.Mul(slope, x0.Sub(use, x0)))
	}
	pue := big.NewRat(1, 1)
	if m.PUE != 0 {
		pue = big.NewRat(int64(m.PUE), 1e9)
	}
	whole := power.Mul(power, time)
	whole.Mul(whole, pue).Quo(whole, big.NewRat(3_600_000_000, 1))
	q, rest := new(big.Int).QuoRem(whole.Num(), whole.Denom(), new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(whole.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return unit.Energy(q.Int64())
}

func TestModelRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*energy.Model){
		"no name":            func(m *energy.Model) { m.Name = "" },
		"per socket":         func(m *energy.Model) { m.Per = "socket" },
		"PUE below 1":        func(m *energy.Model) { m.PUE = 999_999_999 },
		"one point":          func(m *energy.Model) { m.Curve = m.Curve[:1] },
		"no idle point":      func(m *energy.Model) { m.Curve = m.Curve[1:] },
		"no full point":      func(m *energy.Model) { m.Curve = m.Curve[:2] },
		"use that falls":     func(m *energy.Model) { m.Curve[1].Use = 0 },
		"negative power":     func(m *energy.Model) { m.Curve[0].Power = -1 },
		"power that falls":   func(m *energy.Model) { m.Curve[2].Power = 1 },
		"use of more than 1": func(m *energy.Model) { m.Curve[1].Use = unit.One + 1 },
	} {
		m := server()
		change(&m)
		if _, err := energy.NewEstimator(m); !errors.Is(err, energy.ErrModel) {
			t.Errorf("%s: %v, want ErrModel", name, err)
		}
	}
}

func TestEstimateRefuses(t *testing.T) {
	t.Parallel()
	e := estimator(t, energy.Default())
	for _, u := range []energy.Use{{Busy: -1}, {Idle: -1}, {Observed: -1}, {Measured: -1}, {Metered: -1}} {
		if _, err := e.Estimate(u); err == nil {
			t.Errorf("%+v: want an error", u)
		}
	}
	strong := estimator(t, energy.TDP(math.MaxInt64))
	for _, u := range []energy.Use{{Busy: math.MaxInt64}, {Busy: math.MaxInt64, Observed: 9, Metered: 1, Measured: math.MaxInt64}} {
		if f, err := strong.Estimate(u); err == nil {
			t.Errorf("%+v: %+v, want an overflow", u, f)
		}
	}
}

func TestModelIsData(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(server())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"server","per":"host","curve":[{"use":0,"power_w":100},{"use":0.1,"power_w":180},{"use":1,"power_w":360}]}`
	if string(text) != want {
		t.Errorf("got %s\nwant %s", text, want)
	}
	var back energy.Model
	if err := json.Unmarshal(text, &back); err != nil || !cmp.Equal(back, server()) {
		t.Errorf("round trip: %+v, %v", back, err)
	}
}

func BenchmarkEstimate(b *testing.B) {
	pue := energy.Default()
	pue.PUE = 1_580_000_000
	for _, m := range []energy.Model{energy.Default(), pue, server()} {
		b.Run(m.Name, func(b *testing.B) {
			e := estimator(b, m)
			u := energy.Use{Busy: 537_450_000, Idle: 13_862_550_000, Observed: 1800_000_000}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Estimate(u); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

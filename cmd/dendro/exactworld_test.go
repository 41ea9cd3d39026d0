package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
)

// world is a facility that a seed makes up: machines with their samples, a grid
// with gaps, and how the program is to see them.
type world struct {
	random   *rand.Rand
	zone     *time.Location
	slot     time.Duration
	regional bool // the grid of a region, which has forecasts alone
	quirks   ukgridtest.Quirks
	// spans are the times that are accounted for; the last one was just now, so
	// that the grid's values of it are still revised.
	spans    []stretch
	machines []*machine
	// metric, host, cpu and mode are what the counter and its labels are called, and
	// idle and ignored the modes that are; all others are busy.
	metric, host, cpu, mode string
	idle, ignored           []string
	// rough leaves out values that VictoriaMetrics does not keep to the last digit.
	rough  bool
	worked map[worked]map[int64]figures
}

// stretch is half-open, in microseconds since 1970 UTC.
type stretch struct{ from, to int64 }

func (s stretch) overlap(other stretch) int64 { return min(s.to, other.to) - max(s.from, other.from) }

func (s stretch) String() string {
	return time.UnixMicro(s.from).UTC().Format(time.RFC3339) + "/" + time.UnixMicro(s.to).UTC().Format(time.RFC3339)
}

// machine is one target with its counters.
type machine struct {
	labels   map[string]string
	scrape   int64 // ms
	divisor  float64
	told     []sample  // of node_boot_time_seconds
	boots    []float64 // every value of it
	counters []*counter
}

// counter is one series of processor time.
type counter struct {
	cpu, mode string
	ticks     int64
	samples   []sample
}

// sample is at a time in milliseconds since 1970 UTC.
type sample struct {
	at    int64
	value float64
}

// newWorld returns the world of a seed. The first has all there is; the others
// leave some of it to chance.
func newWorld(seed uint64, rough bool) *world {
	w := &world{
		random: rand.New(rand.NewPCG(seed, 99)), slot: 30 * time.Minute, zone: location("Europe/London"),
		rough: rough, worked: map[worked]map[int64]figures{},
		metric: "node_cpu_seconds_total", host: "instance", cpu: "cpu", mode: "mode", idle: []string{"idle", "iowait"},
	}
	w.spans = []stretch{w.days(2025, 3, 29, 2), w.days(2025, 10, 25, 2)} // of 23 and of 25 hours
	if seed > 0 {
		w.zone = location(pick(w, "Europe/London", "UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"))
		w.slot = pick(w, 30*time.Minute, 15*time.Minute, 10*time.Minute, 5*time.Minute)
		if w.zone == time.UTC || w.random.IntN(5) == 0 {
			w.slot, w.zone = time.Hour, time.UTC
		}
		days := [][3]int{{2025, 3, 29}, {2025, 10, 25}, {2025, 11, 1}, {2025, 4, 5}}
		d := days[w.random.IntN(len(days))]
		w.spans = []stretch{w.days(d[0], time.Month(d[1]), d[2], 2)}
		w.regional = seed%4 == 3
		w.metric, w.host = pick(w, w.metric, "vm_cpu_seconds_total"), pick(w, w.host, "host")
		w.cpu, w.mode = pick(w, w.cpu, "core"), pick(w, w.mode, "state")
		w.idle = pick(w, w.idle, []string{"idle"}, []string{"idle", "steal"})
		w.ignored = pick(w, nil, nil, []string{"steal"}, []string{"iowait", "system"})
	}
	now := time.Now().Truncate(time.Hour)
	w.spans = append(w.spans, stretch{now.Add(-7 * time.Hour).UnixMicro(), now.Add(-2 * time.Hour).UnixMicro()})
	w.quirks = ukgridtest.Quirks{
		ByEnd: w.random.IntN(2) == 0, Array: w.random.IntN(2) == 0,
		Doubled: w.random.IntN(2) == 0, Shuffled: w.random.IntN(2) == 0, Lost: w.lost(),
	}
	w.people()
	return w
}

func pick[T any](w *world, from ...T) T { return from[w.random.IntN(len(from))] }

func location(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the machine has no time zones: nothing can be tested
	}
	return zone
}

// days returns whole days of the world's zone.
func (w *world) days(y int, m time.Month, d, n int) stretch {
	return stretch{time.Date(y, m, d, 0, 0, 0, 0, w.zone).UnixMicro(), time.Date(y, m, d+n, 0, 0, 0, 0, w.zone).UnixMicro()}
}

// lost returns half-hours without an actual, and some without any value.
func (w *world) lost() map[time.Time]bool {
	lost := map[time.Time]bool{}
	for _, s := range w.spans {
		for at := time.UnixMicro(s.from).UTC().Truncate(ukgridtest.HalfHour); at.UnixMicro() < s.to; at = at.Add(ukgridtest.HalfHour) {
			if w.random.IntN(4) == 0 {
				lost[at] = w.random.IntN(3) == 0
			}
		}
	}
	return lost
}

// plots are the lives that machines lead.
func plots() []string {
	return []string{
		"steady", "resets", "gap", "outage", "reboot", "silent reboot", "appears", "booted", "ends", "brief", "once", "partly", "odd",
	}
}

// people makes the machines. Names are as hostile as names can be.
func (w *world) people() {
	projects := []string{"IDAaaS", "IDAaaS", "CDAaaS", "DDAaaS", "TDAaaS", "Nobody's", `x"} or vector(1) #`, ""}
	names := []string{
		"Muon", "SANS", "Artemis (Matlab)", `quote " back \ slash`, "line\nbreak\ttab", "Tomographie é 測定 🌳", "", "a=b,c", "{}[]|.*+?^$", "under_score", "other",
	}
	for i, plot := range plots() {
		copies := 1
		if len(w.spans) < 3 { // a world by chance
			copies = w.random.IntN(3)
		}
		for range copies {
			m := &machine{
				labels: map[string]string{
					"cloud_project_name": pick(w, projects...), "machine_name": pick(w, names...),
					w.host: fmt.Sprintf("host-%d.example.org:9100", len(w.machines)),
				},
				scrape:  pick(w, int64(45_000), 60_000, 100_000, 150_000),
				divisor: pick(w, 100.0, 1e6, 300),
			}
			if w.rough {
				m.divisor = 100
			}
			switch i % 4 {
			case 1:
				m.labels["rack"] = pick(w, "1", "2", `"3"`)
			case 2:
				m.labels[w.host] = fmt.Sprintf("[2001:db8::%d]:9100", len(w.machines)+1)
			}
			w.machines = append(w.machines, m)
			w.live(m, plot)
		}
	}
}

// live writes the samples of a machine.
func (w *world) live(m *machine, plot string) {
	for cpu := range 1 + w.random.IntN(2) {
		for _, mode := range []string{"idle", "iowait", "steal", "system", "user"} {
			m.counters = append(m.counters, &counter{cpu: strconv.Itoa(cpu), mode: mode, ticks: w.random.Int64N(1e9)})
		}
	}
	told := plot == "reboot" || plot == "booted" || w.random.IntN(2) == 0
	for n, s := range w.spans {
		l := w.plan(m, plot, s)
		if told && plot != "silent reboot" {
			if n == 0 && l.boot == 0 {
				m.boots = append(m.boots, float64(s.from)/1e6-86_400.5)
			}
			l.tells = true
		}
		w.scrapes(m, l)
	}
	if plot == "odd" {
		w.spoil(m)
	}
	if plot == "partly" {
		c := m.counters[w.random.IntN(len(m.counters))]
		hole := stretch{w.spans[0].from + 3600e6, w.spans[0].from + 3600e6*(2+w.random.Int64N(9))}
		c.samples = slices.DeleteFunc(c.samples, func(x sample) bool { return x.at*1000 >= hole.from && x.at*1000 < hole.to })
	}
}

// life is how a machine is seen in one span, in milliseconds.
type life struct {
	from, to int64
	away     []stretch // milliseconds
	resets   []int64
	boot     int64 // told from then on; 0 is none
	bootAt   float64
	tells    bool
}

// plan says what happens to a machine in a span.
func (w *world) plan(m *machine, plot string, s stretch) *life {
	const minute = 60_000
	l := &life{from: s.from/1000 - 40*minute, to: s.to/1000 + 40*minute}
	at := func() int64 { return s.from/1000 + w.random.Int64N((s.to-s.from)/1000) }
	gone := func(begin, length int64) stretch {
		l.away = append(l.away, stretch{begin, begin + length})
		return stretch{begin, begin + length}
	}
	switch plot {
	case "resets":
		l.resets = []int64{at(), at(), at(), at()}
	case "gap":
		hole := gone(at(), minute*(6+w.random.Int64N(340)))
		l.resets = []int64{(hole.from + hole.to) / 2}
		gone(at(), minute*(4+w.random.Int64N(4)))
	case "outage":
		gone(at(), minute*(355+w.random.Int64N(300)))
	case "reboot", "silent reboot":
		hole := gone(at(), minute*(3+w.random.Int64N(15)))
		l.resets = []int64{hole.from}
		l.boot, l.bootAt = hole.from, float64(hole.from+w.random.Int64N(hole.to-hole.from))/1000
	case "appears":
		l.from = at()
	case "booted":
		l.from = at()
		l.boot, l.bootAt = l.from, float64(l.from-20_000-w.random.Int64N(500_000))/1000
	case "ends":
		l.to = at()
	case "brief":
		l.from = at()
		l.to = l.from + m.scrape + m.scrape/2
	case "once":
		l.from = at()
		l.to = l.from + 1
	}
	return l
}

// scrapes adds the samples of one life, at times that jitter.
func (w *world) scrapes(m *machine, l *life) {
	for at := l.from; at < l.to; at += m.scrape {
		if slices.ContainsFunc(l.away, func(s stretch) bool { return at >= s.from && at < s.to }) {
			continue
		}
		now := at + w.random.Int64N(m.scrape/3)
		reset := slices.IndexFunc(l.resets, func(t int64) bool { return at >= t })
		for _, c := range m.counters {
			if reset >= 0 {
				c.ticks = w.random.Int64N(5000)
			}
			c.samples = append(c.samples, sample{now, float64(c.ticks) / m.divisor})
			most := float64(m.scrape) / 1000 * m.divisor // one processor for all of the time
			if c.mode != "idle" && c.mode != "user" {
				most /= 50
			}
			c.ticks += w.random.Int64N(int64(most/2) + 1)
		}
		if reset >= 0 {
			l.resets = slices.Delete(l.resets, reset, reset+1)
		}
		if l.boot != 0 && at >= l.boot && l.tells {
			m.boots, l.boot = append(m.boots, l.bootAt), 0
		}
		if l.tells && len(m.boots) > 0 {
			m.told = append(m.told, sample{now, m.boots[len(m.boots)-1]})
		}
	}
}

// spoil puts samples that are none among those of a machine.
func (w *world) spoil(m *machine) {
	all := []float64{math.NaN(), math.Inf(1), math.Inf(-1), -5, -1e-9, 1e15}
	if w.rough {
		all = all[:4]
	}
	for _, c := range m.counters {
		for _, wrong := range all {
			c.samples[w.random.IntN(len(c.samples))].value = wrong
		}
	}
}

// prometheus starts a server that holds the samples. Its blocks are made span by
// span: promtool reads everything once for each two hours between the first sample
// and the last.
func (w *world) prometheus(t testing.TB) *promtest.Server {
	t.Helper()
	dir := t.TempDir()
	for _, s := range w.spans {
		promtest.Blocks(t, dir, func(out io.Writer) error { return w.write(out, s) })
	}
	o := promtest.Options{Blocks: dir}
	if w.random.IntN(2) == 0 { // as Thanos and Mimir often do
		o.Prefix = "/a/prometheus"
		o.Flags = []string{"--web.external-url=http://localhost" + o.Prefix}
	}
	return promtest.Start(t, o)
}

// write writes the samples of a span and of some time around it.
func (w *world) write(out io.Writer, span stretch) error {
	const around = 24 * 3600_000_000
	o := promtest.NewWriter(out)
	series := func(samples []sample, name string, labels ...string) {
		o.Series(name, labels...)
		for _, x := range samples {
			if x.at*1000 >= span.from-around && x.at*1000 < span.to+around {
				o.Sample(time.UnixMilli(x.at), x.value)
			}
		}
	}
	for _, m := range w.machines {
		var target []string
		for _, name := range slices.Sorted(maps.Keys(m.labels)) {
			target = append(target, name, m.labels[name])
		}
		series(m.told, "node_boot_time_seconds", target...)
		for _, c := range m.counters {
			series(c.samples, w.metric, slices.Concat(target, []string{w.cpu, c.cpu, w.mode, c.mode})...)
		}
	}
	return o.Close()
}

package prometheus_test

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// fixture is series with all their samples, as the test knows them.
type fixture struct{ series []*sampled }

// sampled is a series: labels as name, value, …, and samples in order of time.
type sampled struct {
	name    string
	labels  []string
	samples []sample
}

type sample struct {
	at    int64 // milliseconds
	value float64
}

func (s *sampled) get(name string) string {
	for i := 0; i < len(s.labels); i += 2 {
		if s.labels[i] == name {
			return s.labels[i+1]
		}
	}
	return ""
}

func (f *fixture) write(w io.Writer) error {
	out := promtest.NewWriter(w)
	for _, s := range f.series {
		out.Series(s.name, s.labels...)
		for _, x := range s.samples {
			out.Sample(time.UnixMilli(x.at), x.value)
		}
	}
	return out.Close()
}

// noon is where the fixtures begin.
func noon() time.Time { return time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC) }

// span is a time as minutes after noon.
type span struct{ from, to float64 }

// host describes a host of the fixture.
type host struct {
	instance, project, machine string
	cpus                       int
	seen                       []span                  // when it is scraped
	resets                     []float64               // when counters begin again at zero, in minutes
	boot                       map[float64]float64     // from when on which boot time is told, both in minutes
	without                    func(string, bool) bool // whether a series is missing, by "cpu mode", in the second span
}

const scrape = 20_000 // ms

// add adds the series of a host: hundredths of seconds, jittered scrapes.
func (f *fixture) add(h host) {
	random := rand.New(rand.NewPCG(uint64(len(f.series)), 7))
	var times []int64
	var which []int
	for n, s := range h.seen {
		for at := s.from * 60_000; at <= s.to*60_000; at += scrape {
			times = append(times, noon().UnixMilli()+int64(at)+random.Int64N(900))
			which = append(which, n)
		}
	}
	target := []string{"cloud_project_name", h.project, "instance", h.instance, "machine_name", h.machine}
	if len(h.boot) > 0 {
		f.series = append(f.series, &sampled{"node_boot_time_seconds", target, h.bootSamples(times)})
	}
	for cpu := range h.cpus {
		for _, mode := range []string{"idle", "iowait", "steal", "user"} {
			labels := append(slices.Clone(target), "cpu", fmt.Sprint(cpu), "mode", mode)
			s := &sampled{name: "node_cpu_seconds_total", labels: labels}
			value, resets := int64(random.IntN(5_000_000)), slices.Clone(h.resets)
			for i, at := range times {
				if len(resets) > 0 && at >= noon().UnixMilli()+int64(resets[0]*60_000) {
					value, resets = int64(random.IntN(900)), resets[1:]
				}
				if h.without == nil || !h.without(fmt.Sprint(cpu, " ", mode), which[i] == 1) {
					s.samples = append(s.samples, sample{at, float64(value) / 100})
				}
				value += int64(random.IntN(1500))
			}
			f.series = append(f.series, s)
		}
	}
}

// bootSamples tells at each time the boot time that holds then, give or take what
// the kernel gets wrong.
func (h host) bootSamples(times []int64) []sample {
	var out []sample
	for i, at := range times {
		best, boot := math.Inf(-1), 0.0
		for from, b := range h.boot {
			if minute := float64(at-noon().UnixMilli()) / 60_000; from <= minute && from > best {
				best, boot = from, b
			}
		}
		if !math.IsInf(best, -1) {
			unix := float64(noon().Unix()) + float64(boot*60) + float64(i%2)
			if len(out) == 0 {
				unix -= float64(i % 2)
			}
			out = append(out, sample{at, unix})
		}
	}
	return out
}

// meter adds a series of a meter.
func (f *fixture) meter(name, instance string, labels []string, s span, value func(minute float64) float64) {
	one := &sampled{name: name, labels: append([]string{"instance", instance}, labels...)}
	for at := s.from * 60_000; at <= s.to*60_000; at += scrape {
		one.samples = append(one.samples, sample{noon().UnixMilli() + int64(at) + 77, value(at / 60_000)})
	}
	f.series = append(f.series, one)
}

// everything is the fixture of all cases.
func everything() *fixture {
	f := &fixture{}
	whole := []span{{-20, 200}}
	f.add(host{instance: "steady:9100", project: "IDAaaS", machine: "Muon", cpus: 2, seen: whole})
	f.add(host{instance: "reset:9100", project: "IDAaaS", machine: "Muon", cpus: 1, seen: whole, resets: []float64{17, 29.9, 30.1, 95}})
	f.add(host{
		instance: "reboot:9100", project: "IDAaaS", machine: "SANS", cpus: 1, seen: []span{{-20, 58}, {63, 200}}, resets: []float64{60.5},
		boot: map[float64]float64{-20: -5000, 60: 60.5},
	})
	f.add(host{instance: "booted:9100", project: "IDAaaS", machine: "SANS", cpus: 1, seen: []span{{46.2, 200}}, boot: map[float64]float64{0: 43.7}})
	f.add(host{instance: "appears:9100", project: "IDAaaS", machine: "SANS", cpus: 1, seen: []span{{76.2, 200}}})
	f.add(host{instance: "ends:9100", project: "IDAaaS", machine: "SANS", cpus: 1, seen: []span{{-20, 41.4}}})
	f.add(host{instance: "brief:9100", project: "IDAaaS", machine: "SANS", cpus: 1, seen: []span{{100, 100.2}}}) // one scrape
	f.add(host{instance: "gap-40m:9100", project: "CDAaaS", machine: "Laser", cpus: 1, seen: []span{{-20, 25}, {65, 200}}})
	f.add(host{instance: "gap-2h:9100", project: "CDAaaS", machine: "Laser", cpus: 2, seen: []span{{-20, 25}, {145, 200}}})
	f.add(host{instance: "gap-7h:9100", project: "CDAaaS", machine: "Laser", cpus: 1, seen: []span{{0, 20}, {440, 460}}})
	f.add(host{instance: "gap-25h:9100", project: "CDAaaS", machine: "Laser", cpus: 1, seen: []span{{0, 20}, {1530, 1545}}})
	f.add(host{
		instance: "gap-boot:9100", project: "CDAaaS", machine: "Laser", cpus: 1, seen: []span{{0, 20}, {140, 200}}, resets: []float64{100},
		boot: map[float64]float64{0: -9000, 101: 118.5},
	})
	f.add(host{
		instance: "one-series:9100", project: "CDAaaS", machine: "Laser", cpus: 2, seen: []span{{-20, 30}, {30.4, 148}, {148.4, 200}},
		without: func(series string, second bool) bool { return second && series == "1 user" },
	})
	f.add(host{instance: "hostile\"}\n\\:9100", project: `x"} or vector(1) #`, machine: "Artemis (Matlab)\n'é{|.*", cpus: 1, seen: whole})
	f.add(host{instance: "[2001:db8::1]:9100", project: "CDAaaS", machine: "", cpus: 1, seen: whole})
	f.add(host{instance: "dup:9100", project: "DDAaaS", machine: "A", cpus: 1, seen: whole})
	f.add(host{instance: "dup:9101", project: "DDAaaS", machine: "A", cpus: 1, seen: whole})
	f.add(host{instance: "moved:9100", project: "DDAaaS", machine: "Before", cpus: 1, seen: []span{{-20, 71}}})
	f.add(host{instance: "moved:9100", project: "DDAaaS", machine: "After", cpus: 1, seen: []span{{71.4, 200}}})
	f.add(host{instance: "odd:9100", project: "DDAaaS", machine: "A", cpus: 1, seen: whole})
	for _, s := range f.series {
		if s.get("instance") == "odd:9100" { // samples that are none, at edges too
			for i, v := range map[int]float64{59: math.NaN(), 60: math.Inf(1), 61: -5, 150: math.NaN(), 240: math.Inf(-1), 3: 1e15} {
				s.samples[i].value = v
			}
		}
	}
	f.meters()
	return f
}

// meters adds energy meters: two sockets that wrap, a BMC that is silent for a
// while, both on one host, and one of a host that nothing else knows.
func (f *fixture) meters() {
	for _, name := range []string{"rapl", "bmc", "both"} {
		f.add(host{instance: name + ":9100", project: "TDAaaS", machine: "metal", cpus: 1, seen: []span{{-20, 200}}})
	}
	rapl := func(power float64) func(float64) float64 {
		return func(minute float64) float64 { return math.Mod(1e5+float64(math.Floor(minute*60)*power), 262_143.25) }
	}
	bmc := func(minute float64) float64 { return 200 + float64(int(minute*3)%50) }
	f.meter("node_rapl_package_joules_total", "rapl:9100", []string{"index", "0", "path", "/sys/0"}, span{-20, 200}, rapl(61.5))
	f.meter("node_rapl_package_joules_total", "rapl:9100", []string{"index", "1", "path", "/sys/1"}, span{-20, 100}, rapl(48.25))
	f.meter("node_rapl_dram_joules_total", "rapl:9100", []string{"index", "0", "path", "/sys/2"}, span{10, 200}, rapl(5))
	f.meter("ipmi_dcmi_power_consumption_watts", "bmc:9290", []string{"id", "x"}, span{-20, 41}, bmc)
	f.meter("ipmi_dcmi_power_consumption_watts", "bmc:9290", []string{"id", "x"}, span{50, 200}, bmc)
	// One series: the second is the first, continued.
	last := f.series[len(f.series)-1]
	f.series = f.series[:len(f.series)-1]
	f.series[len(f.series)-1].samples = append(f.series[len(f.series)-1].samples, last.samples...)
	f.meter("scaph_host_energy_microjoules", "both:9100", nil, span{-20, 200}, func(m float64) float64 { return math.Floor(m*60+1e4) * 83_123_457 })
	f.meter("ipmi_dcmi_power_consumption_watts", "both:9290", nil, span{55, 110}, bmc)
	f.meter("scaph_host_energy_microjoules", "stranger:9100", nil, span{-20, 200}, func(m float64) float64 { return m })
}

// key is the host's key: what strip-port makes of the instance.
func key(instance string) string {
	if strings.HasPrefix(instance, "[") {
		return strings.Trim(instance[:strings.LastIndex(instance, ":")], "[]")
	}
	return instance[:strings.LastIndex(instance, ":")]
}

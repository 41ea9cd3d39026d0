package prometheus

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/prom"
)

// Unit is what a meter counts: energy for a counter, power for a gauge.
type Unit string

// The units of meters that exist.
const (
	Joules      Unit = "J"
	Millijoules Unit = "mJ"
	Microjoules Unit = "uJ"
	Watts       Unit = "W"
	Milliwatts  Unit = "mW"
	Microwatts  Unit = "uW"
)

// scale returns how many of the unit make a joule or watt, and whether it is
// power. It returns 0 for an unknown unit.
func (u Unit) scale() (divisor float64, power bool) {
	switch u {
	case Joules:
		return 1, false
	case Millijoules:
		return 1e3, false
	case Microjoules:
		return 1e6, false
	case Watts:
		return 1, true
	case Milliwatts:
		return 1e3, true
	case Microwatts:
		return 1e6, true
	}
	return 0, false
}

// Meter is an energy meter that some hosts have. A host's energy is the sum of
// all series that it selects, so they must not overlap: of RAPL, package and
// dram, but not psys beside them.
type Meter struct {
	// Name appears in messages.
	Name string
	// Metrics are the names of the series, and Matchers narrow them down.
	Metrics  []string
	Matchers []prom.Matcher
	// HostLabel is the label of the host; empty means that of the processors.
	HostLabel string
	Unit      Unit
}

func (m Meter) faults() []string {
	var out []string
	if len(m.Metrics) == 0 {
		out = append(out, "metrics: required")
	}
	for _, name := range m.Metrics {
		if !prom.ValidMetric(name) {
			out = append(out, fmt.Sprintf("metrics: %q is not a metric name", name))
		}
	}
	for _, matcher := range m.Matchers {
		if err := matcher.Validate(); err != nil {
			out = append(out, err.Error())
		}
	}
	if m.HostLabel != "" && !prom.ValidLabel(m.HostLabel) {
		out = append(out, fmt.Sprintf("host_label: %q is not a label name", m.HostLabel))
	}
	if divisor, _ := m.Unit.scale(); divisor == 0 {
		out = append(out, fmt.Sprintf("unit: %q: use J, mJ, uJ, W, mW or uW", m.Unit))
	}
	return out
}

// Meters returns the meters that are looked for by default, those first that
// see most of the machine, counters before gauges of the same.
func Meters() []Meter {
	zones := prom.AnyOf("zone", []string{"package", "dram"})
	return []Meter{
		{Name: "ipmi", Metrics: []string{"ipmi_dcmi_power_consumption_watts"}, Unit: Watts},
		{Name: "hwmon", Metrics: []string{"node_hwmon_energy_joule_total"}, Unit: Joules},
		{Name: "scaphandre", Metrics: []string{"scaph_host_energy_microjoules"}, Unit: Microjoules},
		{Name: "scaphandre power", Metrics: []string{"scaph_host_power_microwatts"}, Unit: Microwatts},
		{Name: "kepler", Metrics: []string{"kepler_node_cpu_joules_total"}, Matchers: []prom.Matcher{zones}, Unit: Joules},
		{Name: "kepler before 0.10", Metrics: []string{"kepler_node_package_joules_total", "kepler_node_dram_joules_total"}, Unit: Joules},
		{Name: "rapl", Metrics: []string{"node_rapl_package_joules_total", "node_rapl_dram_joules_total"}, Unit: Joules},
	}
}

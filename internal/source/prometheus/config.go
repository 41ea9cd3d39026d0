package prometheus

import (
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Mode says how much of the arithmetic the server does.
type Mode string

const (
	// Exact reads raw samples and takes increments by Dendro's rule. It is the
	// default.
	Exact Mode = "exact"
	// Fast lets the server evaluate increase(), which extrapolates to the ends
	// of the slot. Its facts are marked so.
	Fast Mode = "fast"
)

// Transport says how raw samples are read.
type Transport string

const (
	// Auto takes remote read where the server offers it, else range selectors.
	Auto Transport = "auto"
	// RemoteRead takes remote read alone.
	RemoteRead Transport = "remote-read"
	// RangeSelector takes range selectors alone.
	RangeSelector Transport = "range-selector"
)

// Config says what a Prometheus holds and how it is read.
type Config struct {
	// Name is the source's name in the basis of figures.
	Name   string
	Server prom.Config

	// Metric is the counter of processor time, in seconds, and Matchers narrow
	// it down.
	Metric   string
	Matchers []prom.Matcher
	// HostLabel, CPULabel and ModeLabel are labels of the metric: the host, its
	// processor, and what the time was spent on.
	HostLabel, CPULabel, ModeLabel string
	// IgnoredLabels do not belong to a host: two series that differ in them
	// alone are of one subject. All other labels are kept, for views.
	IgnoredLabels []string
	// BootMetric is the gauge of when the host was booted, in seconds since
	// 1970; empty when there is none.
	BootMetric string
	// Meters are the energy meters of hosts, the one to be trusted most first.
	Meters []Meter

	HostKey account.HostKey
	Modes   source.Modes
	Rule    energy.Rule

	Mode      Mode
	Transport Transport
	// Around is how far around the slots samples are read at first. Hosts that
	// were silent for longer are asked for on their own.
	Around time.Duration
	// SpanPerRead is how much time is read at once when several slots are asked
	// for, and SamplesPerReply what a reply to a range selector may hold.
	SpanPerRead     time.Duration
	SamplesPerReply int
	// Parallel is how many requests run at once.
	Parallel int
	// Deadline is the longest time for SpanPerRead, attempts included.
	Deadline time.Duration
}

// Defaults returns the config for node_exporter; the server's URL has to be
// added.
func Defaults() Config {
	key, err := account.NewHostKey("strip-port")
	if err != nil {
		key = account.HostKey{} // cannot happen: the name is known
	}
	return Config{
		Name: "prometheus", Server: prom.Defaults(),
		Metric: "node_cpu_seconds_total", HostLabel: "instance", CPULabel: "cpu", ModeLabel: "mode",
		BootMetric: "node_boot_time_seconds", Meters: Meters(),
		HostKey: key, Modes: source.DefaultModes(), Rule: energy.DefaultRule(),
		Mode: Exact, Transport: Auto,
		Around: 2 * time.Minute, SpanPerRead: 6 * time.Hour, SamplesPerReply: 500_000,
		Parallel: 2, Deadline: 10 * time.Minute,
	}
}

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	list.Add(c.Server.Validate())
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, diag.New("", format, args...))
		}
	}
	wrong(c.Name == "", "name: required")
	wrong(!prom.ValidMetric(c.Metric), "metric: %q is not a metric name", c.Metric)
	wrong(c.BootMetric != "" && !prom.ValidMetric(c.BootMetric), "boot_metric: %q is not a metric name", c.BootMetric)
	for _, l := range []struct{ path, name string }{
		{"host_label", c.HostLabel}, {"cpu_label", c.CPULabel}, {"mode_label", c.ModeLabel},
	} {
		wrong(!prom.ValidLabel(l.name), "%s: %q is not a label name", l.path, l.name)
	}
	wrong(slices.Contains(c.IgnoredLabels, c.HostLabel), "ignored_labels: %q is the label of the host", c.HostLabel)
	for i, m := range c.Matchers {
		if err := m.Validate(); err != nil {
			wrong(true, "matchers[%d]: %v", i, err)
		}
	}
	for i, m := range c.Meters {
		for _, text := range m.faults() {
			wrong(true, "meters[%d] (%s): %s", i, m.Name, text)
		}
	}
	wrong(c.Mode != Exact && c.Mode != Fast, "mode: %q: use %q or %q", c.Mode, Exact, Fast)
	wrong(c.Transport != Auto && c.Transport != RemoteRead && c.Transport != RangeSelector,
		"transport: %q: use %q, %q or %q", c.Transport, Auto, RemoteRead, RangeSelector)
	wrong(c.Around <= 0, "around: %v: it has to be longer than the scrape interval", c.Around)
	wrong(c.SpanPerRead < time.Hour, "span_per_read: %v: at least 1h", c.SpanPerRead)
	wrong(c.SamplesPerReply < 1000, "samples_per_reply: %d: at least 1000", c.SamplesPerReply)
	wrong(c.Parallel < 1 || c.Parallel > 64, "parallel: %d: from 1 to 64", c.Parallel)
	wrong(c.Deadline <= 0, "deadline: %v is not a time to wait", c.Deadline)
	wrong(c.Rule.BridgeAfter <= 0 || c.Rule.MaxBridge < c.Rule.BridgeAfter,
		"max_bridge: %v is shorter than bridge_after: %v", c.Rule.MaxBridge, c.Rule.BridgeAfter)
	return list.Err()
}

// selector returns what selects the series of processor time that count.
func (c Config) selector() prom.Selector {
	sel := prom.Metric(c.Metric).And(c.Matchers...)
	if len(c.Modes.Ignored) > 0 {
		sel = sel.And(prom.NoneOf(c.ModeLabel, c.Modes.Ignored))
	}
	return sel
}

// horizon is how far around a slot a sample can matter.
func (c Config) horizon() time.Duration { return max(c.Rule.EndsAfter, c.Rule.MaxBridge, c.Around) }

// method returns how facts are taken, for their origin.
func (c Config) method() string {
	if c.Mode == Fast {
		return fmt.Sprintf("increase(%s)", c.Metric)
	}
	return fmt.Sprintf("raw samples of %s", c.Metric)
}

package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
)

// operations registers what an operator's tools ask for.
func (s *Server) operations() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	s.mux.HandleFunc("GET /readyz", s.ready)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newCollector(s))
	if s.Services != nil {
		registry.MustRegister(newServicesCollector(s.Services))
	}
	s.mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: 2, Timeout: deadline, ErrorHandling: promhttp.ContinueOnError, // what is known helps to find what fails
	}))
}

// ready answers 200 when the ledger can be read.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if _, err := s.Store.Status(r.Context()); err != nil {
		writeProblem(w, http.StatusServiceUnavailable, "the ledger cannot be read", err.Error())
		return
	}
	fmt.Fprintln(w, "ready")
}

// collector gives Prometheus the figures of the newest day and how the driver
// does. Names and units are listed in docs/OPERATIONS.md.
type collector struct {
	s                                         *Server
	energy, carbon, coverage                  *prometheus.Desc
	lag, waiting, trouble, slots, restatement *prometheus.Desc
	warnings, directoryLag                    *prometheus.Desc
}

func newCollector(s *Server) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("dendro_"+name, help, labels, nil)
	}
	return &collector{
		s:           s,
		energy:      desc("energy_kwh", "Energy of the current day by level, closed slots and the open one.", "level", "name", "kind"),
		carbon:      desc("operational_gco2e", "Operational carbon of the current day by level.", "level", "name", "kind"),
		coverage:    desc("coverage_ratio", "Observed host time of expected host time of the current day."),
		lag:         desc("ledger_lag_seconds", "From the end of the newest closed slot to now."),
		waiting:     desc("slots_waiting", "Slots that are due and could not be closed."),
		trouble:     desc("trouble", "1 while a duty of the driver fails.", "duty"),
		slots:       desc("slots_closed", "Closed slots in the ledger."),
		restatement: desc("restatements", "Restatements in the ledger."),

		warnings:     desc("warnings", "Warnings that stand, by the source, the directory or attribution that they are of; the status has their texts.", "of"),
		directoryLag: desc("directory_lag_seconds", "From the last answer of a directory to now.", "directory"),
	}
}

// Describe sends nothing: the set of series follows the accounts.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the figures of now.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := c.ledger(ctx, out); err != nil {
		out <- prometheus.NewInvalidMetric(c.slots, err)
		return
	}
	status := c.s.Driver.Status()
	out <- prometheus.MustNewConstMetric(c.waiting, prometheus.GaugeValue, float64(status.Waiting))
	for duty := range status.Troubles {
		out <- prometheus.MustNewConstMetric(c.trouble, prometheus.GaugeValue, 1, duty)
	}
	for name, list := range status.Warnings {
		out <- prometheus.MustNewConstMetric(c.warnings, prometheus.GaugeValue, float64(len(list)), name)
	}
	for name, d := range status.Directories {
		if len(status.Warnings[name]) == 0 {
			out <- prometheus.MustNewConstMetric(c.warnings, prometheus.GaugeValue, 0, name)
		}
		out <- prometheus.MustNewConstMetric(c.directoryLag, prometheus.GaugeValue, d.LagSeconds, name)
	}
	c.levels(ctx, out)
}

// levels sends the figures of the day by each label that does not stand for people.
// Prometheus keeps what it has read, and nobody could take back a name from there.
func (c *collector) levels(ctx context.Context, out chan<- prometheus.Metric) {
	coverage := true
	for _, level := range c.s.Levels {
		if account.IsPersonalLabel(level) || slices.Contains(c.s.Personal, level) {
			continue
		}
		if err := c.level(ctx, out, level, coverage); err != nil {
			out <- prometheus.NewInvalidMetric(c.energy, err)
		}
		coverage = false
	}
}

func (c *collector) ledger(ctx context.Context, out chan<- prometheus.Metric) error {
	status, err := c.s.Store.Status(ctx)
	if err != nil {
		return err
	}
	out <- prometheus.MustNewConstMetric(c.slots, prometheus.GaugeValue, float64(status.Slots))
	out <- prometheus.MustNewConstMetric(c.restatement, prometheus.CounterValue, float64(status.Restatements))
	if status.Slots > 0 {
		out <- prometheus.MustNewConstMetric(c.lag, prometheus.GaugeValue, time.Since(status.Last.To).Seconds())
	}
	return nil
}

// maxNames is how many names of a level have series of their own: Prometheus keeps
// each of them for ever. Those that used least are one series of kind other.
const maxNames = 1000

// level sends the figures of the day by one label, and the day's coverage once. What is
// unknown is not sent.
func (c *collector) level(ctx context.Context, out chan<- prometheus.Metric, level string, coverage bool) error {
	calendar := c.s.Engine.Calendar()
	day := calendar.Period(account.StepDay, time.Now())
	answer, err := c.s.Engine.Ask(ctx, query.Question{Span: day, View: account.View{By: []string{level}, Sort: account.SortEnergy, Top: cmp.Or(c.s.MaxNames, maxNames)}})
	if err != nil {
		return err
	}
	for _, n := range answer.Nodes {
		labels := []string{level, n.Path[len(n.Path)-1], n.Kind.String()}
		if n.Energy != nil {
			out <- prometheus.MustNewConstMetric(c.energy, prometheus.GaugeValue, n.Energy.KWh(), labels...)
		}
		if n.Operational != nil {
			out <- prometheus.MustNewConstMetric(c.carbon, prometheus.GaugeValue, n.Operational.Grams(), labels...)
		}
	}
	if coverage && answer.Total.Coverage != nil {
		out <- prometheus.MustNewConstMetric(c.coverage, prometheus.GaugeValue, answer.Total.Coverage.Float())
	}
	return nil
}

package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dendro-carbon/dendro/internal/scoring"
)

// Services is how receiving and scoring spans is doing. Counts are since the start.
type Services struct {
	Scoring  scoring.Status `json:"scoring"`
	Receiver Receiver       `json:"receiver"`
	Meters   []Meter        `json:"meters,omitempty"`
}

// Meter is how it stands with a meter of services.
type Meter struct {
	Name    string    `json:"name"`
	Energy  string    `json:"energy" doc:"What its readings are called in windows"`
	Newest  time.Time `json:"newest,omitzero" doc:"Time of the newest sample"`
	Age     *float64  `json:"age_s" doc:"From the newest sample to now; null before the first"`
	Reads   uint64    `json:"reads"`
	Failed  uint64    `json:"failed"`
	Refused uint64    `json:"refused" doc:"Samples that no meter can have meant"`
	Joules  float64   `json:"joules" doc:"Energy that was measured"`
	Trouble string    `json:"trouble,omitempty"`
	Notes   []string  `json:"notes,omitempty" doc:"What its readings rest on that is neither measured nor configured"`
}

// Receiver counts requests over OTLP and the spans in them.
type Receiver struct {
	Requests     int64 `json:"requests" doc:"Requests that were received, whatever became of them"`
	Bytes        int64 `json:"bytes" doc:"Of requests that were read, decompressed"`
	Accepted     int64 `json:"spans_accepted"`
	Invalid      int64 `json:"spans_invalid" doc:"Spans that were left out of requests"`
	Refused      int64 `json:"spans_refused" doc:"Spans whose senders were told to come again"`
	Malformed    int64 `json:"malformed" doc:"Requests that are not OTLP"`
	TooLarge     int64 `json:"too_large" doc:"Requests above a limit"`
	Overloaded   int64 `json:"overloaded" doc:"Requests that were asked to come again later"`
	Unauthorized int64 `json:"unauthorized" doc:"Requests without a valid token"`
	Failed       int64 `json:"failed" doc:"Requests that failed within, or whose sender went away"`
}

// servicesCollector gives Prometheus what [Services] says.
type servicesCollector struct {
	status                                            func() *Services
	spans, requests, bytes, windows, lag, open, waits *prometheus.Desc
	trouble                                           *prometheus.Desc
	joules, reads, age                                *prometheus.Desc
}

func newServicesCollector(status func() *Services) *servicesCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("dendro_"+name, help, labels, nil)
	}
	return &servicesCollector{
		status:   status,
		spans:    desc("services_spans_total", "Spans by what became of them.", "outcome"),
		requests: desc("services_requests_total", "Requests over OTLP by what became of them; received counts them all.", "outcome"),
		bytes:    desc("services_received_bytes_total", "Bytes of requests, decompressed."),
		windows:  desc("services_windows_total", "Windows that were archived."),
		lag:      desc("services_archived_lag_seconds", "From the end of the newest archived window to now."),
		open:     desc("services_open_spans", "Spans in the window that is open."),
		waits:    desc("services_journal_bytes", "Size of the journal of the open window."),
		trouble:  desc("services_trouble", "1 while the journal or the archive cannot be written.", "part"),
		joules:   desc("services_meter_joules_total", "Energy that a meter of services measured.", "meter"),
		reads:    desc("services_meter_reads_total", "Readings of a meter by what became of them.", "meter", "outcome"),
		age:      desc("services_meter_age_seconds", "From the newest sample of a meter to now.", "meter"),
	}
}

// Describe sends nothing: the set of troubles changes.
func (c *servicesCollector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the counts of now.
func (c *servicesCollector) Collect(out chan<- prometheus.Metric) {
	s := c.status()
	if s == nil {
		return
	}
	send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	for _, n := range []struct {
		outcome string
		spans   uint64
	}{
		{"accepted", s.Scoring.Accepted},
		{"invalid", s.Scoring.Rejected},
		{"refused", s.Scoring.Refused},
		{"replayed", s.Scoring.Replayed},
		{"scored", s.Scoring.Scored},
		{"late", s.Scoring.Late},
	} {
		send(c.spans, prometheus.CounterValue, float64(n.spans), n.outcome)
	}
	for _, n := range []struct {
		outcome  string
		requests int64
	}{
		{"received", s.Receiver.Requests},
		{"malformed", s.Receiver.Malformed},
		{"too_large", s.Receiver.TooLarge},
		{"overloaded", s.Receiver.Overloaded},
		{"unauthorized", s.Receiver.Unauthorized},
		{"failed", s.Receiver.Failed},
	} {
		send(c.requests, prometheus.CounterValue, float64(n.requests), n.outcome)
	}
	send(c.bytes, prometheus.CounterValue, float64(s.Receiver.Bytes))
	send(c.windows, prometheus.CounterValue, float64(s.Scoring.Windows))
	if !s.Scoring.LastArchived.IsZero() {
		send(c.lag, prometheus.GaugeValue, time.Since(s.Scoring.LastArchived).Seconds())
	}
	send(c.open, prometheus.GaugeValue, float64(s.Scoring.Open.Spans))
	send(c.waits, prometheus.GaugeValue, float64(s.Scoring.Open.Bytes))
	for part := range s.Scoring.Troubles {
		send(c.trouble, prometheus.GaugeValue, 1, part)
	}
	for _, m := range s.Meters {
		send(c.joules, prometheus.CounterValue, m.Joules, m.Name)
		send(c.reads, prometheus.CounterValue, float64(m.Reads-m.Failed), m.Name, "good")
		send(c.reads, prometheus.CounterValue, float64(m.Failed), m.Name, "failed")
		if !m.Newest.IsZero() {
			send(c.age, prometheus.GaugeValue, time.Since(m.Newest).Seconds(), m.Name)
		}
	}
}

// Package exposition reads metrics of exporters as rows of labels and a value: from the
// exporter itself, in the text format of Prometheus, or from a Prometheus server that
// scrapes it.
//
// The fact that a reader would get wrong: an exporter can give one series twice; the
// first row counts, as it does for Prometheus. To add them up would count twice.
package exposition

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"

	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/prom"
)

// Row is a sample of a series.
type Row struct {
	Metric string
	Labels map[string]string
	At     time.Time
	// Value is finite and at least 0.
	Value float64
}

// Series returns a text that is the same for all rows of a series, and for no others.
func (r Row) Series() string {
	var b strings.Builder
	b.WriteString(r.Metric)
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		b.WriteString(strconv.Quote(name))
		b.WriteString(strconv.Quote(r.Labels[name]))
	}
	return b.String()
}

// Reader reads rows. It is safe for concurrent use.
type Reader interface {
	// Rows returns the rows of some metrics after an instant, or of now. Errors wrap
	// [meter.ErrUnavailable] or [meter.ErrReply], or are that of the context.
	Rows(ctx context.Context, metrics []string, after time.Time) ([]Row, error)
}

// maxRows bounds the rows of one reply.
const maxRows = 1 << 17

// Scraped reads an exporter. The client's base is the address of its metrics.
type Scraped struct{ Client *fetch.Client }

// Rows implements [Reader]. There is one row of each series: that of now, unless the
// exporter tells another time.
func (s Scraped) Rows(ctx context.Context, metrics []string, _ time.Time) ([]Row, error) {
	text, err := s.Client.Get(ctx, "", nil)
	if err != nil {
		return nil, meter.Fault(ctx, err)
	}
	return Parse(text, metrics, time.Now())
}

// Parse returns the rows of some metrics in a text of an exporter, which are of now where
// the text tells no time. Values that no meter shows are left out. The error wraps
// [meter.ErrReply]; beside it are the rows that are valid.
func Parse(text []byte, metrics []string, now time.Time) ([]Row, error) {
	families, wrong := families(text, metrics)
	if wrong != nil {
		wrong = fmt.Errorf("%w: %w: %s", meter.ErrReply, wrong, fetch.Excerpt(text))
	}
	var out []Row
	seen := map[string]bool{}
	for _, name := range metrics {
		for _, m := range families[name].GetMetric() {
			row, ok := rowOf(name, m, now)
			if !ok {
				continue
			}
			if key := row.Series(); !seen[key] {
				seen[key] = true
				out = append(out, row)
			}
		}
	}
	if len(out) > maxRows {
		return nil, fmt.Errorf("%w: %d rows of %s", meter.ErrReply, len(out), strings.Join(metrics, ", "))
	}
	return out, wrong
}

// rowOf returns a metric as a row, unless it has no value that a meter shows.
func rowOf(name string, m *dto.Metric, now time.Time) (Row, bool) {
	row := Row{Metric: name, Labels: map[string]string{}, At: now}
	switch {
	case m.Counter != nil:
		row.Value = m.Counter.GetValue()
	case m.Gauge != nil:
		row.Value = m.Gauge.GetValue()
	case m.Untyped != nil:
		row.Value = m.Untyped.GetValue()
	default:
		return row, false
	}
	for _, l := range m.GetLabel() {
		row.Labels[l.GetName()] = l.GetValue()
	}
	if m.TimestampMs != nil {
		row.At = time.UnixMilli(m.GetTimestampMs())
	}
	return row, usable(row.Value)
}

// usable reports whether a value is finite and not negative.
func usable(v float64) bool { return v >= 0 && v-v == 0 }

// Stored reads what a Prometheus server has of exporters.
type Stored struct {
	Client *prom.Client
	// Matchers choose series beside the name of the metric.
	Matchers []prom.Matcher
}

// Rows implements [Reader]. There is a row for each sample after the instant.
func (s Stored) Rows(ctx context.Context, metrics []string, after time.Time) ([]Row, error) {
	var out []Row
	err := s.Client.Retry(ctx, func(ctx context.Context) error {
		out = nil
		_, err := s.Client.RangeRead(ctx, prom.Metric(metrics...).And(s.Matchers...), prom.WindowOf(after, time.Now()), func(series *prom.Series) error {
			labels, name := map[string]string{}, ""
			for label, value := range series.Labels() {
				if string(label) == model.MetricNameLabel {
					name = string(value)
					continue
				}
				labels[string(label)] = string(value)
			}
			for _, sample := range series.Samples {
				if len(out) >= maxRows {
					return fmt.Errorf("%w: more than %d samples", meter.ErrReply, maxRows)
				}
				if usable(sample.Value) {
					out = append(out, Row{name, labels, time.UnixMilli(sample.At), sample.Value})
				}
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, meter.Fault(ctx, err)
	}
	return out, nil
}

// Samples reads several readers into samples: of chooses what a row is a sample of,
// but for its time and its series, and nil leaves it out. What some could not tell is an
// error beside what others did.
func Samples(ctx context.Context, readers []Reader, metrics []string, after time.Time, of func(Row) *meter.Sample) ([]meter.Sample, error) {
	var out []meter.Sample
	errs := make([]error, len(readers))
	for i, rows := range all(ctx, readers, metrics, after, errs) {
		for _, row := range rows {
			if s := of(row); s != nil {
				s.At, s.Series = row.At, fmt.Sprint(i, " ", row.Series())
				out = append(out, *s)
			}
		}
	}
	if err := context.Cause(ctx); err != nil && len(out) == 0 {
		return nil, err
	}
	return out, errors.Join(errs...)
}

package prom

import (
	"context"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-faster/jx"
)

// RangeRead calls f for each series with samples in a window, by a range
// selector: what every server offers. It makes one attempt and returns the
// server's remarks. An error of kind [TooMuch] tells to ask for fewer series or
// less time.
func (c *Client) RangeRead(ctx context.Context, sel Selector, w Window, f func(*Series) error) (infos []string, err error) {
	// Up to version 2 a range selector includes its left end, from 3 on it does
	// not: one more millisecond, and the trimming, make them the same.
	query := sel.String() + "[" + strconv.FormatInt(w.To-w.From+1, 10) + "ms]"
	form := url.Values{"query": {query}, "time": {seconds(w.To)}}
	return c.matrix(ctx, "read raw samples by range selector", "query", form, w, f)
}

// Evaluate calls f for each series of an expression's result at From, From +
// step … To. It makes one attempt and returns the server's remarks on the
// expression.
func (c *Client) Evaluate(ctx context.Context, expression string, w Window, step time.Duration, f func(*Series) error) (infos []string, err error) {
	form := url.Values{
		"query": {expression}, "start": {seconds(w.From)}, "end": {seconds(w.To)}, "step": {seconds(step.Milliseconds())},
	}
	return c.matrix(ctx, "evaluate an expression", "query_range", form, w, f)
}

func (c *Client) matrix(ctx context.Context, op, endpoint string, form url.Values, w Window, f func(*Series) error) (infos []string, err error) {
	form.Set("partial_response", "false")  // Thanos: rather fail
	form.Set("deny_partial_response", "1") // VictoriaMetrics: the same
	err = c.do(ctx, call{
		op: op, url: c.endpoint(endpoint), method: http.MethodPost,
		body: form.Encode(), contentType: "application/x-www-form-urlencoded",
		read: func(_ *http.Response, body io.Reader) (err error) {
			m := matrix{window: w, f: f}
			infos, err = readReply(jx.Decode(body, 64<<10), m.read)
			return err
		},
	})
	return infos, err
}

// matrix reads the data of a reply whose result is series with their samples.
type matrix struct {
	window Window
	f      func(*Series) error

	series Series
	text   []byte // what labels of the series point into
	parts  int    // of the sample that is read
	at     float64
	value  float64
	// sample and part are onSample and onPart, bound once: a bound method is an
	// allocation.
	sample, part func(*jx.Decoder) error
}

func (m *matrix) read(d *jx.Decoder) error {
	m.sample, m.part = m.onSample, m.onPart
	kind, seen := "", false
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "resultType":
			kind, err = d.Str()
		case "result":
			seen = true
			err = d.Arr(m.one)
		default:
			err = d.Skip()
		}
		return err
	})
	if err == nil && (kind != "matrix" || !seen) {
		return invalid("a result of type %q instead of a matrix", kind)
	}
	return err
}

// one reads a series and hands it over.
func (m *matrix) one(d *jx.Decoder) error {
	m.series.labels, m.series.Samples, m.text = m.series.labels[:0], m.series.Samples[:0], m.text[:0]
	histograms := false
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		switch string(key) {
		case "metric":
			return d.ObjBytes(m.label)
		case "values":
			return d.Arr(m.sample)
		case "histograms":
			histograms = true
		}
		return d.Skip()
	})
	if err != nil {
		return err
	}
	m.series.sortLabels()
	if histograms {
		return histogram(&m.series)
	}
	m.series.trim(m.window)
	if len(m.series.Samples) == 0 {
		return nil
	}
	if err := m.f(&m.series); err != nil {
		return &passedOn{err}
	}
	return nil
}

// list reads series without samples.
func (m *matrix) list(d *jx.Decoder) error {
	return d.Arr(func(d *jx.Decoder) error {
		m.series.labels, m.text = m.series.labels[:0], m.text[:0]
		if err := d.ObjBytes(m.label); err != nil {
			return err
		}
		m.series.sortLabels()
		if err := m.f(&m.series); err != nil {
			return &passedOn{err}
		}
		return nil
	})
}

func (m *matrix) label(d *jx.Decoder, key []byte) error {
	name := m.keep(key)
	value, err := d.StrBytes()
	if err != nil {
		return err
	}
	m.series.labels = append(m.series.labels, label{name, m.keep(value)})
	return nil
}

// keep copies a text that the decoder will overwrite. Texts already handed out
// stay where they are when the memory grows.
func (m *matrix) keep(text []byte) []byte {
	from := len(m.text)
	m.text = append(m.text, text...)
	return m.text[from:len(m.text):len(m.text)]
}

// onSample reads [time in seconds, "value"].
func (m *matrix) onSample(d *jx.Decoder) error {
	m.parts = 0
	err := d.Arr(m.part)
	switch {
	case err != nil:
		return err
	case m.parts != 2:
		return invalid("a sample of %d parts", m.parts)
	case math.Abs(m.at) > 1<<50:
		return invalid("a sample at %v s", m.at)
	case len(m.series.Samples) >= maxSamples:
		return invalid("series %s has more than %d samples", m.series.describe(), maxSamples)
	}
	m.series.Samples = append(m.series.Samples, Sample{int64(math.Round(float64(m.at * 1000))), m.value})
	return nil
}

// onPart reads a part of a sample.
func (m *matrix) onPart(d *jx.Decoder) (err error) {
	switch m.parts++; m.parts {
	case 1:
		m.at, err = d.Float64()
	case 2:
		var text []byte
		if text, err = d.StrBytes(); err == nil {
			m.value, err = parseFloat(text)
		}
	default:
		err = invalid("a sample of more than two parts")
	}
	return err
}

// parseFloat reads a number; what is too large for a float64 is an infinity, as
// in Prometheus.
func parseFloat(text []byte) (float64, error) {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, invalid("%q is not a number", excerpt(string(text)))
	}
	return v, nil
}

package diff

import (
	"encoding/json"
	"io"
	"math"

	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/value"
)

// document is a report as JSON.
type document struct {
	A           string       `json:"a"`
	B           string       `json:"b"`
	Equal       bool         `json:"equal"`
	Compared    int          `json:"compared"`
	Differences int          `json:"differences"`
	Listed      []jsonValue  `json:"listed"`
	Metrics     []jsonMetric `json:"metrics"`
}

type jsonValue struct {
	Path      string          `json:"path"`
	Component string          `json:"component,omitempty"`
	Part      string          `json:"part,omitempty"`
	Time      string          `json:"timestamp,omitempty"`
	Metric    string          `json:"metric,omitempty"`
	A         json.RawMessage `json:"a,omitempty"` // left out when side A has no such value
	B         json.RawMessage `json:"b,omitempty"`
	Relative  *float64        `json:"relative,omitempty"`
	Because   []string        `json:"because,omitempty"`
}

type jsonMetric struct {
	Part        string   `json:"part,omitempty"`
	Metric      string   `json:"metric,omitempty"`
	Differences int      `json:"differences"`
	Components  int      `json:"components"`
	Largest     *float64 `json:"largest_relative,omitempty"`
	Component   string   `json:"component,omitempty"`
	Time        string   `json:"timestamp,omitempty"`
}

// JSON writes the report for programs, as one indented object. Values that are
// numbers which JSON does not have are the texts NaN, Infinity and -Infinity. The
// only errors are those of w.
func (r *Report) JSON(w io.Writer, names Names) error {
	doc := document{
		A: names.A, B: names.B, Equal: r.Equal(), Compared: r.Compared, Differences: r.Count,
		Listed: []jsonValue{}, Metrics: []jsonMetric{},
	}
	for i := range r.Listed {
		d := &r.Listed[i]
		v := jsonValue{
			Path: d.Path, Component: d.Component, Part: d.Part, Time: d.Time,
			Metric: d.Metric, A: raw(d.A), B: raw(d.B), Relative: number(d.Relative),
		}
		if names.Because != nil {
			v.Because = names.Because(d)
		}
		doc.Listed = append(doc.Listed, v)
	}
	for _, g := range r.Groups {
		doc.Metrics = append(doc.Metrics, jsonMetric{
			Part: g.Part, Metric: g.Metric, Differences: g.Count,
			Components: g.Components, Largest: number(g.Largest), Component: g.Component, Time: g.Time,
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

func number(f float64) *float64 {
	if math.IsNaN(f) {
		return nil
	}
	return &f
}

// raw returns a value as JSON, nil for an absent one. A number that JSON does
// not have is a text, so that it is not taken for null.
func raw(v value.Value) json.RawMessage {
	f, isNumber := v.Float()
	switch {
	case v.Kind() == value.Absent:
		return nil
	case isNumber && (math.IsNaN(f) || math.IsInf(f, 0)):
		v = value.OfText(v.String())
	}
	return emit.AppendJSON(nil, v)
}

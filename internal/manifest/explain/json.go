package explain

import (
	"encoding/json"
	"io"
	"math"

	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/value"
)

// document is a figure as JSON.
type document struct {
	Component string          `json:"component"`
	Metric    string          `json:"metric"`
	Time      string          `json:"timestamp,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"` // left out when it is missing
	Unit      string          `json:"unit,omitempty"`
	Kind      Kind            `json:"kind"`
	File      string          `json:"file,omitempty"`
	Line      int             `json:"line,omitempty"`
	Plugin    string          `json:"plugin,omitempty"`
	Builtin   string          `json:"builtin,omitempty"`
	Config    json.RawMessage `json:"config,omitempty"`
	Mapping   json.RawMessage `json:"mapping,omitempty"`
	Method    string          `json:"aggregation-method,omitempty"`
	Formula   string          `json:"formula,omitempty"`
	Filled    string          `json:"filled,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
	From      []document      `json:"from,omitempty"`
	More      int             `json:"more,omitempty"`
}

// JSON writes the figure for programs, as one indented object. A value that
// JSON does not have is one of the texts NaN, Infinity and -Infinity. The only
// errors are those of w.
func (f *Figure) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(f.document())
}

func (f *Figure) document() document {
	d := document{
		Component: f.Component, Metric: f.Metric, Time: f.Time, Unit: f.Unit, Kind: f.Kind, File: f.File, Line: f.Line,
		Plugin: f.Plugin, Builtin: f.Builtin, Method: f.Method, Formula: f.Formula, Filled: f.Filled, Notes: f.Notes, More: f.More,
	}
	if f.Value.Kind() != value.Absent {
		d.Value = raw(f.Value)
	}
	if f.Config != nil {
		d.Config = raw(value.OfMap(f.Config))
	}
	if f.Mapping.Len() > 0 {
		d.Mapping = raw(value.OfMap(f.Mapping))
	}
	for _, part := range f.From {
		d.From = append(d.From, part.document())
	}
	return d
}

// raw returns a value as JSON. A number that JSON does not have is a text, so
// that it is not taken for null.
func raw(v value.Value) json.RawMessage {
	if f, ok := v.Float(); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		v = value.OfText(v.String())
	}
	return emit.AppendJSON(nil, v)
}

package explain

import (
	"encoding/json"
	"io"
	"math"

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

// JSON writes the figure for programs, as one indented object. Numbers that JSON
// does not have are the texts NaN, Infinity and -Infinity. The only errors are
// those of w.
func (f *Figure) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(f.document())
}

func (f *Figure) document() document {
	d := document{Component: f.Component, Metric: f.Metric, Time: f.Time, Unit: f.Unit, Kind: f.Kind, File: f.File, Line: f.Line,
		Plugin: f.Plugin, Builtin: f.Builtin, Method: f.Method, Formula: f.Formula, Filled: f.Filled, Notes: f.Notes, More: f.More}
	if f.Value.Kind() != value.Absent {
		d.Value = appendJSON(nil, f.Value)
	}
	if f.Config != nil {
		d.Config = appendJSON(nil, value.OfMap(f.Config))
	}
	if f.Mapping.Len() > 0 {
		d.Mapping = appendJSON(nil, value.OfMap(f.Mapping))
	}
	for _, part := range f.From {
		d.From = append(d.From, part.document())
	}
	return d
}

func appendJSON(dst []byte, v value.Value) []byte {
	switch v.Kind() {
	case value.Absent, value.Null:
		return append(dst, "null"...)
	case value.Bool:
		return append(dst, v.String()...)
	case value.Number:
		if f, _ := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return value.AppendNumber(dst, f)
		}
	case value.List:
		dst = append(dst, '[')
		for i, item := range v.List() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, item)
		}
		return append(dst, ']')
	case value.Object:
		dst = append(dst, '{')
		for i := range v.Map().Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, v.Map().Key(i)), ':')
			dst = appendJSON(dst, v.Map().At(i))
		}
		return append(dst, '}')
	}
	return appendQuoted(dst, v.String())
}

func appendQuoted(dst []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(dst, `""`...) // not reached: any text can be marshalled
	}
	return append(dst, quoted...)
}

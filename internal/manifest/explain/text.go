package explain

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/value"
)

// maxConfig is how much of a config a line shows.
const maxConfig = 160

// Text writes the figure for people: the value, how it was made, and below it
// what it was made of, as a tree. The only errors are those of w.
func (f *Figure) Text(w io.Writer) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s of %s", f.Metric, f.Component)
	if f.Time != "" {
		fmt.Fprintf(&out, " at %s", f.Time)
	} else if f.Kind == Time {
		out.WriteString(", aggregated over time")
	}
	out.WriteString("\n\n")
	f.write(&out, f, "", "")
	_, err := w.Write(out.Bytes())
	return err
}

// write writes a figure: its first line behind one prefix, the others, which
// lead to what it was made of, behind another.
func (f *Figure) write(out *bytes.Buffer, above *Figure, first, rest string) {
	fmt.Fprintf(out, "%s%s\n", first, f.label(above))
	stem := "   "
	if len(f.From) > 0 {
		stem = "│  "
	}
	for _, line := range f.lines() {
		fmt.Fprintf(out, "%s%s%s\n", rest, stem, line)
	}
	for i, part := range f.From {
		if i == len(f.From)-1 && f.More == 0 {
			part.write(out, f, rest+"└─ ", rest+"   ")
			continue
		}
		part.write(out, f, rest+"├─ ", rest+"│  ")
	}
	if f.More > 0 {
		fmt.Fprintf(out, "%s└─ … and %d more\n", rest, f.More)
	}
}

// label returns what a figure is: only what is not said above it.
func (f *Figure) label(above *Figure) string {
	label := f.Metric
	if f.Component != above.Component {
		label += " of " + f.Component
	}
	if f.Time != above.Time {
		label += " at " + f.Time
	}
	label += " = " + shown(f.Value)
	if f.Unit != "" && f.Unit != "none" && f.Value.Kind() == value.Number {
		label += " " + f.Unit
	}
	return label
}

func shown(v value.Value) string {
	switch s, isText := v.Str(); {
	case isText:
		return strconv.Quote(s)
	case v.Kind() == value.Absent:
		return "missing"
	case v.Kind() == value.List || v.Kind() == value.Object:
		return flow(v)
	}
	return v.String()
}

// lines returns how a figure came to be.
func (f *Figure) lines() []string {
	var lines []string
	switch f.Kind {
	case Input:
		lines = append(lines, "inputs, "+f.place())
	case Default:
		lines = append(lines, "defaults, "+f.place())
	case Kept:
		lines = append(lines, "stood in the outputs before the run, "+f.place())
	case Cut:
		lines = append(lines, "goes further back than was asked for")
	case Plugin:
		lines = append(lines, fmt.Sprintf("plugin %s (%s), %s", f.Plugin, f.Builtin, f.place()))
		if f.Config.Len() > 0 {
			lines = append(lines, "config "+cut(flow(value.OfMap(f.Config))))
		}
		if f.Mapping.Len() > 0 {
			lines = append(lines, "mapping "+cut(flow(value.OfMap(f.Mapping))))
		}
	}
	if f.Formula != "" {
		lines = append(lines, f.Formula)
	}
	switch {
	case f.Filled == "" || f.Filled == shown(f.Value):
	case f.Value.Kind() == value.Number:
		lines = append(lines, "= "+f.Filled)
	default:
		lines = append(lines, f.Filled)
	}
	return append(lines, f.Notes...)
}

func (f *Figure) place() string {
	if f.Line > 0 {
		return fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return f.File
}

func cut(s string) string {
	if runes := []rune(s); len(runes) > maxConfig {
		return string(runes[:maxConfig]) + "…"
	}
	return s
}

// flow writes a value in one line, as YAML in flow style without quotes.
func flow(v value.Value) string {
	var parts []string
	switch v.Kind() {
	case value.List:
		for _, item := range v.List() {
			parts = append(parts, flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case value.Object:
		for key, item := range v.Map().All() {
			parts = append(parts, key+": "+flow(item))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.String()
}

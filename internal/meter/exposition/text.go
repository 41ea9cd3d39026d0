package exposition

import (
	"bytes"
	"fmt"
	"maps"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// families reads some metrics of a text. Of the text no more is read than their rows:
// exporters in use repeat comments, and put arguments of processes into labels as they
// are, so that one process would hide all others. What is wrong with rows is an
// error beside the others.
func families(text []byte, metrics []string) (map[string]*dto.MetricFamily, error) {
	rows := rowsOf(text, metrics)
	if len(rows) == 0 { // none of these metrics, or not from an exporter
		return parse(text)
	}
	if all, err := parse(bytes.Join(rows, nil)); err == nil {
		return all, nil
	}
	out := map[string]*dto.MetricFamily{}
	var first error
	wrong := 0
	for _, row := range rows {
		one, err := parse(verbatim(row))
		if err != nil {
			wrong++
			if first == nil {
				first = err
			}
			continue
		}
		for name, family := range maps.All(one) {
			if out[name] == nil {
				out[name] = family
			} else {
				out[name].Metric = append(out[name].Metric, family.Metric...)
			}
		}
	}
	if wrong > 0 {
		first = fmt.Errorf("%d of %d rows of %s are not valid, the first: %w", wrong, len(rows), metrics[0], first)
	}
	return out, first
}

func parse(text []byte) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(bytes.NewReader(text))
}

// rowsOf returns the lines of a text that are rows of some metrics, with their ends. A last
// one without its end is one, too: its value may have been cut, and nobody takes it.
func rowsOf(text []byte, metrics []string) (rows [][]byte) {
	for line := range bytes.Lines(text) {
		line = bytes.TrimLeft(line, " \t")
		for _, name := range metrics {
			if rest, ok := bytes.CutPrefix(line, []byte(name)); ok && len(rest) > 0 && bytes.IndexByte([]byte("{ \t"), rest[0]) >= 0 {
				rows = append(rows, line)
				break
			}
		}
	}
	return rows
}

// verbatim doubles the backslashes of a row that escape nothing, as Prometheus reads them.
func verbatim(row []byte) []byte {
	out := make([]byte, 0, len(row)+8)
	for i := 0; i < len(row); i++ {
		out = append(out, row[i])
		if row[i] != '\\' {
			continue
		}
		if i+1 < len(row) && bytes.IndexByte([]byte(`\"n`), row[i+1]) >= 0 {
			i++
			out = append(out, row[i])
		} else {
			out = append(out, '\\')
		}
	}
	return out
}

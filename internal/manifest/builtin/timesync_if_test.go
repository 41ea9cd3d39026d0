package builtin_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/value"
)

// ordered reads JSON with the order of keys kept. {"$date": ms} is a time,
// {"$num": text} a number that JSON has no form for.
func ordered(t testing.TB, data []byte) value.Value {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := orderedValue(dec)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func orderedValue(dec *json.Decoder) (value.Value, error) {
	tok, err := dec.Token()
	if err != nil {
		return value.Value{}, err
	}
	switch v := tok.(type) {
	case json.Delim:
		if v == '[' {
			return orderedList(dec)
		}
		return orderedMap(dec)
	case string:
		return value.OfText(v), nil
	case bool:
		return value.OfBool(v), nil
	case json.Number:
		f, err := v.Float64()
		return value.OfNumber(f), err
	}
	return value.OfNull(), nil
}

func orderedList(dec *json.Decoder) (value.Value, error) {
	var list []value.Value
	for dec.More() {
		item, err := orderedValue(dec)
		if err != nil {
			return item, err
		}
		list = append(list, item)
	}
	_, err := dec.Token()
	return value.OfList(list), err
}

func orderedMap(dec *json.Decoder) (value.Value, error) {
	m := value.NewMap(0)
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return value.Value{}, err
		}
		v, err := orderedValue(dec)
		if err != nil {
			return v, err
		}
		m.Set(key.(string), v)
	}
	if _, err := dec.Token(); err != nil {
		return value.Value{}, err
	}
	if f, ok := m.Get("$date").Float(); ok {
		return value.OfTime(int64(f)), nil
	}
	if s, ok := m.Get("$num").Str(); ok {
		return value.OfNumber(value.ParseFloat(s)), nil
	}
	return value.OfMap(m), nil
}

// rowsOf returns a list of objects as a frame.
func rowsOf(list value.Value) *frame.Frame {
	var rows []*value.Map
	for _, row := range list.List() {
		rows = append(rows, row.Map())
	}
	return frame.FromRows(rows)
}

// line writes a row so that every bit and the order of keys shows.
func line(m *value.Map) string {
	var b strings.Builder
	for name, v := range m.All() {
		if v.Kind() != value.Absent {
			fmt.Fprintf(&b, "%s=%s(%v) ", name, v.Kind(), v)
		}
	}
	return b.String()
}

func lines(f *frame.Frame) []string {
	out := make([]string, f.Len())
	for row := range out {
		out[row] = line(f.Row(row))
	}
	return out
}

// recorded reads a list of recorded cases.
func recorded(t testing.TB, path string) []value.Value {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return ordered(t, data).List()
}

// TestTimeSyncIsImpactFrameworks compares with what Impact Framework 1.1.0 made
// of random observations, to the last bit and with the order of keys.
func TestTimeSyncIsImpactFrameworks(t *testing.T) {
	t.Parallel()
	cases := recorded(t, "testdata/timesync-if11.json.gz")
	if len(cases) < 200 {
		t.Fatalf("only %d cases", len(cases))
	}
	bad := 0
	for i, tc := range cases {
		m := tc.Map()
		got, err := runTimeSync(m)
		want, fails := m.Get("error").Str()
		switch {
		case fails:
			if err == nil || short(err) != want {
				t.Errorf("case %d: got %v, want %s", i, err, want)
				bad++
			}
		case err != nil:
			t.Errorf("case %d: %v", i, err)
			bad++
		default:
			if diff := cmp.Diff(lines(rowsOf(m.Get("out"))), lines(got)); diff != "" {
				t.Errorf("case %d, config %s, inputs:\n%s\n%s", i, line(m.Get("config").Map()),
					strings.Join(lines(rowsOf(m.Get("rows"))), "\n"), diff)
				bad++
			}
		}
		if bad > 3 {
			t.FailNow()
		}
	}
}

func short(err error) string {
	var list diag.List
	list.Add(err)
	return list[0].Short()
}

// runTimeSync runs a recorded case in compatible mode.
func runTimeSync(m *value.Map) (*frame.Frame, error) {
	p, err := builtin.New(builtin.Spec{Name: "ts", Method: "TimeSync", Config: m.Get("config").Map()}, compat.IF11())
	if err != nil {
		return nil, err
	}
	metrics := &metric.Registry{}
	for name, method := range m.Get("methods").Map().All() {
		over, err := metric.ParseMethod(method.String())
		if err != nil {
			return nil, err
		}
		metrics.Set(metric.Info{Name: name, Time: over})
	}
	env := &builtin.Env{Options: compat.IF11(), Metrics: metrics, First: true}
	return p.Run(context.Background(), env, rowsOf(m.Get("rows")))
}

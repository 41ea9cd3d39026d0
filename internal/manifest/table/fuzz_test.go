package table_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
	"github.com/dendro-carbon/dendro/internal/value"
)

var csvSeeds = []string{
	"a,b\n1,2\n", "a,b\r\n\"x\r\ny\",\"\"\"\"\r\n", "a\n\n\n\r\n1\r", "a,b\n1\n", "a,b\n\"x", "a,b\nx\"y,1\n", "a,b\n\"x\"y,1\n",
	"\"a\",\"\"\n1,2\n", "a,a\n", "a,b\n-0,1e5\n,\n", "\"a\nb\",c\n1,2", "a\n\"\"\n", "a,b\n\"\n\",\"\n\"\n", "",
}

// FuzzCSV holds the reader against encoding/csv: the same records, or problems
// in both.
func FuzzCSV(f *testing.F) {
	for _, seed := range csvSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "\ufeff") {
			return // encoding/csv keeps the mark
		}
		got, err := table.Read(context.Background(), "x.csv", strings.NewReader(text), table.Options{})
		want, wantErr := csv.NewReader(strings.NewReader(text)).ReadAll()
		if wantErr == nil && (len(want) == 0 || !goodHeader(want[0]) || !utf8.ValidString(text)) {
			if err == nil {
				t.Fatalf("%q was read without a problem", text)
			}
			return
		}
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%q: got %v, encoding/csv %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		if got.Len() != len(want)-1 {
			t.Fatalf("%q: %d rows, encoding/csv %d", text, got.Len(), len(want)-1)
		}
		for row, fields := range want[1:] {
			for i, field := range fields {
				if v := got.At(row, want[0][i]); !value.Equal(v, typed(field)) {
					t.Fatalf("%q: row %d column %d: got %v %v, want %q", text, row, i, v.Kind(), v, field)
				}
			}
		}
	})
}

func goodHeader(names []string) bool {
	for i, name := range names {
		if name == "" || strings.Contains(name, "\r") || slices.Contains(names[:i], name) {
			return false
		}
	}
	return true
}

// typed is the rule for fields, written another way.
func typed(field string) value.Value {
	if field == "" {
		return value.OfNull()
	}
	if json.Valid([]byte(field)) && strings.TrimSpace(field) == field && strings.ContainsAny(field[:1], "-0123456789") {
		if f, err := strconv.ParseFloat(field, 64); err == nil {
			return value.OfNumber(f)
		}
	}
	return value.OfText(field)
}

// FuzzNDJSON holds the reader against encoding/json.
func FuzzNDJSON(f *testing.F) {
	for _, seed := range []string{
		"{\"a\":1}\n{\"b\":\"x\\u0041\",\"a\":null}", "{}", " { \"a\" : -0.5e+3 , \"b\":true } ", "{\"a\":\"\\ud83d\\ude00\"}",
		"{\"a\":1,\"a\":2}", "{\"a\":[1]}", "{\"a\":1}x", "{\"a\":01}", "{\"\":\"\"}", "\n\n", "{\"a\" 1}", "{\"a\":1,}", "{,}", "{\"a\":tru}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := table.Read(context.Background(), "x.ndjson", strings.NewReader(text), table.Options{})
		want, ok := decodeLines(strings.TrimPrefix(text, "\ufeff"))
		if ok && utf8.ValidString(text) != (err == nil) || !ok && err == nil {
			t.Fatalf("%q: got %v, encoding/json valid: %v", text, err, ok)
		}
		if err != nil {
			return
		}
		if got.Len() != len(want) {
			t.Fatalf("%q: %d rows, want %d", text, got.Len(), len(want))
		}
		for row, m := range want {
			if !value.Equal(value.OfMap(got.Row(row)), value.OfMap(m)) {
				t.Fatalf("%q: row %d: got %v, want %v", text, row, show(got), m.Keys())
			}
		}
	})
}

// decodeLines reads flat objects with encoding/json's tokens.
func decodeLines(text string) (rows []*value.Map, ok bool) {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Trim(line, " \t\r") == "" {
			continue
		}
		m, err := decodeLine(line)
		if err != nil {
			return nil, false
		}
		rows = append(rows, m)
	}
	return rows, true
}

func decodeLine(line string) (*value.Map, error) {
	if !json.Valid([]byte(line)) {
		return nil, errors.New("not JSON")
	}
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil, fmt.Errorf("not an object: %v", err)
	}
	m := value.NewMap(0)
	for dec.More() {
		key, err := dec.Token()
		if err != nil || m.Has(key.(string)) {
			return nil, fmt.Errorf("key: %v", err)
		}
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch v := tok.(type) {
		case nil:
			m.Set(key.(string), value.OfNull())
		case bool:
			m.Set(key.(string), value.OfBool(v))
		case string:
			m.Set(key.(string), value.OfText(v))
		case json.Number:
			f, err := v.Float64()
			if err != nil {
				return nil, err
			}
			m.Set(key.(string), value.OfNumber(f))
		default:
			return nil, errors.New("nested")
		}
	}
	return m, nil
}

// FuzzLoose holds that reading as Impact Framework does ends, and that what
// has no quotes, spaces and odd numbers reads as it does otherwise.
func FuzzLoose(f *testing.F) {
	for _, seed := range csvSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		loose, err := table.Read(context.Background(), "x.csv", strings.NewReader(text), table.Options{Loose: true})
		var list diag.List
		if err != nil && (!errors.As(err, &list) || len(list) != 1) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil || strings.Trim(text, "abcdefgh,\n") != "" {
			return
		}
		strict, err := table.Read(context.Background(), "x.csv", strings.NewReader(text), table.Options{})
		if err != nil {
			return // a header with two columns of one name
		}
		if want := strings.ReplaceAll(show(strict), ":null", ":\"\""); show(loose) != want {
			t.Errorf("%q: got %q, want %q", text, show(loose), want)
		}
	})
}

func benchmarkText(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("timestamp,duration,cpu/utilization,energy,carbon,cloud/region\n")
	for i := range rows {
		fmt.Fprintf(&b, "2023-12-12T%02d:%02d:00.000Z,60,%d.%d,%g,%d,eu-west-%d\n", i/60%24, i%60, i%100, i%10, float64(i)*0.00012345, i, i%3)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, name string, data []byte, opts table.Options) {
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := table.Read(context.Background(), name, bytes.NewReader(data), opts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCSV(b *testing.B) { benchmark(b, "x.csv", benchmarkText(50_000), table.Options{}) }
func BenchmarkCSVLoose(b *testing.B) {
	benchmark(b, "x.csv", benchmarkText(50_000), table.Options{Loose: true})
}

func BenchmarkCSVNumbers(b *testing.B) {
	var text bytes.Buffer
	text.WriteString("a,b,c,d,e,f,g,h\n")
	for i := range 50_000 {
		for j := range 8 {
			fmt.Fprintf(&text, "%.3f,", float64(i*(j+1))*0.001)
		}
		text.Truncate(text.Len() - 1)
		text.WriteByte('\n')
	}
	benchmark(b, "x.csv", text.Bytes(), table.Options{})
}

func BenchmarkNDJSON(b *testing.B) {
	var text bytes.Buffer
	for i := range 50_000 {
		fmt.Fprintf(&text, "{\"timestamp\":\"2023-12-12T%02d:%02d:00.000Z\",\"duration\":60,\"cpu/utilization\":%d.%d,\"cloud/region\":\"eu-west-%d\"}\n",
			i/60%24, i%60, i%100, i%10, i%3)
	}
	benchmark(b, "x.ndjson", text.Bytes(), table.Options{})
}

// BenchmarkEncodingCSV is what the standard library needs to split the same
// text, without making values of the fields.
func BenchmarkEncodingCSV(b *testing.B) {
	data := benchmarkText(50_000)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(data))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

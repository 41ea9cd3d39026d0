package table_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
	"github.com/dendro-carbon/dendro/internal/value"
)

func ExampleRead() {
	const text = "timestamp,duration,cpu/utilization,host\n" +
		"2023-12-12T00:00:00.000Z,60,12.5,007\n" +
		"2023-12-12T00:01:00.000Z,60,,\"a,b\"\n"
	f, err := table.Read(context.Background(), "data.csv", strings.NewReader(text), table.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for row := range f.Len() {
		for name, v := range f.Row(row).All() {
			fmt.Printf("%s=%v (%v), ", name, v, v.Kind())
		}
		fmt.Println("row", row)
	}
	// Output:
	// timestamp=2023-12-12T00:00:00.000Z (string), duration=60 (number), cpu/utilization=12.5 (number), host=007 (string), row 0
	// timestamp=2023-12-12T00:01:00.000Z (string), duration=60 (number), cpu/utilization=null (null), host=a,b (string), row 1
}

func ExampleFormatOf() {
	fmt.Println(table.FormatOf("https://example.org/a.csv?raw=1") == table.CSV,
		table.FormatOf("rows.NDJSON.gz") == table.NDJSON, table.FormatOf("notes.txt") == table.ByName)
	// Output: true true true
}

// read reads a text and returns its rows in a short form.
func read(name, text string, opts table.Options) (string, error) {
	f, err := table.Read(context.Background(), name, strings.NewReader(text), opts)
	if err != nil {
		return "", err
	}
	return show(f), nil
}

// show writes one row a line: key:value, texts in quotes.
func show(f *frame.Frame) string {
	var b strings.Builder
	for row := range f.Len() {
		for i, k := range f.Keys(row) {
			if i > 0 {
				b.WriteByte(' ')
			}
			c := f.Columns()[k]
			b.WriteString(c.Name() + ":")
			if s, ok := c.At(row).Str(); ok {
				fmt.Fprintf(&b, "%q", s)
			} else {
				b.WriteString(c.At(row).String())
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestTypes(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]value.Value{
		"0": value.OfNumber(0), "-1.50": value.OfNumber(-1.5), "1e3": value.OfNumber(1000), "12E-1": value.OfNumber(1.2),
		"123456789012345678901234567890": value.OfNumber(123456789012345678901234567890), "0.1": value.OfNumber(0.1),
		"9007199254740993": value.OfNumber(9007199254740992), "1e-400": value.OfNumber(0), "5e-324": value.OfNumber(5e-324),
		"007": value.OfText("007"), "+5": value.OfText("+5"), " 5": value.OfText(" 5"), ".5": value.OfText(".5"),
		"5.": value.OfText("5."), "0x10": value.OfText("0x10"), "1e": value.OfText("1e"), "1e400": value.OfText("1e400"),
		"-": value.OfText("-"), "NaN": value.OfText("NaN"), "1,5": value.OfText("1,5"), "true": value.OfText("true"),
		"2023-01-02": value.OfText("2023-01-02"), "2023-12-12T00:00Z": value.OfText("2023-12-12T00:00Z"), "": value.OfNull(),
	} {
		text := "a,b\n\"" + field + "\",x\n"
		f, err := table.Read(context.Background(), "x.csv", strings.NewReader(text), table.Options{})
		if err != nil {
			t.Errorf("%q: %v", field, err)
			continue
		}
		if got := f.At(0, "a"); !value.Equal(got, want) {
			t.Errorf("%q: got %v %v, want %v %v", field, got.Kind(), got, want.Kind(), want)
		}
	}
}

func TestTimesAreColumnsOfInstants(t *testing.T) {
	t.Parallel()
	text := "timestamp\n2023-12-12T00:00:00.000Z\n2023-12-12T00:01:00.000Z\n2023-12-12T00:02:00.000Z\n"
	f, err := table.Read(context.Background(), "x.csv", strings.NewReader(text), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	times, layout := f.Column("timestamp").Times()
	if layout != value.ISOMillis || len(times) != 3 || times[2]-times[0] != 120_000 {
		t.Errorf("got %v %v", times, layout)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, text, want string }{
		{"lengths", "x.csv", "a,b\n1\n2,3\n4,5,6\n\"x,y\"\n", `x.csv:2: CSVParseError: 1 field where the header names 2
x.csv:4: CSVParseError: 3 fields where the header names 2
x.csv:5: CSVParseError: 1 field where the header names 2`},
		{"empty", "x.csv", "\n\r\n", "x.csv: CSVParseError: the file is empty"},
		{"header", "x.csv", "a,,a\n1,2,3\n", `x.csv:1: CSVParseError: column 2 has no name
x.csv:1: CSVParseError: columns 1 and 3 are both called "a"`},
		{"carriage returns", "x.csv", "a,b\r1,2\r3,4\r", "x.csv:1: CSVParseError: a carriage return within the header, which ends no line"},
		{"quotes", "x.csv", "a,b\n1,x\"y\n\"x\"y,2\n1,2\n\"3,4\n", `x.csv:2: CSVParseError: a quote within field 2, which does not begin with one
x.csv:3: CSVParseError: text behind the quote that closes field 1
x.csv:5: CSVParseError: the quote that opens field 1 is not closed`},
		{"utf8", "x.csv", "a\n\xff\n", "x.csv:2: CSVParseError: field 1 is not UTF-8"},
		{"kind", "x.txt", "a\n1\n", "ReadFileError: x.txt: not a known kind of table"},
		{
			"ndjson", "x.ndjson", "{\"a\":1}\n[1]\n{\"a\":{}}\n{\"a\":1,\"a\":2}\n{\"a\":01}\n{\"a\":1} x\n{\"a\n",
			`x.ndjson:2: ReadFileError: "[1]" stands where an object should be
x.ndjson:3: ReadFileError: the value of "a" is not a number, a text, true, false or null
x.ndjson:4: ReadFileError: the key "a" is there twice
x.ndjson:5: ReadFileError: "01}" stands where a value should be
x.ndjson:6: ReadFileError: "x" stands where the end of the line should be
x.ndjson:7: ReadFileError: "\"a" stands where a string with its closing quote and without control characters should be`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := read(tc.file, tc.text, table.Options{})
			var list diag.List
			if !errors.As(err, &list) {
				t.Fatalf("got %v, want a list of problems", err)
			}
			var lines []string
			for _, p := range list {
				if p.Hint == "" {
					t.Errorf("no hint: %v", p)
				}
				line, _, _ := strings.Cut(p.Error(), "\n")
				lines = append(lines, line)
			}
			if diff := cmp.Diff(strings.Split(tc.want, "\n"), lines); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"x.csv": "a,b\n" + strings.Repeat("1\n", 1000), "x.ndjson": strings.Repeat("[]\n", 1000)} {
		_, err := read(name, text, table.Options{})
		var list diag.List
		if !errors.As(err, &list) || len(list) != 20 {
			t.Errorf("%s: got %d problems, want 20", name, len(list))
		}
	}
}

func TestNDJSON(t *testing.T) {
	t.Parallel()
	text := "\ufeff{\"b\":1,\"a\":\"x\"}\n\n { \"a\" : \"\\u00e9\\n\" , \"c\":null,\"d\":true,\"e\":false }\r\n{}\n{\"b\":-2.5e1}"
	got, err := read("x.ndjson", text, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "b:1 a:\"x\"\na:\"é\\n\" c:null d:true e:false\n\nb:-25\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, "a\n1\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := read("x.csv.gz", packed.String(), table.Options{})
	if err != nil || got != "a:1\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := read("x.csv.gz", packed.String()[:packed.Len()-4], table.Options{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a cut file gave %v", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := w.Write(bytes.Repeat([]byte("a\n"), 8<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]table.Options{
		"csv": {Format: table.CSV, MaxBytes: 1 << 20}, "ndjson": {Format: table.NDJSON, MaxBytes: 1 << 10},
		"loose": {Format: table.CSV, Loose: true, MaxBytes: 1 << 20},
	} {
		if _, err := read(name, bomb.String(), opts); err == nil || !strings.Contains(err.Error(), "limit of size") {
			if name != "ndjson" { // each line is a problem of its own
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	endless := io.MultiReader(strings.NewReader("a\n"), zeros{})
	if _, err := table.Read(context.Background(), "x.csv", endless, table.Options{}); err == nil ||
		!strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("an endless line gave %v", err)
	}
	wide := strings.Repeat("a,", 20_000)
	if _, err := read("x.csv", wide, table.Options{}); err == nil || !strings.Contains(err.Error(), "limit is 10000") {
		t.Errorf("20,000 columns gave %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestErrorsOfTheReader(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, name := range []string{"x.csv", "x.ndjson"} {
		r := io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken))
		if _, err := table.Read(context.Background(), name, r, table.Options{}); !errors.Is(err, broken) {
			t.Errorf("%s: got %v", name, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := table.Read(ctx, name, strings.NewReader("a\n"), table.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestLongFieldsAndSmallReads(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789 ", 60_000) // longer than several chunks
	text := "a,b\n" + long + ",1\n\"x\n" + long + "\",2\n"
	f, err := table.Read(context.Background(), "x.csv", iotest.HalfReader(strings.NewReader(text)), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := f.At(0, "a").Str(); a != long {
		t.Errorf("a long field came back with %d bytes, want %d", len(a), len(long))
	}
	if a, _ := f.At(1, "a").Str(); a != "x\n"+long {
		t.Errorf("a long quoted field came back with %d bytes", len(a))
	}
}

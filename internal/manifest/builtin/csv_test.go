package builtin_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
	"github.com/dendro-carbon/dendro/internal/value"
)

// texts are tables by their path, read as real ones are.
type texts map[string]string

// Table implements builtin.Files.
func (m texts) Table(ctx context.Context, path string, dialect builtin.Dialect) (*frame.Frame, error) {
	text, ok := m[path]
	if !ok {
		return nil, fmt.Errorf("no table %s", path)
	}
	return table.Read(ctx, path, strings.NewReader(text), table.Options{Format: table.CSV, Loose: dialect.CastLoosely})
}

// csvRun is one run of a plugin over a table.
type csvRun struct {
	method, config, rows string // config and rows are JSON
	table                string
	options              compat.Options
	notices, warned      []string
}

func (r *csvRun) run(t testing.TB) (*frame.Frame, error) {
	t.Helper()
	p, err := builtin.New(builtin.Spec{Name: "p", Method: r.method, Config: ordered(t, []byte(r.config)).Map()}, r.options)
	if err != nil {
		t.Fatal(err)
	}
	return p.Run(context.Background(), &builtin.Env{
		Options: r.options, First: true, Files: texts{"table.csv": r.table},
		Notice: func(difference, detail string) { r.notices = append(r.notices, difference+": "+detail) },
		Warn:   func(text string) { r.warned = append(r.warned, text) },
	}, rowsOf(ordered(t, []byte(r.rows))))
}

// TestCSVIsImpactFrameworks compares with what Impact Framework 1.1.0 made of
// random tables, look-ups and imports.
func TestCSVIsImpactFrameworks(t *testing.T) {
	t.Parallel()
	cases := recorded(t, "testdata/csv-if11.json.gz")
	if len(cases) < 300 {
		t.Fatalf("only %d cases", len(cases))
	}
	for i, tc := range cases {
		m := tc.Map()
		text, _ := m.Get("table").Str()
		method, _ := m.Get("method").Str()
		p, err := builtin.New(builtin.Spec{Name: "p", Method: method, Config: m.Get("config").Map()}, compat.IF11())
		if err != nil {
			t.Fatal(err)
		}
		env := &builtin.Env{Options: compat.IF11(), First: true, Files: texts{"table.csv": text}}
		got, err := p.Run(context.Background(), env, rowsOf(m.Get("rows")))
		if want, fails := m.Get("error").Str(); fails {
			if err == nil || short(err) != want {
				t.Errorf("case %d: got %v, want %s", i, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("case %d: %v\n%s", i, err, text)
			continue
		}
		if diff := cmp.Diff(lines(rowsOf(m.Get("out"))), lines(got)); diff != "" {
			t.Errorf("case %d, config %s, table\n%s\n%s", i, line(m.Get("config").Map()), text, diff)
		}
	}
}

const machines = "name,tdp,note\nx,10,hello\ny,20.5,\"a,b\"\n007,30,\nx,11,again\n"

func TestCSVLookup(t *testing.T) {
	t.Parallel()
	config := func(output string) string {
		return `{"filepath":"table.csv","query":{"name":"n"},"output":` + output + `}`
	}
	for _, tc := range []struct{ name, config, rows, want, wantError string }{
		{"one", config(`"tdp"`), `[{"n":"y"},{"n":"x"}]`, "n=string(y) tdp=number(20.5) \nn=string(x) tdp=number(10) ", ""},
		{"list", config(`["tdp"]`), `[{"n":"y"}]`, "n=string(y) tdp=number(20.5) ", ""},
		{"renamed", config(`["tdp","power"]`), `[{"n":"y"}]`, "n=string(y) power=number(20.5) ", ""},
		{"several", config(`[["tdp","power"],["note"]]`), `[{"n":"y"}]`, "n=string(y) power=number(20.5) note=string(a,b) ", ""},
		{
			"all", config(`"*"`), `[{"n":"x"},{"n":"x"}]`,
			"n=string(x) tdp=number(10) note=string(hello) \nn=string(x) tdp=number(10) note=string(hello) ", "",
		},
		{"empty_is_missing", config(`"note"`), `[{"n":"007"}]`, "n=string(007) note=null(null) ", ""},
		{"in_place", config(`"tdp"`), `[{"tdp":1,"n":"y"}]`, "tdp=number(20.5) n=string(y) ", ""},
		{
			"number_is_no_text", config(`"tdp"`), `[{"n":7}]`, "",
			"row 1: QueryDataNotFoundError: One or more of the given query parameters are not found in the target CSV file column headers.\n" +
				`  Try: no record of table.csv has name = 7; name is one of "x", "y", "007", "x"`,
		},
		{"not_found", config(`"tdp"`), `[{"n":"x"},{"n":"q"},{"n":"r"}]`, "", `row 2: QueryDataNotFoundError: One or more of the given query ` +
			"parameters are not found in the target CSV file column headers. (and 1 more row)\n  Try: no record of table.csv has name = \"q\""},
		{"missing_metric", config(`"tdp"`), `[{"m":1}]`, "", `row 1, metric "n": MissingInputDataError: n is missing from the input array, or has nullish value.`},
		{"missing_column", config(`"watts"`), `[{"n":"x"}]`, "", "MissingCSVColumnError: There is no column with the name: watts.\n  Try: table.csv has name, tdp, note"},
		{
			"missing_query_column", `{"filepath":"table.csv","query":{"type":"n"},"output":"tdp"}`, `[{"n":"x"}]`, "",
			"MissingCSVColumnError: There is no column with the name: type.",
		},
		{"list_of_three", config(`["tdp","note","name"]`), `[{"n":"x"}]`, "", `InputValidationError: "output" has a list of 3 names.`},
		{
			"no_output", `{"filepath":"table.csv","query":{"name":"n"}}`, `[]`, "",
			`InputValidationError: "output" parameter is invalid input. Error code: invalid_union.`,
		},
		{"no_config", `{}`, `[]`, "", "ConfigError: Config is not provided."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := csvRun{method: "CSVLookup", config: tc.config, rows: tc.rows, table: machines}
			f, err := r.run(t)
			if tc.wantError != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tc.wantError) {
					t.Errorf("got %v\nwant %s", err, tc.wantError)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(lines(f), "\n"); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestCSVNotices(t *testing.T) {
	t.Parallel()
	r := csvRun{
		method: "CSVLookup", table: machines, rows: `[{"n":"x"},{"n":"x"}]`,
		config: `{"filepath":"table.csv","query":{"note":"n"},"output":"*"}`,
	}
	r.table = strings.ReplaceAll(machines, "hello", "x")
	if _, err := r.run(t); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"lookup-once: rows of this component meet the same record of table.csv",
		`loose-lookup: name is the text "007", not the number 7`,
	}
	if diff := cmp.Diff(want, r.notices); diff != "" {
		t.Error(diff)
	}
	r = csvRun{
		method: "CSVLookup", table: machines, rows: `[{"n":"x"}]`,
		config: `{"filepath":"table.csv","query":{"name":"n"},"output":"note"}`,
	}
	if _, err := r.run(t); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"loose-lookup: an empty cell of note is null, not the text nan"}, r.notices); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1 row of 1 row meet more than one record with the same name; the first is taken"}, r.warned); diff != "" {
		t.Error(diff)
	}
}

func TestCSVImport(t *testing.T) {
	t.Parallel()
	r := csvRun{method: "CSVImport", table: machines, rows: `[{"a":1}]`, config: `{"filepath":"table.csv","output":[["name","host"],["tdp"]]}`}
	f, err := r.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a=number(1) ", "host=string(x) tdp=number(10) ", "host=string(y) tdp=number(20.5) ",
		"host=string(007) tdp=number(30) ", "host=string(x) tdp=number(11) ",
	}
	if diff := cmp.Diff(want, lines(f)); diff != "" {
		t.Error(diff)
	}
	r.config = `{"filepath":"table.csv","output":["none"]}`
	if _, err := r.run(t); err == nil || short(err) != "MissingCSVColumnError: There is no column with the name: none." {
		t.Errorf("got %v", err)
	}
	r.config = `{"filepath":"other.csv","output":"*"}`
	if _, err := r.run(t); err == nil || !strings.Contains(err.Error(), "no table other.csv") {
		t.Errorf("got %v", err)
	}
}

func TestCSVProblemsOfTheTable(t *testing.T) {
	t.Parallel()
	r := csvRun{method: "CSVImport", table: "a,b\n1\n2\n", rows: `[]`, config: `{"filepath":"table.csv","output":"*"}`}
	_, err := r.run(t)
	var list diag.List
	if !errors.As(err, &list) || len(list) != 2 || list[0].Class != "CSVParseError" {
		t.Errorf("got %v", err)
	}
}

// TestCSVLookupOfManyColumns compares the index with a search of all records.
func TestCSVLookupOfManyColumns(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("a,b,c,out\n")
	for i := range 400 {
		fmt.Fprintf(&text, "%d,k%d,%d,%d\n", i%7, i%11, i%5, i)
	}
	var rows []*value.Map
	var want []float64
	for i := range 300 {
		m := value.NewMap(3)
		m.Set("x", value.OfNumber(float64(i%7)))
		m.Set("y", value.OfText("k"+strconv.Itoa(i%11)))
		m.Set("z", value.OfNumber(float64(i*3%5)))
		for record := range 400 {
			if record%7 == i%7 && record%11 == i%11 && record%5 == i*3%5 {
				rows, want = append(rows, m), append(want, float64(record))
				break
			}
		}
	}
	if len(rows) < 200 {
		t.Fatalf("only %d rows have a record", len(rows))
	}
	for name, options := range map[string]compat.Options{"default": {}, "if-1.1": compat.IF11()} {
		p, err := builtin.New(builtin.Spec{
			Method: "CSVLookup",
			Config: ordered(t, []byte(`{"filepath":"table.csv","query":{"a":"x","b":"y","c":"z"},"output":"out"}`)).Map(),
		}, options)
		if err != nil {
			t.Fatal(err)
		}
		f, err := p.Run(context.Background(), &builtin.Env{Options: options, Files: texts{"table.csv": text.String()}}, frame.FromRows(rows))
		if err != nil {
			t.Fatal(err)
		}
		v, _ := f.Vec("out")
		if diff := cmp.Diff(want, v.Floats()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func benchmarkLookup(b *testing.B, options compat.Options) {
	var text strings.Builder
	text.WriteString("name,region,tdp\n")
	for i := range 100_000 {
		fmt.Fprintf(&text, "machine-%d,r%d,%d\n", i, i%10, i%300)
	}
	records, err := texts{"table.csv": text.String()}.Table(context.Background(), "table.csv", builtin.Dialect{CastLoosely: options.LooseLookup})
	if err != nil {
		b.Fatal(err)
	}
	names, regions := make([]string, 1_000_000), make([]string, 1_000_000)
	for i := range names {
		names[i], regions[i] = "machine-"+strconv.Itoa(i*7%100_000), "r"+strconv.Itoa(i*7%10)
	}
	in := frame.New(len(names), frame.NewTexts("name", names), frame.NewTexts("region", regions))
	p, err := builtin.New(builtin.Spec{
		Method: "CSVLookup",
		Config: ordered(b, []byte(`{"filepath":"table.csv","query":{"name":"name","region":"region"},"output":"tdp"}`)).Map(),
	}, options)
	if err != nil {
		b.Fatal(err)
	}
	env := &builtin.Env{Options: options, Files: sameTable{records}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Run(context.Background(), env, in); err != nil {
			b.Fatal(err)
		}
	}
}

type sameTable struct{ f *frame.Frame }

// Table implements builtin.Files.
func (s sameTable) Table(context.Context, string, builtin.Dialect) (*frame.Frame, error) {
	return s.f, nil
}

func BenchmarkCSVLookup(b *testing.B)   { benchmarkLookup(b, compat.Options{}) }
func BenchmarkCSVLookupIF(b *testing.B) { benchmarkLookup(b, compat.IF11()) }

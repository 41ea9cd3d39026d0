package exposition_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/prom"
)

const page = `# TYPE joules_total counter
joules_total{name="b",node="n1"} 12.5
joules_total{node="n1",name="b"} 99
joules_total{name="a"} 3 1700000000000
joules_total{name="c"} NaN
watts 7
other{name="a"} 1
`

// Some metrics of a text, each series once.
func ExampleParse() {
	rows, err := exposition.Parse([]byte(page), []string{"joules_total", "watts"}, time.Unix(1_700_000_005, 0))
	for _, r := range rows {
		fmt.Println(r.Series(), r.Value, r.At.Unix())
	}
	fmt.Println(err)
	// Output:
	// joules_total"name""b""node""n1" 12.5 1700000005
	// joules_total"name""a" 3 1700000000
	// watts 7 1700000005
	// <nil>
}

// An exporter is read as rows, and rows become samples of targets.
func ExampleSamples() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) }))
	defer server.Close()
	client, err := fetch.New(fetch.Config{URL: server.URL, Timeout: time.Second, MaxBytes: 1 << 20}, server.Client())
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := exposition.Scraped{Client: client}.Rows(context.Background(), []string{"watts"}, time.Time{})
	fmt.Println(rows[0].Metric, rows[0].Value, err)
	readers := []exposition.Reader{exposition.Scraped{Client: client}}
	samples, err := exposition.Samples(context.Background(), readers, []string{"joules_total"}, time.Time{}, func(r exposition.Row) *meter.Sample {
		if r.Labels["name"] != "b" {
			return nil
		}
		return &meter.Sample{Value: r.Value}
	})
	fmt.Println(samples[0].Series, samples[0].Value, err)
	// Output:
	// watts 7 <nil>
	// 0 joules_total"name""b""node""n1" 12.5 <nil>
}

// What a Prometheus server keeps is read sample by sample.
func ExampleStored_Rows() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(strings.SplitAfter(r.FormValue("query"), "}")[0])
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[`+
			`{"metric":{"__name__":"joules_total","name":"b"},"values":[[1700000000,"12.5"],[1700000005,"NaN"],[1700000010,"14"]]}]}}`)
	}))
	defer server.Close()
	config := prom.Defaults()
	config.URL = server.URL
	client, err := prom.New(config, server.Client())
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := exposition.Stored{Client: client, Matchers: []prom.Matcher{{Label: "cluster", Op: prom.Equal, Value: "north"}}}
	rows, err := stored.Rows(context.Background(), []string{"joules_total"}, time.Unix(1_699_999_999, 0))
	for _, r := range rows {
		fmt.Println(r.Series(), r.Value, r.At.Unix())
	}
	fmt.Println(err)
	// Output:
	// {__name__="joules_total",cluster="north"}
	// joules_total"name""b" 12.5 1700000000
	// joules_total"name""b" 14 1700000010
	// <nil>
}

// FuzzParse feeds texts: there are usable rows of what was asked for, each series
// once, or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(page))
	f.Add([]byte("watts{a=\"\\\"\\n\"} 1e3 -5\n"))
	f.Add([]byte("watts{a=\"\\u\"} 1\nwatts{a=\"x\ny\"} 2\nwatts{} 3"))
	f.Add([]byte("# TYPE watts histogram\nwatts_bucket{le=\"1\"} 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := exposition.Parse(text, []string{"watts", "joules_total"}, time.Unix(1, 0))
		if err != nil && !errors.Is(err, meter.ErrReply) {
			t.Errorf("%v, %v", rows, err)
		}
		seen := map[string]bool{}
		for _, r := range rows {
			if seen[r.Series()] || !(r.Value >= 0) || r.Metric != "watts" && r.Metric != "joules_total" {
				t.Errorf("%+v", r)
			}
			seen[r.Series()] = true
		}
	})
}

// Exporters in use write what is no exposition format: Scaphandre repeats its comments for
// each row (until 0.5), and puts the arguments of processes into labels with their
// backslashes and line ends (issues 165, 175 and 204 of its repository). A process whose
// row cannot be read is told of, and costs itself alone.
func TestOddExporters(t *testing.T) {
	t.Parallel()
	const comments = "# HELP watts Power consumption due to the process\n# TYPE watts gauge\n"
	for name, tt := range map[string]struct {
		text  string
		want  string // names and values
		wrong string // in the error; "" for none
	}{
		"repeated comments": {comments + "watts{name=\"a\"} 1\n" + comments + "watts{name=\"b\"} 2\n", "a 1 b 2 ", ""},
		"other metrics":     {"load{ 3\n" + comments + "watts{name=\"a\"} 1\nwatts_more{name=\"b\"} x\n", "a 1 ", ""},
		"backslashes":       {comments + `watts{name="agetty-o-p -- \u",x="\"q\\"} 1` + "\n" + `watts{name="\_b"} 2` + "\n", `agetty-o-p -- \u 1 \_b 2 `, ""},
		"line ends":         {comments + "watts{name=\"bash-csleep;\necho plop\"} 1\nwatts{name=\"b\"} 2\n", "b 2 ", "1 of 2 rows of watts"},
		"cut in a value":    {comments + "watts{name=\"a\"} 1\nwatts{name=\"b\"} 20", "a 1 ", "1 of 2 rows of watts"},
		"cut in a label":    {comments + "watts{name=\"a\"} 1\nwatts{name=\"b", "a 1 ", "1 of 2 rows of watts"},
		"nothing is valid":  {comments + "watts{name=\"a\" 1\n", "", "1 of 1 rows of watts"},
		"no such metric":    {"load 3\n", "", ""},
		"no exporter":       {"<html>sign in</html>", "", "no valid"},
	} {
		rows, err := exposition.Parse([]byte(tt.text), []string{"watts"}, time.Unix(1, 0))
		got := ""
		for _, r := range rows {
			got += fmt.Sprint(r.Labels["name"], " ", r.Value, " ")
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
		if tt.wrong == "" && err != nil || tt.wrong != "" && !errors.Is(err, meter.ErrReply) {
			t.Errorf("%s: %v", name, err)
		}
		if tt.wrong != "" && name != "no exporter" && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s: %v, want one of %q", name, err, tt.wrong)
		}
	}
}

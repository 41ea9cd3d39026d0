package builtin_test

import (
	"context"
	"fmt"
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

// syncRun is one run of time-sync.
type syncRun struct {
	config, rows    string // JSON
	options         compat.Options
	notices, warned []string
}

// syncMetrics are the methods of the tests' metrics.
func syncMetrics() *metric.Registry {
	r := &metric.Registry{}
	for name, method := range map[string]metric.Method{"energy": metric.Sum, "cpu": metric.Avg, "ci": metric.Copy, "skip": metric.None} {
		r.Set(metric.Info{Name: name, Time: method, Component: method})
	}
	return r
}

func (s *syncRun) frame(t testing.TB) (*frame.Frame, error) {
	t.Helper()
	return s.run(ordered(t, []byte(s.config)).Map(), rowsOf(ordered(t, []byte(s.rows))))
}

func (s *syncRun) run(config *value.Map, rows *frame.Frame) (*frame.Frame, error) {
	p, err := builtin.New(builtin.Spec{Name: "ts", Method: "TimeSync", Config: config}, s.options)
	if err != nil {
		return nil, err
	}
	return p.Run(context.Background(), &builtin.Env{
		Options: s.options, Metrics: syncMetrics(), First: true,
		Notice: func(difference, detail string) { s.notices = append(s.notices, difference+": "+detail) },
		Warn:   func(text string) { s.warned = append(s.warned, text) },
	}, rows)
}

// window is a config that pads.
func window(from, to, interval string) string {
	return fmt.Sprintf(`{"start-time":"2023-12-12T00:%sZ","end-time":"2023-12-12T00:%sZ","interval":%s,"allow-padding":true}`, from, to, interval)
}

func sequence(f *frame.Frame, name string) string {
	texts := make([]string, f.Len())
	for row := range texts {
		texts[row] = f.At(row, name).String()
	}
	return strings.Join(texts, " ")
}

const twoRows = `[{"timestamp":"2023-12-12T00:00:00.000Z","duration":10,"energy":10,"cpu":20,"ci":400,"skip":7},
	{"timestamp":"2023-12-12T00:00:10.000Z","duration":10,"energy":20,"cpu":40,"ci":500,"skip":7}]`

// TestTimeSyncIsRight shows the right numbers beside Impact Framework's.
func TestTimeSyncIsRight(t *testing.T) {
	t.Parallel()
	const gap5 = `[{"timestamp":"2023-12-12T00:00:00.000Z","duration":5,"energy":10,"cpu":20,"ci":400},
		{"timestamp":"2023-12-12T00:00:10.000Z","duration":10,"energy":20,"cpu":40,"ci":500}]`
	const gap1 = `[{"timestamp":"2023-12-12T00:00:00.000Z","duration":5,"energy":10,"cpu":20,"ci":400},
		{"timestamp":"2023-12-12T00:00:06.000Z","duration":4,"energy":20,"cpu":40,"ci":500}]`
	for _, tc := range []struct {
		name, config, rows  string
		metric, right, if11 string
	}{
		{"average", window("00:00", "00:30", "10"), twoRows, "cpu", "20 40 0", "18 36 0"},
		{"sum", window("00:00", "00:30", "10"), twoRows, "energy", "10 20 0", "10 20 0"},
		{"copy", window("00:00", "00:30", "10"), twoRows, "ci", "400 500 500", "400 500 500"},
		{"none", window("00:00", "00:30", "10"), twoRows, "skip", "null null null", "null null null"},
		{"downsample", window("00:00", "00:20", "20"), twoRows, "cpu", "30", "28"},
		{"record_at_end", window("00:00", "00:15", "5"), twoRows, "energy", "5 5 10", "5 5 10 2"},
		{"cut_at_start", window("00:05", "00:20", "5"), twoRows, "energy", "5 10 10", "5 10 10"},
		{"short_last_step", window("00:00", "00:10", "4"), twoRows, "duration", "4 4 2", "4 4 3"},
		{"gap_is_zero", window("00:00", "00:20", "5"), gap5, "energy", "10 0 10 10", "10 0 10 10"},
		{"gap_takes_next", window("00:00", "00:20", "5"), gap5, "ci", "400 500 500 500", "400 500 500 500"},
		{"gap_within_step", window("00:00", "00:20", "10"), gap5, "cpu", "10 40", "10 36"},
		{"copy_of_last_observation", window("00:00", "00:10", "10"), gap5, "ci", "400", "500 500"},
		{"gap_of_a_second_sum", window("00:00", "00:10", "5"), gap1, "energy", "10 20", "10 20"},
		{"gap_of_a_second_average", window("00:00", "00:10", "5"), gap1, "cpu", "20 32", "16 30"},
		{
			"no_rounding", window("00:00", "00:07", "7"),
			`[{"timestamp":"2023-12-12T00:00:00.000Z","duration":7,"energy":0.1}]`, "energy", "0.1", "0.10000000000000002",
		},
		{"null_is_missing", window("00:00", "00:10", "5"), `[{"timestamp":"2023-12-12T00:00:00.000Z","duration":5,"energy":null},
			{"timestamp":"2023-12-12T00:00:05.000Z","duration":5,"energy":10}]`, "energy", "null 10", "0 10"},
		{"partly_missing_is_missing", window("00:00", "00:10", "10"), `[{"timestamp":"2023-12-12T00:00:00.000Z","duration":5,"cpu":null},
			{"timestamp":"2023-12-12T00:00:05.000Z","duration":5,"cpu":10}]`, "cpu", "null", "4"},
		{"outside", window("01:00", "01:10", "5"), twoRows, "energy", "0 0", "0 0"},
		{"whole_metric_over_a_long_window", window("00:00", "00:30", "30"), twoRows, "cpu", "20", "20"},
		{"half_second", window("00:00", "00:02", "1"), `[{"timestamp":"2023-12-12T00:00:00.000Z","duration":0.5,"energy":1},
			{"timestamp":"2023-12-12T00:00:00.500Z","duration":1.5,"energy":3}]`, "energy", "2 2", ""},
		{"an_instant_keeps_its_sum", window("00:00", "00:10", "5"), `[{"timestamp":"2023-12-12T00:00:05.000Z","duration":0,"energy":7},
			{"timestamp":"2023-12-12T00:00:05.000Z","duration":5,"energy":1}]`, "energy", "0 8", "0 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			right := syncRun{config: tc.config, rows: tc.rows}
			f, err := right.frame(t)
			if err != nil {
				t.Fatal(err)
			}
			if got := sequence(f, tc.metric); got != tc.right {
				t.Errorf("got %s, want %s", got, tc.right)
			}
			same := syncRun{config: tc.config, rows: tc.rows, options: compat.IF11()}
			f, err = same.frame(t)
			if tc.if11 == "" {
				if err == nil {
					t.Error("Impact Framework's rules passed")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := sequence(f, tc.metric); got != tc.if11 {
				t.Errorf("compatible: got %s, want %s", got, tc.if11)
			}
		})
	}
}

func TestTimeSyncKeepsTheFormOfRows(t *testing.T) {
	t.Parallel()
	s := syncRun{config: window("00:00", "00:15", "5"), rows: `[
		{"energy":10,"duration":5,"timestamp":"2023-12-12T00:00:00Z","region":"uk"},
		{"energy":20,"duration":5,"timestamp":"2023-12-12T00:00:05Z"},
		{"duration":5,"timestamp":"2023-12-12T00:00:10Z","cpu":null}]`}
	f, err := s.frame(t)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"energy=number(10) duration=number(5) timestamp=string(2023-12-12T00:00:00.000Z) region=string(uk) ",
		"energy=number(20) duration=number(5) timestamp=string(2023-12-12T00:00:05.000Z) ",
		"duration=number(5) timestamp=string(2023-12-12T00:00:10.000Z) cpu=null(null) ",
	}
	if diff := cmp.Diff(want, lines(f)); diff != "" {
		t.Error(diff)
	}
}

func TestTimeSyncSaysWhatIsMissingAndDifferent(t *testing.T) {
	t.Parallel()
	s := syncRun{config: window("00:00", "00:20", "5"), rows: `[
		{"timestamp":"2023-12-12T00:00:05.000Z","duration":1,"cpu":20},
		{"timestamp":"2023-12-12T00:00:07.000Z","duration":1,"cpu":null},
		{"timestamp":"2023-12-12T00:00:12.000Z","duration":9,"cpu":1}]`}
	if _, err := s.frame(t); err != nil {
		t.Fatal(err)
	}
	wantWarned := []string{
		"no observation covers 5 s before the first observation, 5 s in 2 gaps: sums count nothing there and averages 0; " +
			"1 of 4 steps have no observation at all",
		"1 result null: some of the observations in the step have no value",
	}
	if diff := cmp.Diff(wantWarned, s.warned); diff != "" {
		t.Error(diff)
	}
	wantNotices := []string{"time-sync: averages count every second of a step (cpu); gaps of a second or less keep their time; " +
		"there is no record at end-time"}
	if diff := cmp.Diff(wantNotices, s.notices); diff != "" {
		t.Error(diff)
	}
	quiet := syncRun{config: window("00:00", "00:20", "10"), rows: strings.ReplaceAll(twoRows, `"cpu":`, `"ci":`)}
	if _, err := quiet.frame(t); err != nil || len(quiet.warned)+len(quiet.notices) > 0 {
		t.Errorf("got %v, %v, %v", err, quiet.warned, quiet.notices)
	}
}

func TestTimeSyncProblems(t *testing.T) {
	t.Parallel()
	row := func(at, duration, more string) string {
		return fmt.Sprintf(`{"timestamp":"2023-12-12T00:00:%sZ","duration":%s%s}`, at, duration, more)
	}
	good := window("00:00", "00:10", "5")
	for _, tc := range []struct{ name, config, rows, want string }{
		{
			"overlap", good, "[" + row("00", "6", "") + "," + row("05", "5", "") + "]",
			"row 2: InvalidInputError: Observation timestamps overlap, please check inputs.\n  Try: row 1 lasts from 2023-12-12T00:00:00.000Z " +
				"to 2023-12-12T00:00:06.000Z and row 2 begins at 2023-12-12T00:00:05.000Z: correct a duration or a timestamp",
		},
		{
			"unsorted", good, "[" + row("05", "5", "") + "," + row("00", "5", "") + "]",
			"row 2: InvalidInputError: Observation timestamps overlap, please check inputs.\n  Try: sort the rows by time: " +
				"row 1 begins at 2023-12-12T00:00:05.000Z and row 2 after it at 2023-12-12T00:00:00.000Z",
		},
		{"negative", good, "[" + row("00", "-5", "") + "]", "row 1, metric \"duration\": InvalidInputError: A duration of -5 s is not one."},
		{
			"unknown", good, "[" + row("00", "10", `,"mine":1,"label":"x","other":[]`) + "]",
			"metric \"mine\": InvalidAggregationMethodError: mine has no known aggregation method.",
		},
		{
			"text_in_sum", good, "[" + row("00", "5", `,"energy":1`) + "," + row("05", "5", `,"energy":"2"`) + "]",
			"row 2, metric \"energy\": InputValidationError: energy is \"2\", which cannot be summed.",
		},
		{
			"no_padding", strings.Replace(good, "true", "false", 1), "[" + row("01", "1", "") + "]",
			"InvalidPaddingError: Avoiding padding at start and end\n  Try: the observations last from 2023-12-12T00:00:01.000Z " +
				"to 2023-12-12T00:00:02.000Z",
		},
		{"interval", window("00:00", "00:10", "0.0001"), "[]", "`interval` should be a positive number of seconds, of whole milliseconds"},
		{
			"steps", `{"start-time":"0001-01-01T00:00:00Z","end-time":"9999-01-01T00:00:00Z","interval":1,"allow-padding":true}`, "[]",
			"`interval` of 1 s makes 315506361600 steps",
		},
		{"order", window("00:10", "00:00", "5"), "[]", "`start-time` should be lower than `end-time`"},
		{
			"naive", good, `[{"timestamp":"2023-12-12T00:00:00","duration":10}]`,
			`"timestamp" parameter is invalid datetime at index 0. Error code: invalid_string.`,
		},
		{"missing", good, `[{"duration":10}]`, `"timestamp" parameter is required at index 0. Error code: invalid_union.`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := syncRun{config: tc.config, rows: tc.rows}
			_, err := s.frame(t)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestTimeSyncReportsAllProblems(t *testing.T) {
	t.Parallel()
	s := syncRun{config: window("00:00", "00:10", "5"), rows: `[{"timestamp":"2023-12-12T00:00:00Z","duration":20,"a":1,"b":2,"energy":"x"},
		{"timestamp":"2023-12-12T00:00:20Z","duration":5,"a":1,"b":2,"energy":"y"}]`}
	_, err := s.frame(t)
	var list diag.List
	list.Add(err)
	if len(list) != 3 || list[0].Metric != "a" || list[1].Metric != "b" || list[2].Metric != "energy" || list[2].Rows != 1 {
		t.Errorf("got %v", err)
	}
}

func TestTimeSyncTakesTimesOfAllForms(t *testing.T) {
	t.Parallel()
	s := syncRun{
		config: `{"start-time":{"$date":1702339200000},"end-time":"2023-12-12T01:00:10+01:00","interval":5,"allow-padding":false}`,
		rows:   `[{"timestamp":{"$date":1702339200000},"duration":5,"energy":1},{"timestamp":"2023-12-11T19:00:05-05:00","duration":5,"energy":2}]`,
	}
	f, err := s.frame(t)
	if err != nil {
		t.Fatal(err)
	}
	if got := sequence(f, "energy") + " " + sequence(f, "timestamp"); got != "1 2 2023-12-12T00:00:00.000Z 2023-12-12T00:00:05.000Z" {
		t.Errorf("got %s", got)
	}
}

func TestTimeSyncOfNothing(t *testing.T) {
	t.Parallel()
	s := syncRun{config: window("00:00", "00:10", "5"), rows: "[]"}
	if f, err := s.frame(t); err != nil || f.Len() != 0 {
		t.Errorf("got %d rows, %v", f.Len(), err)
	}
	s.options = compat.IF11()
	if _, err := s.frame(t); err == nil || short(err) != "TypeError: Cannot read properties of undefined (reading 'timestamp')" {
		t.Errorf("got %v", err)
	}
}

// TestTimeSyncIsBounded gives what would take Impact Framework, and a naive
// rewrite of it, for ever.
func TestTimeSyncIsBounded(t *testing.T) {
	t.Parallel()
	week := `{"start-time":"2023-12-12T00:00:00Z","end-time":"2023-12-19T00:00:00Z","interval":3600,"allow-padding":true}`
	ages := `{"start-time":"0001-01-01T00:00:00Z","end-time":"9999-01-01T00:00:00Z","interval":86400,"allow-padding":true}`
	hour := `[{"timestamp":"2023-12-12T05:00:00Z","duration":3600,"energy":0.1,"cpu":7.3}]`
	endless := `[{"timestamp":"2023-12-12T05:00:00Z","duration":1e11,"energy":0.1}]`
	for _, tc := range []struct {
		name, config, rows string
		options            compat.Options
		rowsOut            int
		fails              string
	}{
		{"week_padded", week, hour, compat.IF11(), 168, ""},
		{"week_padded_exact", week, hour, compat.Options{}, 168, ""},
		{"ages", ages, hour, compat.IF11(), 0, "too many"},
		{"ages_exact", ages, hour, compat.Options{}, 3651694, ""},
		{"endless_row", week, endless, compat.IF11(), 169, ""},
		{"endless_row_exact", week, endless, compat.Options{}, 168, ""},
		{"infinite_row", week, strings.Replace(endless, "1e11", `{"$num":"Infinity"}`, 1), compat.IF11(), 0, "Invalid unit value Infinity"},
		{"infinite_row_exact", week, strings.Replace(endless, "1e11", `{"$num":"Infinity"}`, 1), compat.Options{}, 0, "is not one"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := syncRun{config: tc.config, rows: tc.rows, options: tc.options}
			f, err := s.frame(t)
			if tc.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fails) {
					t.Errorf("got %v, want %s", err, tc.fails)
				}
				return
			}
			if err != nil || f.Len() != tc.rowsOut {
				t.Errorf("got %d rows, %v; want %d", f.Len(), err, tc.rowsOut)
			}
		})
	}
}

package builtin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
)

func mocked(t testing.TB, config, rows string, options compat.Options) (*frame.Frame, error) {
	t.Helper()
	p, err := builtin.New(builtin.Spec{Name: "m", Method: "MockObservations", Config: ordered(t, []byte(config)).Map()}, options)
	if err != nil {
		t.Fatal(err)
	}
	return p.Run(context.Background(), &builtin.Env{Options: options, First: true}, rowsOf(ordered(t, []byte(rows))))
}

const twoMinutes = `{"timestamp-from":"2023-07-06T00:00","timestamp-to":"2023-07-06T00:01:30","duration":60,` +
	`"components":[{"host":"a"},{"host":"b"}],"generators":{"common":{"region":"uk","v":3},"randint":{"load":{"min":1,"max":100}}}}`

func TestMockMakesRows(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]compat.Options{"default": {}, "if-1.1": compat.IF11()} {
		f, err := mocked(t, twoMinutes, `[{"a":1,"region":"fr"},{"a":2}]`, options)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row := range f.Len() {
			m := f.Row(row)
			if load, ok := m.Get("load").Float(); !ok || load < 1 || load > 99 || load != float64(int(load)) {
				t.Errorf("%s: load %v", name, m.Get("load"))
			}
			m.Delete("load")
			got = append(got, line(m))
		}
		want := []string{
			"a=number(1) region=string(uk) timestamp=string(2023-07-06T00:00:00.000Z) duration=number(60) host=string(a) v=number(3) ",
			"a=number(1) region=string(uk) timestamp=string(2023-07-06T00:01:00.000Z) duration=number(60) host=string(a) v=number(3) ",
			"a=number(1) region=string(uk) timestamp=string(2023-07-06T00:00:00.000Z) duration=number(60) host=string(b) v=number(3) ",
			"a=number(1) region=string(uk) timestamp=string(2023-07-06T00:01:00.000Z) duration=number(60) host=string(b) v=number(3) ",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestMockSeed(t *testing.T) {
	t.Parallel()
	seeded := func(seed string) string {
		f, err := mocked(t, strings.Replace(twoMinutes, `{"timestamp-from"`, `{"seed":`+seed+`,"timestamp-from"`, 1), "[]", compat.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return sequence(f, "load")
	}
	if a, b := seeded("1"), seeded("1"); a != b {
		t.Errorf("one seed gave %s and %s", a, b)
	}
	if a, b := seeded("1"), seeded("2"); a == b {
		t.Errorf("two seeds gave %s", a)
	}
}

func TestMockRange(t *testing.T) {
	t.Parallel()
	config := strings.NewReplacer(`00:01:30"`, `16:00:00"`, `"min":1,"max":100`, `"min":-2,"max":3`, `"duration":60`, `"duration":6`).Replace(twoMinutes)
	f, err := mocked(t, config, "[]", compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Len() != 2*9600 {
		t.Errorf("%d rows", f.Len())
	}
	v, _ := f.Vec("load")
	seen := make(map[float64]int)
	for row := range v.Len() {
		seen[v.At(row)]++
	}
	// Drawn from [-2, 3) and cut towards 0, as Impact Framework does.
	if len(seen) != 4 || seen[-1] == 0 || seen[0] < seen[-1]+seen[1]/2 || seen[2] == 0 {
		t.Errorf("drawn: %v", seen)
	}
}

func TestMockProblems(t *testing.T) {
	t.Parallel()
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(twoMinutes) }
	for _, tc := range []struct{ name, config, right, if11 string }{
		{"bound_0", replace(`"min":1`, `"min":0`), "", "ConfigError: Config is missing min or max value"},
		{
			"bounds", replace(`"min":1`, `"min":100`), "ConfigError: Min value should not be greater than or equal to max value of load",
			"ConfigError: Min value should not be greater than or equal to max value of load",
		},
		{
			"name", replace(`"load"`, `"  "`), "ConfigError: `name` config parameter is empty or contains all spaces",
			"ConfigError: `name` config parameter is empty or contains all spaces",
		},
		{"common", replace(`{"region":"uk","v":3}`, "{}"), "ConfigError: Config is not provided.", "ConfigError: Config is not provided."},
		{"instant", replace("2023-07-06T00:00\"", "soon\""), `InputValidationError: "timestamp-from" parameter is "soon", which is not an instant.`, ""},
		{
			"unquoted", replace(`"2023-07-06T00:00"`, `{"$date":1688601600000}`), "",
			`InputValidationError: "timestamp-from" parameter is expected string, received date. Error code: invalid_type.`,
		},
		{
			"components", replace(`[{"host":"a"},{"host":"b"}]`, `{"host":"a"}`),
			`InputValidationError: "components" parameter is expected array, received object. Error code: invalid_type.`,
			`InputValidationError: "components" parameter is expected array, received object. Error code: invalid_type.`,
		},
		{
			"duration", replace(`"duration":60`, `"duration":0`),
			`InputValidationError: "duration" parameter is number must be greater than 0. Error code: too_small.`,
			`InputValidationError: "duration" parameter is number must be greater than 0. Error code: too_small.`,
		},
		{
			"many", replace(`"duration":60`, `"duration":0.0000001`), "ConfigError: 1800000000 observations of 1e-7 s are too many; the limit is 50000000.",
			"ConfigError: 1800000000 observations of 1e-7 s are too many; the limit is 50000000.",
		},
		{"none", "{}", "ConfigError: Config is not provided.", "ConfigError: Config is not provided."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for want, options := range map[string]compat.Options{tc.right + "\x00": {}, tc.if11: compat.IF11()} {
				want = strings.TrimSuffix(want, "\x00")
				_, err := mocked(t, tc.config, "[]", options)
				switch {
				case want == "" && err != nil:
					t.Errorf("got %v", err)
				case want != "" && (err == nil || short(err) != want):
					t.Errorf("got %v, want %s", err, want)
				}
			}
		})
	}
}

// TestMockReadsInstants compares with what Luxon 3.7.2 makes of the texts; ""
// is not valid.
func TestMockReadsInstants(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2023":                        "2023-01-01T00:00:00.000Z",
		"2023-07":                     "2023-07-01T00:00:00.000Z",
		"2023-07-06":                  "2023-07-06T00:00:00.000Z",
		"20230706":                    "2023-07-06T00:00:00.000Z",
		"2023-07-06T10":               "2023-07-06T10:00:00.000Z",
		"2023-07-06T1030":             "2023-07-06T10:30:00.000Z",
		"20230706T103015Z":            "2023-07-06T10:30:15.000Z",
		"2023-07-06T10:30:15.5":       "2023-07-06T10:30:15.500Z",
		"2023-07-06T10:30:15,123456Z": "2023-07-06T10:30:15.123Z",
		"2023-07-06t10:30:15z":        "2023-07-06T10:30:15.000Z",
		"2023-07-06T10:30+02:00":      "2023-07-06T08:30:00.000Z",
		"2023-07-06T10:30-0530":       "2023-07-06T16:00:00.000Z",
		"2023-07-06T10:30+02":         "2023-07-06T08:30:00.000Z",
		"2023-07-06T24:00":            "2023-07-07T00:00:00.000Z",
		"2024-02-29":                  "2024-02-29T00:00:00.000Z",
		"2023-W27-4":                  "2023-07-06T00:00:00.000Z",
		"2023W274":                    "2023-07-06T00:00:00.000Z",
		"2023-W27":                    "2023-07-03T00:00:00.000Z",
		"2020-W53-7":                  "2021-01-03T00:00:00.000Z",
		"2023-187":                    "2023-07-06T00:00:00.000Z",
		"2023187T05":                  "2023-07-06T05:00:00.000Z",
		"2024-366":                    "2024-12-31T00:00:00.000Z",
		"202312":                      "2023-12-01T00:00:00.000Z",
		"2023123":                     "2023-05-03T00:00:00.000Z",
		"1969-12-31T23:59:59.999Z":    "1969-12-31T23:59:59.999Z",
		"2023-07-06T24:01":            "", "2023-02-29": "", "2023-13-01": "", "2023-00-01": "", "2021-W53-1": "", "2023-W00-1": "",
		"2023-W27-8": "", "2023-366": "", "2023-000": "", "foo": "", "2023-7-6": "", "2023-07-06 10:30": "", "2023-07-06T10:60": "",
		"2023-07-06T10:30:60": "", "2023-07-06T": "", "2023-01-01-W1": "",
	} {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		f, err := mocked(t, fmt.Sprintf(`{"timestamp-from":%s,"timestamp-to":"2100-01-01","duration":1e10,"components":[{}],`+
			`"generators":{"common":{"v":1},"randint":{}}}`, quoted), "[]", compat.IF11())
		if err != nil {
			t.Fatal(err)
		}
		if got := sequence(f, "timestamp"); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

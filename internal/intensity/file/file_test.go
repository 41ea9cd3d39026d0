package file_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/intensity/file"
	"github.com/dendro-carbon/dendro/internal/intensity/intensitytest"
)

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	c := file.Defaults()
	c.Path = filepath.Join(dir, "gb.csv")
	c.Accounting = account.Accounting{Scope: "combustion", Approach: "location"}
	c.Region = "GB"
	c.Step = 30 * time.Minute
	text := "timestamp,intensity,kind\n2026-01-28T12:00Z,231.5,actual\n2026-01-28T12:30Z,,\n2026-01-28T13:00Z,198,forecast\n"
	if err := os.WriteFile(c.Path, []byte(text), 0o600); err != nil {
		panic(err)
	}
	s, err := file.New(c)
	if err != nil {
		panic(err)
	}
	noon := time.Date(2026, 1, 28, 12, 0, 0, 0, time.UTC)
	values, err := s.Fetch(context.Background(), "GB", account.NewSpan(noon, noon.Add(24*time.Hour)))
	for _, v := range values {
		fmt.Println(v.Span.From.Format("15:04"), v.Value, v.Kind, v.Accounting)
	}
	fmt.Println(err)
	// Output:
	// 12:00 231.5 gCO2e/kWh actual combustion, location-based
	// 13:00 198 gCO2e/kWh forecast combustion, location-based
	// <nil>
}

// write makes a file that looks as if it had been there for a while, and returns
// a config for it.
func write(t testing.TB, text string) file.Config {
	t.Helper()
	c := file.Defaults()
	c.Path = filepath.Join(t.TempDir(), "intensity.csv")
	c.Accounting = account.Accounting{Scope: "lifecycle", Approach: "market"}
	rewrite(t, c.Path, text, -time.Hour)
	return c
}

// rewrite replaces a file by another one of a given age.
func rewrite(t testing.TB, path, text string, age time.Duration) {
	t.Helper()
	next := path + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(age)
	if err := os.Chtimes(next, at, at); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, c file.Config) *file.Source {
	t.Helper()
	s, err := file.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func span(t testing.TB, from, to string) account.Span {
	t.Helper()
	return account.NewSpan(at(t, from), at(t, to))
}

const mixed = `region,from,to,gco2e_per_kwh,kind,version
DE,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,342.06,annual,2024
DE,2026-01-28T13:00:00+01:00,2026-01-28T14:00:00+01:00,301.123456,,
DE,2026-01-28T12:00Z,2026-01-28T13:00Z,299,forecast,run 6
DE,2026-01-28T13:00Z,2026-01-28T14:00Z,0,forecast,run 6
DE,2026-01-28T13:30Z,2026-01-28T14:00Z,,actual,
"Site ""A"", north",2026-01-28T12:00Z,2026-01-28T12:30Z,12.5,estimate,
`

func TestConformance(t *testing.T) {
	t.Parallel()
	c := write(t, mixed)
	moved := write(t, mixed)
	gone := open(t, moved)
	if err := os.Remove(moved.Path); err != nil {
		t.Fatal(err)
	}
	intensitytest.Run(t, intensitytest.Harness{
		Source: open(t, c), Region: "DE", Unknown: "DF",
		Span:    span(t, "2026-01-28T11:00:00Z", "2026-01-28T15:00:00Z"),
		Nothing: span(t, "2025-01-28T11:00:00Z", "2025-01-28T15:00:00Z"),
		Broken:  gone,
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, mixed))
	got, err := s.Fetch(t.Context(), "DE", span(t, "2026-01-28T12:59:59Z", "2026-01-28T13:00:01Z"))
	if err != nil {
		t.Fatal(err)
	}
	market := account.Accounting{Scope: "lifecycle", Approach: "market"}
	want := []account.Intensity{
		{
			Region: "DE", Span: span(t, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), Value: 342_060_000,
			Kind: account.IntensityAnnual, Accounting: market, Source: "file", Version: "2024",
		},
		{
			Region: "DE", Span: span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z"), Value: 301_123_456,
			Kind: account.IntensityActual, Accounting: market, Source: "file",
		},
		{
			Region: "DE", Span: span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z"), Value: 299_000_000,
			Kind: account.IntensityForecast, Accounting: market, Source: "file", Version: "run 6",
		},
		{Region: "DE", Span: span(t, "2026-01-28T13:00:00Z", "2026-01-28T14:00:00Z"), Value: 0, // a true zero
			Kind: account.IntensityForecast, Accounting: market, Source: "file", Version: "run 6"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	names, err := s.Regions()
	if diff := cmp.Diff([]string{"DE", `Site "A", north`}, names); diff != "" || err != nil {
		t.Errorf("regions: %v\n%s", err, diff)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	c := write(t, "\ufefftimestamp,duration,intensity\n2026-01-28T12:00:00.5Z,0.25,7\n2026-01-28T12:01:00Z,,8\n")
	c.Region, c.Step = "here", time.Minute
	got, err := open(t, c).Fetch(t.Context(), "here", span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z"))
	if err != nil || len(got) != 2 || got[0].Span.Duration() != 250*time.Millisecond || got[1].Span.Duration() != time.Minute {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWrongFiles(t *testing.T) {
	t.Parallel()
	const head = "region,from,to,intensity,kind\n"
	const row = "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,231,actual\n"
	for name, tt := range map[string]struct{ text, want string }{
		"empty":           {"", "csv:1: the file is empty"},
		"unknown column":  {"region,from,to,intensty\n", `csv:1: column "intensty" is not known`},
		"no time":         {"region,to,intensity\n", "csv:1: there is no column from"},
		"no value":        {"region,from,to\n", "csv:1: there is no column gco2e_per_kwh"},
		"no end":          {"region,from,intensity\n", "csv:1: there is no column to or duration"},
		"two ends":        {"region,from,to,duration,intensity\n", "csv:1: there are columns to and duration"},
		"no region":       {"from,to,intensity\n", "csv:1: there is no column region"},
		"column twice":    {"region,from,to,intensity,gco2e_per_kwh\n", "csv:1: columns 4 and 5 both say"},
		"empty region":    {head + row + ",2026-01-28T12:30Z,2026-01-28T13:00Z,1,\n", "csv:3: the region is empty"},
		"field missing":   {head + "GB,2026-01-28T12:00Z\n", "csv:2: the row has 2 fields, the header 5"},
		"no zone":         {head + "GB,2026-01-28T12:00,2026-01-28T12:30Z,1,\n", `csv:2: from: "2026-01-28T12:00" is not an instant`},
		"end not a time":  {head + "GB,2026-01-28T12:00Z,noon,1,\n", `csv:2: to: "noon" is not an instant`},
		"backwards":       {head + "GB,2026-01-28T12:00Z,2026-01-28T11:30Z,1,\n", "csv:2: the value ends at 2026-01-28T11:30:00Z, not after"},
		"empty span":      {head + "GB,2026-01-28T12:00Z,2026-01-28T12:00Z,1,\n", "csv:2: the value ends at"},
		"no end in row":   {head + "GB,2026-01-28T12:00Z,,1,\n", "csv:2: the value ends at"},
		"not a number":    {head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,low,\n", `csv:2: gco2e_per_kwh: intensity "low": not a decimal number`},
		"NaN":             {head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,NaN,\n", `csv:2: gco2e_per_kwh: intensity "NaN"`},
		"too exact":       {head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,1.1234567,\n", "more decimals"},
		"negative":        {head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,-1,\n", "csv:2: gco2e_per_kwh -1 is negative"},
		"too large":       {head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,9e99,\n", "csv:2: gco2e_per_kwh"},
		"kind":            {head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,1,guess\n", `csv:2: intensity kind "guess"`},
		"given twice":     {head + row + row, "csv:3: actual of \"GB\" for [2026-01-28T12:00:00Z, 2026-01-28T12:30:00Z) is given twice, first in line 2"},
		"overlap":         {head + "GB,2026-01-28T12:15Z,2026-01-28T12:45Z,1,\n" + row, "csv:3: actual of \"GB\" from"},
		"open quote":      {head + "\"GB,2026", "csv:2:"},
		"bare quote":      {head + row + "G\"B,2026-01-28T12:00Z,2026-01-28T12:30Z,1,\n", "csv:3: bare"},
		"not UTF-8":       {head + "G\xffB,2026-01-28T12:00Z,2026-01-28T12:30Z,1,\n", "csv:2: region or version is not UTF-8"},
		"several at once": {head + "GB,x,y,1,\nGB,2026-01-28T12:00Z,2026-01-28T12:30Z,x,\n", "csv:3: gco2e_per_kwh"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := file.New(write(t, tt.text))
			var list diag.List
			if !errors.Is(err, intensity.ErrReply) || !errors.As(err, &list) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v\nwant %q", err, tt.want)
			}
		})
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	_, err := file.New(write(t, "region,from,to,intensity\n"+strings.Repeat("GB,x,y,z\n", 10_000)))
	var list diag.List
	if !errors.As(err, &list) || len(list) != 20 {
		t.Errorf("%d problems", len(list))
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	c := write(t, mixed)
	c.MaxBytes = 10
	if _, err := file.New(c); !errors.Is(err, intensity.ErrReply) || !strings.Contains(err.Error(), "the limit is 10") {
		t.Errorf("too large: %v", err)
	}
	c = write(t, mixed)
	c.Path = filepath.Dir(c.Path)
	if _, err := file.New(c); !errors.Is(err, intensity.ErrUnavailable) || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("folder: %v", err)
	}
	c.Path = filepath.Join(c.Path, "nothing.csv")
	if _, err := file.New(c); !errors.Is(err, intensity.ErrUnavailable) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	err := file.Config{Step: -1, Accounting: account.Accounting{Scope: "CO2"}}.Validate()
	for _, want := range []string{"name: required", "path: required", `scope: "CO2"`, `approach: ""`, "step: -1ns", "max_bytes: 0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
	if _, err := file.New(file.Config{}); err == nil {
		t.Error("New took a config that is not valid")
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	const head = "region,from,to,intensity\n"
	c := write(t, head+"GB,2026-01-28T12:00Z,2026-01-28T12:30Z,100\n")
	s := open(t, c)
	day := span(t, "2026-01-28T00:00:00Z", "2026-01-29T00:00:00Z")
	value := func() (string, error) {
		values, err := s.Fetch(t.Context(), "GB", day)
		if err != nil || len(values) != 1 {
			return "", err
		}
		return values[0].Value.Decimal(), nil
	}
	for _, tt := range []struct {
		text string
		age  time.Duration
		want string
		err  error
	}{
		{head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,101\n", -time.Minute, "101", nil},
		// The same length, and as new as the clock can tell: only the content differs.
		{head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,102\n", 0, "102", nil},
		{head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,10x\n", 0, "", intensity.ErrReply},
		{head + "FR,2026-01-28T12:00Z,2026-01-28T12:30Z,103\n", -time.Minute, "", intensity.ErrRegion},
		{head + "GB,2026-01-28T12:00Z,2026-01-28T12:30Z,104\n", time.Hour, "104", nil}, // a clock that is behind
	} {
		rewrite(t, c.Path, tt.text, tt.age)
		if got, err := value(); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%q: %q, %v; want %q, %v", tt.text, got, err, tt.want, tt.err)
		}
	}
	// Written over in place, within the same tick of the clock.
	now := time.Now()
	for _, v := range []string{"201", "202", "203"} {
		if err := os.WriteFile(c.Path, []byte(head+"GB,2026-01-28T12:00Z,2026-01-28T12:30Z,"+v+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(c.Path, now, now); err != nil {
			t.Fatal(err)
		}
		if got, err := value(); got != v || err != nil {
			t.Errorf("%q, %v; want %q", got, err, v)
		}
	}
	if err := os.Remove(c.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := value(); !errors.Is(err, intensity.ErrUnavailable) {
		t.Errorf("removed: %v", err)
	}
}

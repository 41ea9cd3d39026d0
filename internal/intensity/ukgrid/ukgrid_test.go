package ukgrid_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/intensity/intensitytest"
	"github.com/dendro-carbon/dendro/internal/intensity/ukgrid"
	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
	"github.com/dendro-carbon/dendro/unit"
)

func Example() {
	// A server that knows one half-hour; see Defaults for the public one.
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"data":[{"from":"2018-01-20T12:00Z","to":"2018-01-20T12:30Z",`+
			`"intensity":{"forecast":266,"actual":263,"index":"moderate"}}]}`)
	}))
	defer h.Close()
	c := ukgrid.Defaults()
	c.URL = h.URL
	s, err := ukgrid.New(c, h.Client(), slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	noon := time.Date(2018, 1, 20, 12, 0, 0, 0, time.UTC)
	values, err := s.Fetch(context.Background(), "GB", account.NewSpan(noon, noon.Add(time.Hour)))
	for _, v := range values {
		fmt.Println(v.Span, v.Value, v.Kind)
	}
	fmt.Println(err, s.Info().Accounting)
	// Output:
	// [2018-01-20T12:00:00Z, 2018-01-20T12:30:00Z) 263 gCO2e/kWh actual
	// [2018-01-20T12:00:00Z, 2018-01-20T12:30:00Z) 266 gCO2e/kWh forecast
	// <nil> combustion, location-based
}

// open returns a source over a server, with little patience.
func open(t testing.TB, url string) *ukgrid.Source {
	t.Helper()
	c := ukgrid.Defaults()
	c.URL, c.RetryFor, c.Timeout = url, 900*time.Millisecond, 5*time.Second
	s, err := ukgrid.New(c, http.DefaultClient, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func january(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, time.UTC) }

func TestConformance(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, tt := range map[string]struct {
		region string
		span   account.Span
		quirks ukgridtest.Quirks
	}{
		"nation":               {"GB", account.NewSpan(january(1, 0), january(2, 3)), ukgridtest.Quirks{}},
		"nation, odd replies":  {"GB", account.NewSpan(january(1, 0), january(2, 3)), ukgridtest.Quirks{ByEnd: true, Doubled: true, Shuffled: true}},
		"several ranges":       {"GB", account.NewSpan(january(1, 0), january(17, 0)), ukgridtest.Quirks{}},
		"past and future":      {"GB", account.NewSpan(time.Now().Add(-5*time.Hour), time.Now().Add(90*time.Hour)), ukgridtest.Quirks{}},
		"region by number":     {"GB-12", account.NewSpan(january(1, 0), january(2, 3)), ukgridtest.Quirks{}},
		"region as an array":   {"GB-South England", account.NewSpan(january(1, 0), january(2, 3)), ukgridtest.Quirks{Array: true, ByEnd: true}},
		"region by postcode":   {"GB-OX11", account.NewSpan(january(1, 0), january(2, 3)), ukgridtest.Quirks{Shuffled: true}},
		"region in the future": {"GB-SCT", account.NewSpan(time.Now().Add(-time.Hour), time.Now().Add(40*time.Hour)), ukgridtest.Quirks{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ukgridtest.Start(t)
			server.SetQuirks(tt.quirks)
			intensitytest.Run(t, intensitytest.Harness{
				Source: open(t, server.URL), Region: tt.region, Unknown: "GB-99", Span: tt.span,
				Nothing: account.NewSpan(time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2017, 1, 2, 0, 0, 0, 0, time.UTC)),
				Broken:  open(t, gone.URL),
			})
		})
	}
}

// want works out what a span must give from the server's formula alone.
func want(region string, number int, span account.Span, now time.Time) []account.Intensity {
	var out []account.Intensity
	for from := span.From; from.Before(span.To); from = from.Add(30 * time.Minute) {
		v := account.Intensity{
			Region: region, Span: account.NewSpan(from, from.Add(30*time.Minute)), Source: "ukgrid",
			Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
		}
		if number == 0 && !from.Add(time.Hour).After(now) {
			v.Value = unit.Intensity(ukgridtest.Actual(from) * 1_000_000)
			out = append(out, v)
		}
		v.Kind, v.Value = account.IntensityForecast, unit.Intensity(ukgridtest.Forecast(number, from)*1_000_000)
		out = append(out, v)
	}
	return out
}

func TestValues(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		region string
		number int
		span   account.Span
	}{
		"a half-hour":      {"GB", 0, account.NewSpan(january(5, 12), january(5, 12).Add(30*time.Minute))},
		"a year":           {"GB", 0, account.NewSpan(january(1, 0).AddDate(-1, 0, 0), january(1, 0))},
		"exactly a range":  {"GB", 0, account.NewSpan(january(1, 0), january(14, 23))},
		"a bit more":       {"GB", 0, account.NewSpan(january(1, 0), january(14, 23).Add(30*time.Minute))},
		"region":           {"GB-1", 1, account.NewSpan(january(1, 0), january(3, 0))},
		"lower case":       {"gb", 0, account.NewSpan(january(1, 0), january(20, 10))},
		"name":             {"gb-south east england", 14, account.NewSpan(january(1, 0), january(3, 0))},
		"country":          {"GB-WLS", 17, account.NewSpan(january(1, 0), january(3, 0))},
		"postcode":         {"GB-ox11", 12, account.NewSpan(january(1, 0), january(3, 0))},
		"postcode, London": {"GB-SW1A", 13, account.NewSpan(january(1, 0), january(3, 0))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ukgridtest.Start(t)
			server.SetNow(time.Now())
			values, err := open(t, server.URL).Fetch(t.Context(), tt.region, tt.span)
			if err != nil {
				t.Fatal(err)
			}
			if want := want(tt.region, tt.number, tt.span, time.Now()); !slices.Equal(want, values) {
				t.Errorf("(-want +got):\n%s", cmp.Diff(want, values))
			}
			for _, r := range server.Requests() {
				if agent := r.Header.Get("User-Agent"); !strings.HasPrefix(agent, "dendro/") {
					t.Errorf("user agent %q", agent)
				}
			}
		})
	}
}

// TestRequests counts requests for spans of the past: they do not grow with
// anything but the span.
func TestRequests(t *testing.T) {
	t.Parallel()
	server := ukgridtest.Start(t)
	s := open(t, server.URL)
	for _, tt := range []struct {
		span account.Span
		want int
	}{
		{account.NewSpan(january(5, 12), january(5, 12).Add(time.Minute)), 1},
		{account.NewSpan(january(1, 0), january(14, 23)), 1},
		{account.NewSpan(january(1, 0), january(14, 23).Add(time.Minute)), 2},
		{account.NewSpan(january(1, 0).AddDate(-1, 0, 0), january(1, 0)), 27},
		{account.NewSpan(time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)), 1},
		{account.NewSpan(time.Now().Add(60*time.Hour), time.Now().Add(80*time.Hour)), 0},
	} {
		before := len(server.Requests())
		if _, err := s.Fetch(t.Context(), "GB", tt.span); err != nil {
			t.Fatal(err)
		}
		if got := len(server.Requests()) - before; got != tt.want {
			t.Errorf("%v: %d requests, want %d", tt.span, got, tt.want)
		}
	}
	for _, r := range server.Requests() {
		if strings.Contains(r.URL.Path, ":00:00") || strings.Contains(r.URL.Path, "+") {
			t.Errorf("%s: times are to be without seconds and in UTC", r.URL.Path)
		}
	}
}

// TestFuture asks around the present: no actual of the future, forecasts for 48
// hours, and none after.
func TestFuture(t *testing.T) {
	t.Parallel()
	server := ukgridtest.Start(t)
	now := time.Now()
	span := account.NewSpan(now.Add(-2*time.Hour).Truncate(30*time.Minute), now.Add(100*time.Hour))
	values, err := open(t, server.URL).Fetch(t.Context(), "GB", span)
	if err != nil {
		t.Fatal(err)
	}
	last := map[account.IntensityKind]time.Time{}
	for _, v := range values {
		last[v.Kind] = v.Span.To
	}
	if a := last[account.IntensityActual]; a.After(now) || a.Before(now.Add(-90*time.Minute)) {
		t.Errorf("last actual ends at %v, now is %v", a, now)
	}
	if f := last[account.IntensityForecast]; f.After(now.Add(48*time.Hour)) || f.Before(now.Add(47*time.Hour)) {
		t.Errorf("last forecast ends at %v, now is %v", f, now)
	}
	if len(values) != len(want("GB", 0, account.NewSpan(span.From, last[account.IntensityForecast]), now)) {
		t.Errorf("%d values; some are missing", len(values))
	}
}

func TestCorrections(t *testing.T) {
	t.Parallel()
	server := ukgridtest.Start(t)
	s := open(t, server.URL)
	span := account.NewSpan(january(5, 12), january(5, 13))
	kinds := func() string {
		values, err := s.Fetch(t.Context(), "GB", span)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, v := range values {
			out = append(out, fmt.Sprint(v.Span.From.Format("15:04 "), v.Kind, " ", v.Value.Decimal()))
		}
		return strings.Join(out, ", ")
	}
	f1, f2 := ukgridtest.Forecast(0, january(5, 12)), ukgridtest.Forecast(0, january(5, 12).Add(30*time.Minute))
	server.SetNow(january(5, 12).Add(30 * time.Minute)) // nothing has an actual yet
	if got, want := kinds(), fmt.Sprintf("12:00 forecast %d, 12:30 forecast %d", f1, f2); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	server.SetNow(january(5, 13))
	server.SetActual(january(5, 12), 231)
	if got, want := kinds(), fmt.Sprintf("12:00 actual 231, 12:00 forecast %d, 12:30 forecast %d", f1, f2); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	server.SetNow(january(6, 0))
	server.SetActual(january(5, 12), 229) // corrected
	server.SetQuirks(ukgridtest.Quirks{Lost: map[time.Time]bool{january(5, 12).Add(30 * time.Minute): true}})
	if got, want := kinds(), fmt.Sprintf("12:00 actual 229, 12:00 forecast %d", f1); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestDoubled gives half-hours twice: the higher value counts, whatever the order,
// and it is said.
func TestDoubled(t *testing.T) {
	t.Parallel()
	server := ukgridtest.Start(t)
	server.SetQuirks(ukgridtest.Quirks{Doubled: true, Shuffled: true})
	var log bytes.Buffer
	c := ukgrid.Defaults()
	c.URL = server.URL
	s, err := ukgrid.New(c, http.DefaultClient, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	span := account.NewSpan(january(5, 0), january(6, 0))
	for range 3 {
		values, err := s.Fetch(t.Context(), "GB", span)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want("GB", 0, span, time.Now()), values); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if text := log.String(); !strings.Contains(text, "twice") || strings.Count(text, "\n") != 3 {
		t.Errorf("log: %s", text)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	type f = ukgridtest.Fault
	const one = `{"from":"2026-01-05T12:00Z","to":"2026-01-05T12:30Z","intensity":{"forecast":%s,"actual":263,"index":"low"}}`
	body := func(forecast string) string { return fmt.Sprintf(`{"data":[`+one+`]}`, forecast) }
	for name, tt := range map[string]struct {
		region string
		fault  f
		want   error
		says   string
	}{
		"down":              {"GB", ukgridtest.Down(), intensity.ErrUnavailable, "attempts"},
		"500":               {"GB", ukgridtest.Status(500, ""), intensity.ErrUnavailable, "status 500: as the test wants it"},
		"503, come later":   {"GB", ukgridtest.Status(503, "3600"), intensity.ErrUnavailable, "status 503"},
		"429":               {"GB", ukgridtest.Status(429, ""), intensity.ErrUnavailable, "attempts"},
		"403":               {"GB", ukgridtest.Status(403, ""), intensity.ErrUnavailable, "status 403"},
		"400":               {"GB", ukgridtest.Status(400, ""), intensity.ErrReply, "as the test wants it"},
		"400 of a region":   {"GB-12", ukgridtest.Status(400, ""), intensity.ErrReply, "as the test wants it"},
		"400 of a postcode": {"GB-ZZ99", nil, intensity.ErrRegion, "valid postcode"},
		"redirect to rest":  {"GB", ukgridtest.Status(304, ""), intensity.ErrReply, "status 304"},
		"cut off":           {"GB", ukgridtest.CutOff(), intensity.ErrUnavailable, "cut off"},
		"half":              {"GB", ukgridtest.Half(), intensity.ErrUnavailable, "ends early"},
		"empty":             {"GB", ukgridtest.Body(""), intensity.ErrUnavailable, "ends early"},
		"endless":           {"GB", ukgridtest.Endless(), intensity.ErrReply, "longer than"},
		"HTML":              {"GB", ukgridtest.Body("<html>We are working on it</html>"), intensity.ErrReply, "not as documented"},
		"error in 200":      {"GB", ukgridtest.Body(`{"error":{"code":"500 Internal Server Error","message":"oh"}}`), intensity.ErrUnavailable, "oh"},
		"bad error in 200":  {"GB", ukgridtest.Body(`{"error":{"code":"","message":"oh"}}`), intensity.ErrReply, "oh"},
		"other shape":       {"GB", ukgridtest.Body(`[1,2]`), intensity.ErrReply, "not as documented"},
		"no data":           {"GB", ukgridtest.Body(`{}`), intensity.ErrReply, "no data"},
		"null data":         {"GB-3", ukgridtest.Body(`{"data":null}`), intensity.ErrReply, "no data"},
		"data is a text":    {"GB", ukgridtest.Body(`{"data":"none"}`), intensity.ErrReply, "not as documented"},
		"rest behind":       {"GB", ukgridtest.Body(body("1") + "}"), intensity.ErrReply, "not as documented"},
		"text for a number": {"GB", ukgridtest.Body(body(`"lots"`)), intensity.ErrReply, "not as documented"},
		"negative":          {"GB", ukgridtest.Body(body("-1")), intensity.ErrReply, "half-hour 1 of 1"},
		"absurd":            {"GB", ukgridtest.Body(body("1e9")), intensity.ErrReply, "forecast"},
		"too exact":         {"GB", ukgridtest.Body(body("1.12345678")), intensity.ErrReply, "forecast"},
		"object":            {"GB", ukgridtest.Body(body("{}")), intensity.ErrReply, "not as documented"},
		"no intensity":      {"GB", ukgridtest.Replace(`"intensity"`, `"insanity"`), intensity.ErrReply, "it has no intensity"},
		"not a half-hour":   {"GB", ukgridtest.Replace("T12:30Z", "T12:31Z"), intensity.ErrReply, "not a half-hour"},
		"no time":           {"GB", ukgridtest.Replace("T12:00Z", ""), intensity.ErrReply, "is not a time"},
		"another region":    {"GB-3", ukgridtest.Replace(`"regionid":3`, `"regionid":4`), intensity.ErrReply, "region 4"},
		"no region":         {"GB-3", ukgridtest.Body(`{"data":[]}`), intensity.ErrReply, "0 regions"},
		"region, no data":   {"GB-3", ukgridtest.Body(`{"data":{"regionid":3}}`), intensity.ErrReply, "no data"},
		"region, a number":  {"GB-3", ukgridtest.Body(`{"data":7}`), intensity.ErrReply, "not as documented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ukgridtest.Start(t)
			server.FailAlways(tt.fault)
			values, err := open(t, server.URL).Fetch(t.Context(), tt.region, account.NewSpan(january(5, 12), january(5, 13)))
			if !errors.Is(err, tt.want) || len(values) != 0 || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), server.URL) {
				t.Errorf("%v, %v; want %v and %q", values, err, tt.want, tt.says)
			}
		})
	}
}

// TestRecovery fails once in each way that may pass; the second attempt succeeds.
func TestRecovery(t *testing.T) {
	t.Parallel()
	server := ukgridtest.Start(t)
	s := open(t, server.URL)
	span := account.NewSpan(january(5, 12), january(5, 13))
	for name, fault := range map[string]ukgridtest.Fault{
		"down": ukgridtest.Down(), "502": ukgridtest.Status(502, ""), "cut off": ukgridtest.CutOff(), "half": ukgridtest.Half(),
		"429": ukgridtest.Status(429, "0"), "429 until a date": ukgridtest.Status(429, "Thu, 01 Jan 2026 00:00:00 GMT"),
	} {
		server.Fail(fault)
		values, err := s.Fetch(t.Context(), "GB", span)
		if diff := cmp.Diff(want("GB", 0, span, time.Now()), values); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	server := ukgridtest.Start(t)
	server.FailAlways(ukgridtest.Hang())
	c := ukgrid.Defaults()
	c.URL = server.URL
	span := account.NewSpan(january(5, 12), january(5, 13))
	fetch := func(ctx context.Context, c ukgrid.Config) error {
		s, err := ukgrid.New(c, http.DefaultClient, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Fetch(ctx, "GB", span)
		return err
	}
	c.Timeout, c.RetryFor = 30*time.Millisecond, 0
	if err := fetch(t.Context(), c); !errors.Is(err, intensity.ErrUnavailable) || !strings.Contains(err.Error(), "no answer within 30ms") {
		t.Errorf("timeout: %v", err)
	}
	c.Timeout, c.RetryFor, c.Deadline = time.Minute, time.Hour, 40*time.Millisecond
	if err := fetch(t.Context(), c); !errors.Is(err, intensity.ErrUnavailable) || !strings.Contains(err.Error(), "not done after 40ms") {
		t.Errorf("deadline: %v", err)
	}
	c.Deadline = time.Hour
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(30*time.Millisecond, func() { cancel(io.ErrClosedPipe) })
	if err := fetch(ctx, c); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("cancelled while waiting for a reply: %v", err)
	}
	server.FailAlways(ukgridtest.Status(503, "3000"))
	ctx, cancel = context.WithCancelCause(t.Context())
	time.AfterFunc(100*time.Millisecond, func() { cancel(io.ErrClosedPipe) })
	if err := fetch(ctx, c); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("cancelled while waiting for the next attempt: %v", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := ukgrid.Defaults().Validate(); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		config ukgrid.Config
		want   string
	}{
		{ukgrid.Config{URL: "ftp://a", RetryFor: -1}, "name: required\nurl: \"ftp://a\" does not begin with http:// or https://\n" +
			"timeout: 0s is not a time to wait\nretry_for: -1ns is negative\ndeadline: 0s is not a time to wait\nmax_bytes: 0: at least 1024"},
		{ukgrid.Config{Name: "n", URL: "http://", Timeout: 1, Deadline: 1, MaxBytes: 1024}, `url: "http://" has no host, or a query or fragment`},
		{ukgrid.Config{Name: "n", URL: "http://a:b", Timeout: 1, Deadline: 1, MaxBytes: 1024}, `url: invalid port ":b" after host`},
	} {
		if err := tt.config.Validate(); err == nil || err.Error() != tt.want {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	if _, err := ukgrid.New(ukgrid.Config{}, http.DefaultClient, slog.Default()); err == nil {
		t.Error("New took a config that is not valid")
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	server := ukgridtest.Start(t)
	s := open(t, server.URL)
	span := account.NewSpan(january(5, 12), january(5, 13))
	for _, region := range ukgrid.Regions() {
		if values, err := s.Fetch(t.Context(), region, span); err != nil || len(values) < 2 {
			t.Errorf("%s: %v, %v", region, values, err)
		}
	}
	for region, hint := range map[string]string{
		"": "name one", "FR": "regions have names", "GB-0": `"GB-1"`, "GB-18": `"GB-1"`, "GB-012": `"GB-12"`, "GBR": `"GB"`,
		"GB-Londn": `"GB-London"`, "GB-": `"GB"`, "GB-A1/../..": "regions", "GB-OX11 0DE": "regions", "London": `"GB-London"`,
	} {
		if _, err := s.Fetch(t.Context(), region, span); !errors.Is(err, intensity.ErrRegion) || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v, want %q", region, err, hint)
		}
	}
}

func BenchmarkFetchYear(b *testing.B) {
	server := ukgridtest.Start(b)
	s := open(b, server.URL)
	year := account.NewSpan(january(1, 0).AddDate(-1, 0, 0), january(1, 0))
	b.ReportAllocs()
	for b.Loop() {
		if v, err := s.Fetch(b.Context(), "GB", year); err != nil || len(v) != 2*17_520 {
			b.Fatal(len(v), err)
		}
	}
}

package prom_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/prom"
)

// client returns a client of a server that answers with a handler.
func client(t *testing.T, handler http.HandlerFunc, change func(*prom.Config)) *prom.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c := prom.Defaults()
	c.URL, c.RetryFor = server.URL+"/base", 0
	if change != nil {
		change(&c)
	}
	out, err := prom.New(c, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const empty = `{"status":"success","data":{"resultType":"matrix","result":[]}}`

func read(ctx context.Context, c *prom.Client) error {
	_, err := c.RangeRead(ctx, prom.Metric("m").And(prom.Matcher{Label: "a", Value: `x"y`}), prom.Window{From: 1000, To: 61_500},
		func(*prom.Series) error { return nil })
	return err
}

func TestRequest(t *testing.T) {
	t.Parallel()
	var got *http.Request
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		got = r
		fmt.Fprint(w, empty)
	}, func(c *prom.Config) {
		c.BearerToken = "s3cret"
		c.Header = map[string]prom.Secret{"X-Scope-OrgID": "ada"}
	})
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got.URL.Path != "/base/api/v1/query" || got.Method != http.MethodPost {
		t.Errorf("%s %s", got.Method, got.URL.Path)
	}
	for name, want := range map[string]string{"Authorization": "Bearer s3cret", "X-Scope-OrgID": "ada", "Accept-Encoding": "identity"} {
		if h := got.Header.Get(name); h != want {
			t.Errorf("%s: %q, want %q", name, h, want)
		}
	}
	want := map[string]string{
		"query": `{__name__="m",a="x\"y"}[60501ms]`, "time": "61.500", "partial_response": "false", "deny_partial_response": "1",
	}
	form := map[string]string{}
	for key := range got.Form {
		form[key] = got.Form.Get(key)
	}
	if d := cmp.Diff(want, form); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBasicAuthentication(t *testing.T) {
	t.Parallel()
	var user, password string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ = r.BasicAuth()
		fmt.Fprint(w, empty)
	}, func(c *prom.Config) { c.User, c.Password = "ada", "s3cret" })
	if err := read(t.Context(), c); err != nil || user != "ada" || password != "s3cret" {
		t.Errorf("%q %q %v", user, password, err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		kind   prom.Kind
		want   []string
	}{
		"no such path":       {404, "404 page not found\n", prom.Unsupported, []string{": 404 Not Found", `"404 page not found"`, "/api/v1 lies"}},
		"bad query":          {400, `{"status":"error","errorType":"bad_data","error":"parse error"}`, prom.Refused, []string{": 400 Bad Request", `"parse error"`}},
		"credentials":        {401, "who are you", prom.Refused, []string{"check user"}},
		"too many samples":   {422, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}`, prom.TooMuch, []string{"limit of samples"}},
		"VictoriaMetrics":    {422, `{"status":"error","errorType":"422","error":"cannot select more than -search.maxSamplesPerQuery=100 samples"}`, prom.TooMuch, nil},
		"a query that fails": {422, `{"status":"error","errorType":"execution","error":"block is gone"}`, prom.Refused, []string{"block is gone"}},
		"too large":          {413, "", prom.TooMuch, nil},
		"timeout":            {503, `{"status":"error","errorType":"timeout","error":"query timed out"}`, prom.Unavailable, []string{"query timed out", "server's log"}},
		"broken":             {500, "<html>\x00\n\xff " + strings.Repeat("x", 500), prom.Unavailable, []string{"…"}},
		"busy":               {429, "slow down", prom.Unavailable, []string{"429 Too Many Requests"}},
		"elsewhere":          {302, "", prom.Refused, []string{"https://login.example.org/"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			client := client(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				w.Header().Set("Location", "https://login.example.org/")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}, func(c *prom.Config) { c.URL = strings.Replace(c.URL, "http://", "http://ada:s3cret@", 1) })
			err := client.Retry(t.Context(), func(ctx context.Context) error { return read(ctx, client) })
			kind, ours := prom.KindOf(err)
			if !ours || kind != c.kind || asked != 1 {
				t.Fatalf("kind %d after %d requests: %v; want kind %d", kind, asked, err, c.kind)
			}
			for _, part := range append(c.want, "read raw samples by range selector: POST http://127.0.0.1:", "/base/api/v1/query") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v lacks %q", err, part)
				}
			}
			if text := err.Error(); strings.Contains(text, "s3cret") || strings.Contains(text, "\n") || len(text) > 800 {
				t.Errorf("message %q", text)
			}
		})
	}
}

// TestRetry runs a server that fails twice: what is retried is answered.
func TestRetry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail func(w http.ResponseWriter)
		want int // requests
	}{
		"503 with a time": {func(w http.ResponseWriter) { w.Header().Set("Retry-After", "1"); w.WriteHeader(503) }, 3},
		"429":             {func(w http.ResponseWriter) { w.WriteHeader(429) }, 3},
		"cut off": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, empty[:40])
		}, 3},
		"partial":      {func(w http.ResponseWriter) { fmt.Fprint(w, empty[:len(empty)-1]+`,"warnings":["store down"]}`) }, 3},
		"bad request":  {func(w http.ResponseWriter) { w.WriteHeader(400) }, 1},
		"a day's wait": {func(w http.ResponseWriter) { w.Header().Set("Retry-After", "86400"); w.WriteHeader(503) }, 1},
		"not JSON":     {func(w http.ResponseWriter) { fmt.Fprint(w, "<html>") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			client := client(t, func(w http.ResponseWriter, r *http.Request) {
				if asked++; asked < 3 {
					c.fail(w)
					return
				}
				fmt.Fprint(w, empty)
			}, func(c *prom.Config) { c.RetryFor = time.Minute })
			err := client.Retry(t.Context(), func(ctx context.Context) error { return read(ctx, client) })
			if asked != c.want || (err == nil) != (c.want == 3) {
				t.Errorf("%d requests, %v; want %d", asked, err, c.want)
			}
		})
	}
}

// TestRetryEnds checks the waits: they grow, and end with RetryFor.
func TestRetryEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := prom.Defaults()
		c.URL, c.RetryFor = "http://localhost", time.Minute
		client, err := prom.New(c, &http.Client{Transport: down{}})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		var waits []time.Duration
		last := begin
		err = client.Retry(t.Context(), func(ctx context.Context) error {
			waits = append(waits, time.Since(last))
			last = time.Now()
			return read(ctx, client)
		})
		if took := time.Since(begin); took < 30*time.Second || took > time.Minute {
			t.Errorf("gave up after %v", took)
		}
		for i := 1; i < len(waits); i++ { // each in the upper half of its range
			longest := min(20*time.Second, 250*time.Millisecond<<i)
			if waits[i] < longest/2 || waits[i] > longest {
				t.Errorf("wait %d is %v, longest %v", i, waits[i], longest)
			}
		}
		if want := fmt.Sprintf("after %d attempts: read raw", len(waits)); !strings.HasPrefix(err.Error(), want) || !errors.Is(err, errDown) {
			t.Errorf("%v, want %q", err, want)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, errDown)
		defer cancel()
		begin = time.Now()
		if err := client.Retry(ctx, func(ctx context.Context) error { return read(ctx, client) }); !errors.Is(err, errDown) || time.Since(begin) != 5*time.Second {
			t.Errorf("%v after %v; the context ended after 5s", err, time.Since(begin))
		}
	})
}

var errDown = errors.New("connection refused")

type down struct{}

func (down) RoundTrip(*http.Request) (*http.Response, error) { return nil, errDown }

func TestStall(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	for _, first := range []string{"", empty[:20]} {
		c := client(t, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, first)
			if first != "" {
				w.(http.Flusher).Flush()
			}
			<-release
		}, func(c *prom.Config) { c.Stall = 30 * time.Millisecond })
		err := read(t.Context(), c)
		if kind, _ := prom.KindOf(err); err == nil || kind != prom.Unavailable || !strings.Contains(err.Error(), "no byte came for too long (30ms)") {
			t.Errorf("after %q: %v", first, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	c := client(t, func(w http.ResponseWriter, r *http.Request) { cancel(); <-release },
		func(c *prom.Config) { c.RetryFor = time.Hour })
	if err := c.Retry(ctx, func(ctx context.Context) error { return read(ctx, c) }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRemoteReadThatIsNotOffered(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"no such path": http.NotFound,
		"samples only": func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Type", "application/x-protobuf") },
	} {
		err := client(t, handler, nil).RemoteRead(t.Context(), prom.Metric("m"), prom.Window{}, nil, nil)
		if kind, ours := prom.KindOf(err); !ours || kind != prom.Unsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorOfTheFunctionComesBack(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[2,"1"]]}]}}`)
	}, nil)
	_, err := c.RangeRead(t.Context(), prom.Metric("m"), prom.Window{To: 5000}, func(*prom.Series) error { return errDown })
	if err != errDown {
		t.Errorf("%v", err)
	}
}

func TestLabelValuesAndList(t *testing.T) {
	t.Parallel()
	var queries []string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		queries = append(queries, r.Method+" "+r.URL.Path+" "+r.Form.Encode())
		if strings.HasSuffix(r.URL.Path, "series") {
			fmt.Fprint(w, `{"status":"success","data":[{"__name__":"m","a":"1"},{"b":"2"}]}`)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":["b","a","b"]}`)
	}, nil)
	values, err := c.LabelValues(t.Context(), "host", prom.Metric("m"), prom.Window{From: 0, To: 5000})
	if d := cmp.Diff([]string{"a", "b"}, values); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	var names []string
	err = c.List(t.Context(), prom.Metric("m"), prom.Window{From: 1000, To: 5000}, func(s *prom.Series) error {
		for name, value := range s.Labels() {
			names = append(names, string(name)+"="+string(value))
		}
		return nil
	})
	if d := cmp.Diff([]string{"__name__=m", "a=1", "b=2"}, names); d != "" || err != nil {
		t.Errorf("%v %s", err, d)
	}
	want := []string{
		"GET /base/api/v1/label/host/values end=5.000&match%5B%5D=%7B__name__%3D%22m%22%7D",
		"POST /base/api/v1/series end=5.000&match%5B%5D=%7B__name__%3D%22m%22%7D&start=1.000",
	}
	if d := cmp.Diff(want, queries); d != "" {
		t.Error(d)
	}
}

func TestExternalLabels(t *testing.T) {
	t.Parallel()
	config, _ := json.Marshal("global:\n  scrape_interval: 15s\n  external_labels:\n    cluster: \"1\"\nscrape_configs:\n- job_name: x\n")
	for body, want := range map[string]map[string]string{
		`{"status":"success","data":{"yaml":` + string(config) + `}}`: {"cluster": "1"},
		`{"status":"success","data":{"yaml":""}}`:                     nil,
		`404`: nil,
	} {
		c := client(t, func(w http.ResponseWriter, r *http.Request) {
			if body == "404" {
				http.NotFound(w, r)
				return
			}
			fmt.Fprint(w, body)
		}, nil)
		got, err := c.ExternalLabels(t.Context())
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", body, err, d)
		}
	}
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"status":"success","data":{"yaml":"\t- ["}}`)
	}, nil)
	if _, err := c.ExternalLabels(t.Context()); err == nil {
		t.Error("a configuration that is not YAML: want an error")
	}
}

func TestConfigThatIsNotValid(t *testing.T) {
	t.Parallel()
	_, err := prom.New(prom.Config{URL: "localhost:9090", BearerToken: "t", User: "u", RetryFor: -1}, http.DefaultClient)
	for _, part := range []string{"url: ", "bearer_token: ", "stall: ", "retry_for: "} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %q", err, part)
		}
	}
	for _, u := range []string{"", "http://", "ftp://x", "http://x?y=z", "http://u:s3cret@x:port"} {
		c := prom.Defaults()
		c.URL = u
		if err := c.Validate(); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	c := prom.Config{User: "ada", Password: "s3cret", BearerToken: "s3cret", Header: map[string]prom.Secret{"X": "s3cret"}}
	text, err := json.Marshal(c)
	all := fmt.Sprintf("%v %+v %#v %s %v", c, c, c, text, err)
	if strings.Contains(all, "s3cret") || !strings.Contains(all, "[redacted]") {
		t.Error(all)
	}
}

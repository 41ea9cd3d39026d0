package promtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

func TestServerHoldsTheSamples(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 28, 12, 0, 0, 123e6, time.UTC)
	hostile := "a\"b\\c\nd}{é"
	s := promtest.Start(t, promtest.Options{
		Flags: []string{"--web.external-url=http://localhost/base/"}, Prefix: "/base",
		Text: func(w io.Writer) error {
			out := promtest.NewWriter(w)
			out.Series("node_cpu_seconds_total", "instance", hostile, "mode", "idle")
			out.Sample(at, 1234.56)
			out.Sample(at.Add(15*time.Second), 1e300)
			return out.Close()
		},
	})
	resp, err := http.PostForm(s.URL+"/api/v1/query", url.Values{
		"query": {"node_cpu_seconds_total[1m]"}, "time": {"2026-01-28T12:01:00Z"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got struct {
		Data struct{ Result []any }
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{
		"metric": map[string]any{"__name__": "node_cpu_seconds_total", "instance": hostile, "mode": "idle"},
		"values": []any{[]any{1769601600.123, "1234.56"}, []any{1769601615.123, "1e+300"}},
	}}
	if d := cmp.Diff(want, got.Data.Result); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFleetIsTheSameAgain(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fleet := promtest.Fleet{Hosts: 3, CPUs: 2, From: from, To: from.Add(time.Minute), Step: 15 * time.Second}
	var a, b lines
	if err := fleet.Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := fleet.Write(&b); err != nil {
		t.Fatal(err)
	}
	// Host 0 is scraped on the step, five times; the others four times.
	if want := (5+4+4)*(1+2*8) + 1; a.n != want || string(a.text) != string(b.text) {
		t.Errorf("%d lines, want %d and the same twice", a.n, want)
	}
}

type lines struct {
	text []byte
	n    int
}

func (l *lines) Write(p []byte) (int, error) {
	for _, c := range p {
		if c == '\n' {
			l.n++
		}
	}
	l.text = append(l.text, p...)
	return len(p), nil
}

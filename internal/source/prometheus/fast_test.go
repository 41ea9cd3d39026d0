package prometheus_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// TestFastMode compares with what the server itself says of each slot, and of
// hosts that are seen all the time with the exact facts.
func TestFastMode(t *testing.T) {
	t.Parallel()
	f := few()
	f.add(host{instance: `a"}\:9100`, project: `x"} or vector(1) #`, machine: "é\n", cpus: 1, seen: []span{{-20, 80}}})
	server := promtest.Start(t, promtest.Options{Text: f.write})
	fast := func(c *prometheus.Config) { c.Mode = prometheus.Fast }
	exact, quick := readAll(t, open(t, server.URL, nil), hour(t)), readAll(t, open(t, server.URL, fast), hour(t))
	for k, r := range quick {
		if o := r.Facts.Origins; len(o) != 1 || !o[0].Extrapolated || exact[k].Facts.Origins[0].Extrapolated {
			t.Errorf("origins %+v", o)
		}
		slow := map[account.Subject]account.Fact{}
		for _, x := range exact[k].Facts.Facts {
			slow[exact[k].Facts.Subjects[x.Subject]] = x
		}
		for _, x := range r.Facts.Facts {
			s := r.Facts.Subjects[x.Subject]
			want := increases(t, server.URL, s.Labels.Get("instance"), r.Facts.Slot.To)
			if got := [2]int64{int64(x.Busy), int64(x.Idle)}; got != want {
				t.Errorf("%v %v: busy and idle %v, the server says %v", r.Facts.Slot.From, s, got, want)
			}
			if gap := s.Host == "gap"; !gap && (apart(x.Busy, slow[s].Busy) || apart(x.Idle, slow[s].Idle)) {
				t.Errorf("%v: %+v, exactly %+v", s, x, slow[s])
			}
		}
		if len(r.Facts.Facts) != len(exact[k].Facts.Facts) {
			t.Errorf("slot %v: %d facts, exactly %d", r.Facts.Slot, len(r.Facts.Facts), len(exact[k].Facts.Facts))
		}
	}
}

// apart reports whether two amounts differ by more than 2 %.
func apart[T ~int64](a, b T) bool { return math.Abs(float64(a-b)) > 0.02*float64(b) }

// increases asks the server for the busy and idle microseconds of a host.
func increases(t *testing.T, server, instance string, at time.Time) (out [2]int64) {
	t.Helper()
	for i, modes := range []string{`!~"idle|iowait"`, `=~"idle|iowait"`} {
		query := fmt.Sprintf(`sum(increase(node_cpu_seconds_total{instance=%q,mode%s}[30m]))`, instance, modes)
		resp, err := http.PostForm(server+"/api/v1/query", url.Values{"query": {query}, "time": {at.Format(time.RFC3339)}})
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var reply struct {
			Data struct {
				Result []struct{ Value [2]any }
			}
		}
		if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || len(reply.Data.Result) != 1 {
			t.Fatalf("%s: %v %+v", query, err, reply)
		}
		v, err := strconv.ParseFloat(reply.Data.Result[0].Value[1].(string), 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = int64(math.RoundToEven(v * 1e6))
	}
	return out
}

// TestFastModeWithCuts divides what the server says as the raw samples say: work
// done before a cut stays before it.
func TestFastModeWithCuts(t *testing.T) {
	t.Parallel()
	f := &fixture{}
	f.add(host{instance: "a:9100", project: "p", machine: "m", cpus: 1, seen: []span{{-20, 80}}})
	for _, s := range f.series { // works until ten past, then not at all
		value := 0.0
		for i := range s.samples {
			if minute := s.samples[i].at - noon().UnixMilli(); minute < 600_000 || s.get("mode") == "idle" {
				value += 5
			}
			s.samples[i].value = value
		}
	}
	server := promtest.Start(t, promtest.Options{Text: f.write})
	s := open(t, server.URL, func(c *prometheus.Config) { c.Mode = prometheus.Fast })
	whole := readAll(t, s, hour(t))
	r := hour(t)
	r.Cuts = map[string][]time.Time{"a": {noon().Add(11 * time.Minute), noon().Add(40 * time.Minute)}}
	cut := readAll(t, s, r)
	a, b := cut[0].Facts.Facts[0], cut[0].Facts.Facts[1]
	w := whole[0].Facts.Facts[0]
	if a.Busy != w.Busy || b.Busy != 0 || a.Idle+b.Idle != w.Idle || a.Idle == 0 || b.Idle == 0 {
		t.Errorf("cut %+v and %+v, whole %+v", a, b, w)
	}
	if len(cut[1].Facts.Facts) != 2 {
		t.Errorf("%d facts in the second slot", len(cut[1].Facts.Facts))
	}
	for _, one := range [][]source.Reading{whole, cut} {
		for _, x := range one {
			if err := x.Facts.Validate(); err != nil {
				t.Error(err)
			}
		}
	}
}

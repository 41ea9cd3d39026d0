package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/window"
)

// oneWindow is an archive of one window.
type oneWindow struct{ w *window.Window }

func (o oneWindow) Files() ([]scored.File, error) {
	return []scored.File{{Number: 3, Name: "windows.ndjson"}}, nil
}

func (o oneWindow) Read(_ context.Context, f scored.File, yield func(*scored.Window) error) error {
	return yield(&scored.Window{At: account.Mark{File: 3, Seq: 17}, Time: begin, File: f.Name, Window: o.w})
}

// withWindows gives a server an archive of one window of the tests' slot.
func withWindows(t testing.TB) func(*api.Deps) {
	t.Helper()
	c := window.Defaults()
	c.Places = map[string]window.Place{"pl": {Annual: 600, PUE: 1.2}}
	at := begin.UnixNano()
	w, err := window.Score(c, []window.Span{
		{Service: "Cart", Region: "PL", Kind: window.KindSQL, Start: at}, {Service: "mail", Kind: window.KindSQL, Start: at},
	}, window.Conditions{From: at, To: begin.Add(time.Minute).UnixNano(), Drops: []window.Drop{{Reason: "overload", Spans: 4}}})
	check(t, err)
	return func(d *api.Deps) {
		d.Windows = scored.New(scored.Defaults(d.Store.Calendar().Grid()), oneWindow{&w})
		d.Services = func() *api.Services {
			return &api.Services{Meters: []api.Meter{{Name: "kepler", Trouble: "no answer"}}}
		}
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	s := serve(t, withWindows(t))
	status, body, _ := s.get(t, "/api/v1/services?from=2026-01-15T12:00Z&to=2026-01-15T12:30Z&step=slot")
	var got struct {
		From  time.Time
		Cells []struct {
			Service, Kind, Region string
			RegionKind            string `json:"region_kind"`
			Ledger                *struct{ Series []any }
			Scored                *struct {
				Operations  uint64
				Operational *float64 `json:"operational_gco2e"`
				High        float64  `json:"high_gco2e"`
			}
		}
		Scored struct {
			Windows int
			Drops   []scored.Drop
		}
		Archive struct{ Complete bool }
		Now     struct{ Meters []struct{ Trouble string } }
	}
	check(t, json.Unmarshal([]byte(body), &got))
	if status != http.StatusOK || !got.From.Equal(begin) || got.Scored.Windows != 1 || got.Scored.Drops[0].Spans != 4 || !got.Archive.Complete {
		t.Fatalf("%d: %s", status, body)
	}
	cells := map[string]bool{}
	for _, c := range got.Cells {
		cells[c.Service+"/"+c.Kind+"/"+c.Region+"/"+c.RegionKind] = true
		switch {
		case c.Service == "cart" && (c.Scored.Operations != 1 || c.Scored.Operational == nil):
			t.Errorf("cart: %+v", c.Scored)
		case c.Service == "mail" && (c.Scored.Operational != nil || c.Scored.High == 0):
			t.Errorf("mail, whose region is not known: %+v", c.Scored)
		}
	}
	if !cells["cart/account/pl/account"] || !cells["mail/account//unknown"] {
		t.Errorf("%v", cells)
	}
	if len(got.Now.Meters) != 1 || got.Now.Meters[0].Trouble != "no answer" {
		t.Errorf("%+v", got.Now)
	}
}

func TestServiceWindows(t *testing.T) {
	t.Parallel()
	s := serve(t, withWindows(t))
	const query = "/api/v1/services/windows?from=2026-01-15&to=2026-01-15"
	status, body, _ := s.get(t, query)
	if status != http.StatusOK || !strings.Contains(body, `"number":3,"seq":17,`) || !strings.Contains(body, `"drops":[{"reason":"overload","spans":4}]`) {
		t.Errorf("%d: %s", status, body)
	}
	if status, body, _ = s.get(t, query+"&before=3.17"); status != http.StatusOK || !strings.Contains(body, `"windows":[]`) {
		t.Errorf("before the first: %d: %s", status, body)
	}
	for bad, want := range map[string]string{
		"/api/v1/services/windows?before=x": "not the next of a page", "/api/v1/services/windows?limit=0": "limit",
		"/api/v1/services?step=1w": "not a step", "/api/v1/services?by=group": "not a parameter",
		"/api/v1/services?month=x": "not a month", "/api/v1/services/windows?month=x": "not a month",
	} {
		if status, body, _ := s.get(t, bad); status/100 != 4 || !strings.Contains(body, want) {
			t.Errorf("%s: %d: %s", bad, status, body)
		}
	}
}

func TestNoArchive(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	for _, path := range []string{"/api/v1/services", "/api/v1/services/windows"} {
		if status, body, _ := s.get(t, path); status != http.StatusNotFound || !strings.Contains(body, "services.receive") {
			t.Errorf("%s: %d: %s", path, status, body)
		}
	}
}

// A rest of the ledger stands beside what windows say of it.
func TestServiceRests(t *testing.T) {
	t.Parallel()
	s := serve(t, func(d *api.Deps) {
		at := begin.UnixNano()
		w, err := window.Score(window.Defaults(), []window.Span{{Service: "cart", Kind: window.KindSQL, Start: at}}, window.Conditions{
			From: at, To: begin.Add(time.Minute).UnixNano(),
			Readings: []window.Reading{{Source: window.EnergyKepler, Services: []string{"mail"}, From: at, To: at + 1, KWh: 1}},
		})
		check(t, err)
		slot := d.Store.Calendar().Grid().Slot(begin.Add(time.Hour))
		labels, err := account.LabelsOf("meter", "kepler_ebpf")
		check(t, err)
		b := &account.Batch{
			Slot: slot, KnownAt: begin.Add(2 * time.Hour), Origins: []account.Origin{{Source: "services"}},
			Subjects: []account.Subject{{Kind: account.SubjectIdle, Host: "kepler_ebpf", Labels: labels}},
			Facts:    []account.Fact{{To: slot.Length(), Scored: 1_000_000_000}},
		}
		method, err := ledger.MethodAt(t.Context(), d.Store, time.Time{})
		check(t, err)
		deriver, err := derive.New(method, derive.Known{At: b.KnownAt})
		check(t, err)
		entries, err := deriver.Derive(b)
		check(t, err)
		check(t, d.Store.Commit(t.Context(), ledger.Commit{Slot: slot, Revision: 1, KnownAt: b.KnownAt, Facts: b, Entries: entries}))
		d.Windows = scored.New(scored.Defaults(d.Store.Calendar().Grid()), oneWindow{&w})
	})
	_, body, _ := s.get(t, "/api/v1/services?from=2026-01-15&to=2026-01-15")
	var got struct {
		Cells []struct {
			Kind           string
			RegionKind     string `json:"region_kind"`
			Ledger, Scored *struct {
				Energy float64 `json:"energy_kwh"`
			}
		}
	}
	check(t, json.Unmarshal([]byte(body), &got))
	if len(got.Cells) != 2 {
		t.Fatalf("%s", body)
	}
	idle := got.Cells[1]
	if idle.Kind != "idle" || idle.RegionKind != "unknown" || idle.Ledger == nil || idle.Scored == nil || idle.Ledger.Energy != 1 || idle.Scored.Energy != 1 {
		t.Errorf("%s", body)
	}
}

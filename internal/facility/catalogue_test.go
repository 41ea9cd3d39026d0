package facility_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/facility"
)

// TestNamesFollowTheLedger holds that a server which has read the ledger before lists
// the same names as one that reads it for the first time, whatever has changed: a slot is
// closed, one of the past is filled in, one is restated, and 90 days go by.
func TestNamesFollowTheLedger(t *testing.T) {
	t.Parallel()
	clock := now()
	f := newFixture(t, func(d *facility.Deps) { d.Now = func() time.Time { return clock } })
	one := func(machine string) []host {
		return []host{{[]string{
			"cloud_project_name", "IDAaaS", "machine_name", machine, "instance", machine, "user", "user of " + machine, "experiment", "RB " + machine,
		}, 900, 900}}
	}
	known := now()
	change := func(from time.Time, number int, machine string) func() {
		return func() {
			known = known.Add(time.Second)
			revise(t, f.deps.Store, method(), revision{from, number, known}, one(machine))
		}
	}
	next, past := begin().Add(time.Hour), begin().AddDate(0, 0, -3)
	for _, step := range []struct {
		name    string
		change  func()
		has, no string
	}{
		{"as it is", func() {}, "IDAaaS_Muon", "IDAaaS_New"},
		{"a slot is closed", change(next, 1, "New"), "IDAaaS_New", "IDAaaS_Past"},
		{"one of the past", change(past, 1, "Past"), "IDAaaS_Past", "IDAaaS_Late"},
		{"it is restated", change(past, 2, "Late"), "IDAaaS_Late", "IDAaaS_Past"},
		{"a later day is closed", change(next.AddDate(0, 0, 1), 1, "Next"), "IDAaaS_Next", "IDAaaS_Past"},
		{"two at once", func() {
			change(next.AddDate(0, 0, 2), 1, "Both")()
			change(past.Add(time.Hour), 1, "Before")()
		}, "IDAaaS_Before", "IDAaaS_Past"},
		{"the past is over", func() { clock = past.AddDate(0, 0, 91) }, "IDAaaS_Muon", "IDAaaS_Late"},
		{"all is over", func() { clock = clock.AddDate(0, 0, 91) }, `"count":0`, "IDAaaS"},
	} {
		step.change()
		fresh := http.NewServeMux()
		facility.New(f.deps).Register(fresh)
		for _, path := range []string{"/groups", "/experiments", "/groups/IDAaaS_Late/usage", "/users/user%20of%20Past/usage"} {
			want := httptest.NewRecorder()
			fresh.ServeHTTP(want, httptest.NewRequest(http.MethodGet, path, nil))
			got := f.ask(path, "")
			if d := cmp.Diff(want.Body.String(), got.Body.String()); d != "" || got.Code != want.Code {
				t.Errorf("%s: %s: (-fresh %d +got %d):\n%s", step.name, path, want.Code, got.Code, d)
			}
		}
		if body := f.ask("/groups", "").Body.String(); !strings.Contains(body, step.has) || strings.Contains(body, step.no) {
			t.Errorf("%s: want %s and not %s: %s", step.name, step.has, step.no, body)
		}
	}
}

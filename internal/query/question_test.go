package query_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/query"
)

func TestParse(t *testing.T) {
	t.Parallel()
	asked := query.Asked{
		By: []string{"facility, group", "user"}, Where: []string{"group=A=b", "user=x", "user=y", "user="},
		Window: query.Window{Month: "2026-01"}, Step: "30m", Sort: "energy", Top: "3", AsKnownAt: "2026-02-01",
	}
	got, err := asked.Parse(calendar(t), at(t, "2026-04-10T12:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	want := query.Question{
		Span: account.NewSpan(at(t, "2026-01-01T00:00:00Z"), at(t, "2026-02-01T00:00:00Z")),
		Step: account.StepSlot, At: at(t, "2026-02-01T00:00:00Z"),
		View: account.View{
			By: []string{"facility", "group", "user"}, Sort: account.SortEnergy, Top: 3,
			Where: account.Filter{{Label: "group", Values: []string{"A=b"}}, {Label: "user", Values: []string{"x", "y", ""}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestParseTellsAll holds that all that is wrong is said at once, each with
// what to do.
func TestParseTellsAll(t *testing.T) {
	t.Parallel()
	asked := query.Asked{
		By: []string{"a,b,a"}, Where: []string{"facility"}, Window: query.Window{Month: "May"},
		Step: "7m", Sort: "size", Top: "-1", AsKnownAt: "now",
	}
	_, err := asked.Parse(calendar(t), at(t, "2026-04-10T12:00:00Z"))
	if !errors.Is(err, query.ErrQuestion) {
		t.Fatalf("got %v, want a question refused", err)
	}
	if list, ok := errors.AsType[diag.List](err); !ok || len(list) != 7 {
		t.Errorf("got %d problems, want 7", len(list))
	}
	for _, part := range []string{
		`by: "a" is named twice`, `where: "facility" is not a label`, `month: "May"`, `step: "7m"`, "use slot (30m here), 1h, 1d or 1mo",
		`sort: "size"`, `top: "-1"`, `as_known_at: "now"`,
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestParseRefusesEndlessSeries(t *testing.T) {
	t.Parallel()
	asked := query.Asked{Window: query.Window{From: "1990-01-01", To: "2026-01-01"}, Step: "slot"}
	if _, err := asked.Parse(calendar(t), at(t, "2026-04-10T12:00:00Z")); !errors.Is(err, query.ErrQuestion) {
		t.Errorf("got %v, want a question refused", err)
	}
	asked.Step = "1mo"
	if _, err := asked.Parse(calendar(t), at(t, "2026-04-10T12:00:00Z")); err != nil {
		t.Error(err)
	}
}

func TestFromValues(t *testing.T) {
	t.Parallel()
	values, err := url.ParseQuery("by=facility,group&by=user&where=a%3Db&month=2026-01&step=1d&sort=name&top=2&as_known_at=2026-02-01")
	if err != nil {
		t.Fatal(err)
	}
	asked, err := query.FromValues(values)
	if err != nil {
		t.Fatal(err)
	}
	want := query.Asked{
		By: []string{"facility,group", "user"}, Where: []string{"a=b"}, Window: query.Window{Month: "2026-01"},
		Step: "1d", Sort: "name", Top: "2", AsKnownAt: "2026-02-01",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(values, asked.Values()); diff != "" {
		t.Errorf("and back: %s", diff)
	}
}

func TestFromValuesRefused(t *testing.T) {
	t.Parallel()
	_, err := query.FromValues(url.Values{"steps": {"1h"}, "from": {"2026-01-01", "2026-01-02"}})
	if !errors.Is(err, query.ErrQuestion) {
		t.Fatalf("got %v, want a question refused", err)
	}
	for _, part := range []string{"steps: not a parameter", "from: given more than once"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// FuzzAsked holds that no text makes a question that is outside its bounds, and
// that what a URL says is what the flags say.
func FuzzAsked(f *testing.F) {
	f.Add("by=facility&month=2026-01&step=1d")
	f.Add("from=2026-03-29&to=2026-03-29T12:00:00%2B01:00&step=slot&where=a%3Db&top=5&sort=name")
	f.Add("quarter=2026-Q4&as_known_at=2026-10-25T00:30Z")
	f.Add("from=0001-01-01T00:00Z&to=2199-12-31T23:59:59.999999999Z&step=1mo")
	c := calendar(f)
	now := at(f, "2026-04-10T12:00:00Z")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		asked, err := query.FromValues(values)
		if err != nil {
			return
		}
		q, err := asked.Parse(c, now)
		if err != nil {
			if !errors.Is(err, query.ErrQuestion) {
				t.Fatalf("%q: %v is no refusal", text, err)
			}
			return
		}
		if q.Span.IsEmpty() || !c.Grid().Starts(q.Span.From) || !c.Grid().Starts(q.Span.To) {
			t.Errorf("%q: window %v is not made of slots", text, q.Span)
		}
		again, err := query.FromValues(asked.Values())
		if err != nil {
			t.Fatal(err)
		}
		second, err := again.Parse(c, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(q, second); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}

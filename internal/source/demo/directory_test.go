package demo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source/demo"
)

// TestDirectory holds that workspaces are told once each, with their ends, and that all
// that is told of people is marked as simulated.
func TestDirectory(t *testing.T) {
	t.Parallel()
	c := demo.Defaults()
	c.Begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := c.Begin.AddDate(0, 0, 20)
	d, err := demo.NewDirectory(c, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	first, err := d.Changes(t.Context(), "")
	if err != nil || !first.Whole || len(first.Holdings) < 500 {
		t.Fatalf("%d holdings, whole %v: %v", len(first.Holdings), first.Whole, err)
	}
	experiments := 0
	for _, h := range first.Holdings {
		if h.From.After(now) || h.To.IsZero() || !strings.HasPrefix(h.Host, "sim-") || !strings.HasPrefix(h.Holder.Get(account.LabelUser), "sim-user-") ||
			!strings.HasPrefix(h.Holder.Get(account.LabelWorkspace), "ws-sim-") || h.Holder.Get(account.LabelResearchGroup) == "" {
			t.Fatalf("%+v", h)
		}
		experiments += len(h.Experiments)
	}
	if experiments == 0 {
		t.Error("nobody is in an experiment")
	}
	again, err := d.Changes(t.Context(), first.Cursor)
	if err != nil || len(again.Holdings) != 0 {
		t.Errorf("told again: %d, %v", len(again.Holdings), err)
	}
	now = now.AddDate(0, 0, 1)
	next, err := d.Changes(t.Context(), first.Cursor)
	if err != nil || len(next.Holdings) == 0 || len(next.Holdings) > 200 {
		t.Errorf("a day later: %d, %v", len(next.Holdings), err)
	}
}

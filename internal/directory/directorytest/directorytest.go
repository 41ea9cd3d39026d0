// Package directorytest is the conformance suite of [directory.Source]. An
// adapter's test calls [Run].
package directorytest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
)

// Harness is a directory with known content.
type Harness struct {
	// Source has at least one holding.
	Source directory.Source
	// End makes the directory say that a holding ended, and returns its ID; nil
	// when the adapter cannot change.
	End func(t *testing.T) string
	// Broken is a source that cannot be reached, nil when the adapter reaches
	// for nothing.
	Broken directory.Source
}

// Run runs the suite, in order: some tests change the directory.
func Run(t *testing.T, h Harness) {
	t.Helper()
	t.Run("everything", func(t *testing.T) { testEverything(t, h) })
	t.Run("nothing new", func(t *testing.T) { testNothingNew(t, h) })
	t.Run("change", func(t *testing.T) { testChange(t, h) })
	t.Run("foreign cursor", func(t *testing.T) { testCursor(t, h) })
	t.Run("unavailable", func(t *testing.T) { testUnavailable(t, h) })
	t.Run("cancelled context", func(t *testing.T) { testCancelled(t, h) })
}

func changes(t *testing.T, s directory.Source, cursor string) directory.Update {
	t.Helper()
	u, err := s.Changes(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func testEverything(t *testing.T, h Harness) {
	if name := h.Source.Name(); name == "" || name != h.Source.Name() {
		t.Error("a constant name is needed")
	}
	u := changes(t, h.Source, "")
	if len(u.Holdings) == 0 || u.Cursor == "" {
		t.Fatalf("%d holdings, cursor %q", len(u.Holdings), u.Cursor)
	}
	if !slices.IsSortedFunc(u.Holdings, account.Holding.Compare) {
		t.Error("holdings are not in canonical order")
	}
	seen := map[string]bool{}
	for _, holding := range u.Holdings {
		switch {
		case holding.ID == "" || holding.Host == "" || holding.From.IsZero() || holding.Holder.Len() == 0:
			t.Errorf("%+v: an ID, a host, a beginning and a holder are needed", holding)
		case !holding.KnownAt.IsZero():
			t.Errorf("%q: KnownAt is the ledger's to set", holding.ID)
		case seen[holding.ID]:
			t.Errorf("%q comes twice in one update", holding.ID)
		case holding.From != account.Instant(holding.From):
			t.Errorf("%q: %v is not UTC or not whole microseconds", holding.ID, holding.From)
		}
		seen[holding.ID] = true
	}
}

// testNothingNew holds that asking again tells nothing that is news.
func testNothingNew(t *testing.T, h Harness) {
	first := changes(t, h.Source, "")
	known := map[string]account.Holding{}
	for _, holding := range first.Holdings {
		known[holding.ID] = holding
	}
	for _, cursor := range []string{first.Cursor, ""} {
		for _, holding := range changes(t, h.Source, cursor).Holdings {
			if !known[holding.ID].SameAs(holding) {
				t.Errorf("cursor %q: %q changed without a change", cursor, holding.ID)
			}
		}
	}
}

func testChange(t *testing.T, h Harness) {
	if h.End == nil {
		return
	}
	cursor := changes(t, h.Source, "").Cursor
	id := h.End(t)
	for _, from := range []string{cursor, ""} {
		u := changes(t, h.Source, from)
		i := slices.IndexFunc(u.Holdings, func(holding account.Holding) bool { return holding.ID == id })
		if i < 0 || u.Holdings[i].To.IsZero() {
			t.Errorf("since cursor %q: no end of %q in %d holdings", from, id, len(u.Holdings))
		}
	}
}

func testCursor(t *testing.T, h Harness) {
	if _, err := h.Source.Changes(t.Context(), "not a cursor \x00"); !errors.Is(err, directory.ErrCursor) {
		t.Errorf("%v, want ErrCursor", err)
	}
}

func testUnavailable(t *testing.T, h Harness) {
	if h.Broken == nil {
		return
	}
	if _, err := h.Broken.Changes(t.Context(), ""); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
}

func testCancelled(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Source.Changes(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}

package directory_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/directory"
)

// A file only says how things are now. A tracker tells what changed since it was
// asked last: somebody gave a host back.
func ExampleTracker() {
	morning := time.Date(2026, 1, 28, 9, 0, 0, 0, time.UTC)
	held := directory.Workspace{ID: "7", Name: "w7", Host: "n1", From: morning, Owner: "u42"}
	tracker := directory.NewTracker()
	tracker.Set(&directory.Records{Workspaces: []directory.Workspace{held}}, nil, time.Time{})
	first, err := tracker.Since("")
	fmt.Println(len(first.Holdings), first.Whole, err)

	held.To = morning.Add(8 * time.Hour)
	tracker.Set(&directory.Records{Workspaces: []directory.Workspace{held}}, nil, time.Time{})
	next, err := tracker.Since(first.Cursor)
	for _, h := range next.Holdings {
		fmt.Println(h.Host, h.Holder.Get("user"), h.Span(), next.Whole, err)
	}
	_, err = tracker.Since("of another tracker")
	fmt.Println(errors.Is(err, directory.ErrCursor), len(tracker.Records().Workspaces))
	// Output:
	// 1 true <nil>
	// n1 u42 [2026-01-28T09:00:00Z, 2026-01-28T17:00:00Z) false <nil>
	// true 1
}

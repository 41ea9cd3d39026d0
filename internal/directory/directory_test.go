package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/directory/directorytest"
)

// notebook is the smallest directory there is: a list to which changes are added.
// Its cursor is how much of the list was told.
type notebook struct {
	entries []account.Holding
	lost    bool
}

func (*notebook) Name() string { return "notebook" }

func (n *notebook) Changes(ctx context.Context, cursor string) (directory.Update, error) {
	from := 0
	if cursor != "" {
		var err error
		if from, err = strconv.Atoi(cursor); err != nil || from > len(n.entries) {
			return directory.Update{}, fmt.Errorf("%w: %q", directory.ErrCursor, cursor)
		}
	}
	if err := ctx.Err(); err != nil {
		return directory.Update{}, err
	}
	if n.lost {
		return directory.Update{}, fmt.Errorf("%w: it is lost", directory.ErrUnavailable)
	}
	newest := map[string]account.Holding{}
	for _, h := range n.entries[from:] {
		newest[h.ID] = h
	}
	u := directory.Update{Cursor: strconv.Itoa(len(n.entries))}
	for _, h := range newest {
		u.Holdings = append(u.Holdings, h)
	}
	slices.SortFunc(u.Holdings, account.Holding.Compare)
	return u, nil
}

func TestConformance(t *testing.T) {
	t.Parallel()
	user, err := account.LabelsOf("user", "aa123456")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2026, 1, 28, 9, 0, 0, 0, time.UTC)
	n := &notebook{entries: []account.Holding{
		{ID: "1", Host: "a", From: begin, Holder: user}, {ID: "2", Host: "b", From: begin, Holder: user},
	}}
	directorytest.Run(t, directorytest.Harness{
		Source: n, Broken: &notebook{lost: true},
		End: func(*testing.T) string {
			ended := n.entries[1]
			ended.To = begin.Add(time.Hour)
			n.entries = append(n.entries, ended)
			return ended.ID
		},
	})
	if _, err := n.Changes(t.Context(), "99"); !errors.Is(err, directory.ErrCursor) {
		t.Errorf("a cursor of the future: %v", err)
	}
}

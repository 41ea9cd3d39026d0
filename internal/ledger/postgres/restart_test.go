package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
)

func containsSecret(text, password string) bool { return strings.Contains(text, password) }

// TestRestart uses a store before, while and after its database is down.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := ledgertest.NewWorld(t, 8)
	server := pgtest.Start(t)
	s := open(t, server.URL(t), w.Calendar)
	history := w.History(6)
	for n, commits := range history {
		for _, c := range commits {
			if err := s.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		before := ledgertest.Dump(t, s, w)
		server.Kill()
		err := s.Commit(t.Context(), commits[0])
		if !errors.Is(err, ledger.ErrUnavailable) || !strings.Contains(err.Error(), "tried again by itself") {
			t.Errorf("commit while the database is down: %v", err)
		}
		for _, err := range s.Slots(t.Context(), account.NewSpan(time.Unix(0, 0), time.Now())) {
			if !errors.Is(err, ledger.ErrUnavailable) {
				t.Errorf("read while the database is down: %v", err)
			}
		}
		if n%2 == 0 {
			server.Restart(t)
		} else { // it comes back while somebody waits
			go func() { server.Restart(t) }()
			awaitStatus(t, s)
		}
		ledgertest.SameBytes(t, "after a restart", ledgertest.Dump(t, s, w), before)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func awaitStatus(t *testing.T, s ledger.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		_, err := s.Status(ctx)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

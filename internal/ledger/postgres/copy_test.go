package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
)

// TestCopy copies a ledger with everything in it to PostgreSQL and back, broken
// off again and again. Every stop on the way answers with the same bytes.
func TestCopy(t *testing.T) {
	t.Parallel()
	w := ledgertest.NewWorld(t, 5)
	path := filepath.Join(t.TempDir(), "ledger.db")
	file := fileOf(t, w, path)
	want := ledgertest.Dump(t, file, w)

	url, begun := pgtest.URL(t), false
	there := brokenOff(t, func(ctx context.Context, progress func(done, total int64)) (relational.Copied, error) {
		target, err := postgres.Open(t.Context(), postgres.Config{URL: postgres.Secret(url), Target: true})
		if err != nil {
			t.Fatal(err)
		}
		defer target.Close()
		if begun {
			for _, readOnly := range []bool{true, false} {
				c := postgres.Config{URL: postgres.Secret(url), Calendar: w.Calendar, ReadOnly: readOnly}
				if _, err := postgres.Open(t.Context(), c); !errors.Is(err, relational.ErrHalfCopied) {
					t.Errorf("open what is copied half: %v", err)
				}
			}
		}
		begun = true
		return relational.Copy(ctx, file.Store, target.Store, progress)
	})
	database := open(t, url, account.Calendar{})
	ledgertest.SameBytes(t, "copied", ledgertest.Dump(t, database, w), want)
	if err := database.Check(t.Context()); err != nil {
		t.Error(err)
	}

	back := filepath.Join(t.TempDir(), "back.db")
	again := brokenOff(t, func(ctx context.Context, progress func(done, total int64)) (copied relational.Copied, err error) {
		err = sqlite.CopyInto(t.Context(), back, nil, func(target *relational.Store) error {
			copied, err = relational.Copy(ctx, database.Store, target, progress)
			return err
		})
		return copied, err
	})
	if there != again {
		t.Errorf("copied %+v, and back %+v", there, again)
	}
	if left, err := filepath.Glob(back + "?*"); err != nil || len(left) != 0 {
		t.Errorf("beside the copy are %v, %v", left, err)
	}
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: back})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ledgertest.SameBytes(t, "copied back", ledgertest.Dump(t, s, w), want)
}

// fileOf returns a ledger in SQLite with a history of a world.
func fileOf(t *testing.T, w *ledgertest.World, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Calendar: w.Calendar})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, c := range ledgertest.Interleave(w.Rand, w.History(40)) {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	ledgertest.Learn(t, s, w, 5)
	ledgertest.Forget(t, s, w, 5)
	return s
}

// brokenOff copies, breaking off ever later, until the copy is done.
func brokenOff(t *testing.T, copied func(context.Context, func(done, total int64)) (relational.Copied, error)) relational.Copied {
	t.Helper()
	for limit := int64(1); ; limit = limit*2 + 100 {
		ctx, cancel := context.WithCancel(t.Context())
		got, err := copied(ctx, func(done, total int64) {
			if done > limit {
				cancel()
			}
		})
		cancel()
		if err == nil {
			return got
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("broken off after %d rows: %v", limit, err)
		}
	}
}

// TestCopyRefuses holds that nothing is overwritten, and that a copy whose source
// has changed begins anew.
func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	w := ledgertest.NewWorld(t, 6)
	file := fileOf(t, w, filepath.Join(t.TempDir(), "ledger.db"))
	url := pgtest.URL(t)
	used := open(t, url, w.Calendar)
	if _, err := relational.Copy(t.Context(), file.Store, used.Store, nil); !errors.Is(err, relational.ErrNotEmpty) {
		t.Errorf("copy into a ledger: %v", err)
	}

	url = pgtest.URL(t)
	target, err := postgres.Open(t.Context(), postgres.Config{URL: postgres.Secret(url), Target: true})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := relational.Copy(ctx, file.Store, target.Store, func(done, _ int64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("break off: %v", err)
	}
	more := w.History(41)[40]
	if err := file.Commit(t.Context(), more[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := relational.Copy(t.Context(), file.Store, target.Store, nil); err != nil {
		t.Errorf("copy of a source that has changed: %v", err)
	}
	ledgertest.SameBytes(t, "copied", ledgertest.Dump(t, open(t, url, account.Calendar{}), w), ledgertest.Dump(t, file, w))
}

// TestErrors holds that errors say what, where and what to do, and no password.
func TestErrors(t *testing.T) {
	t.Parallel()
	const password = "s3cret"
	for _, tt := range []struct {
		url  string
		want error
	}{
		{"postgres://u:" + password + "@127.0.0.1:1/d?connect_timeout=1", ledger.ErrUnavailable},
		{"postgres://u:" + password + "@127.0.0.1:port/d", postgres.ErrURL},
		{"postgres://u:" + password + "@/d?host=/nowhere", ledger.ErrUnavailable},
		{"://" + password, postgres.ErrURL},
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: postgres.Secret(tt.url)})
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.url, err, tt.want)
		}
		for _, text := range []string{fmt.Sprint(err), fmt.Sprintf("%v %+v %#v %s", postgres.Secret(tt.url), postgres.Secret(tt.url), postgres.Secret(tt.url), postgres.Config{URL: postgres.Secret(tt.url)}.URL)} {
			if containsSecret(text, password) {
				t.Errorf("the password is shown: %s", text)
			}
		}
	}
}

package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
)

// refused opens a ledger, which must fail with an error that wraps want and says
// all of the texts.
func refused(t *testing.T, c sqlite.Config, want error, texts ...string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), c)
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, want) {
		t.Fatalf("open: %v, want %v", err, want)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
	if n := strings.Count(err.Error(), want.Error()); n > 1 {
		t.Errorf("%q says %q %d times", err, want, n)
	}
}

func zoned(t testing.TB, step time.Duration, name string) account.Calendar {
	t.Helper()
	zone := must(time.LoadLocation(name))(t)
	return must(account.NewCalendar(step, zone))(t)
}

// filled returns the path of a closed ledger with two slots of the fleet.
func filled(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, path, benchCalendar(t))
	f := newFleet(t, 130) // three chunks of sums
	commitAll(t, s, f.commit(t, nth(newYear(), 0), 1), f.commit(t, nth(newYear(), 1), 1), f.commit(t, nth(newYear(), 1), 2))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSecondWriter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	config := sqlite.Config{Path: path, Calendar: benchCalendar(t)}
	holder := start(t, task{Do: "hold", Path: path, Zone: "Europe/London"})
	holder.await(t, "open")
	host := must(os.Hostname())(t)
	refused(t, config, ledger.ErrLocked, path, fmt.Sprintf("process %d on %s", holder.Process.Pid, host), "since 20", "sqlite.test")

	holder.kill() // a dead process leaves its name behind, not its lock
	s := open(t, path, config.Calendar)
	refused(t, config, ledger.ErrLocked, fmt.Sprintf("process %d ", os.Getpid())) // also within one process
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSecondWriterThroughLinks(t *testing.T) {
	t.Parallel()
	dir := must(filepath.EvalSymlinks(t.TempDir()))(t)
	path, file, folder := filepath.Join(dir, "ledger.db"), filepath.Join(t.TempDir(), "link.db"), filepath.Join(t.TempDir(), "data")
	if err := errors.Join(os.Symlink(path, file), os.Symlink(dir, folder)); err != nil {
		t.Skip("no links here:", err)
	}
	open(t, filepath.Join(folder, "ledger.db"), benchCalendar(t)) // creates it
	for _, name := range []string{file, filepath.Join(folder, "ledger.db"), path} {
		refused(t, sqlite.Config{Path: name, Calendar: benchCalendar(t)}, ledger.ErrLocked, path)
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	t.Parallel()
	path := filled(t)
	names := map[string]int64{}
	for _, e := range must(os.ReadDir(filepath.Dir(path)))(t) {
		names[e.Name()] = must(e.Info())(t).Size()
	}
	if len(names) != 2 || names["ledger.db"] == 0 || names["ledger.db.lock"] != 0 {
		t.Errorf("files after closing: %v", names)
	}
	if mode := must(os.Stat(path))(t).Mode().Perm(); mode&0o007 != 0 {
		t.Errorf("mode %v: others may read who held what", mode)
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	config := sqlite.Config{Path: path, Calendar: benchCalendar(t), ReadOnly: true}
	refused(t, config, os.ErrNotExist, path, "start the server")

	writer := open(t, path, config.Calendar)
	f := newFleet(t, 100)
	commitAll(t, writer, f.commit(t, nth(newYear(), 0), 1))
	reader := must(sqlite.Open(t.Context(), config))(t)
	defer reader.Close()
	slots := func() int {
		return len(ledgertest.Collect(t, reader.Slots(t.Context(), reader.Calendar().Period(account.StepMonth, newYear()))))
	}
	if n := slots(); n != 1 {
		t.Errorf("%d slots, want 1", n)
	}
	next := newFleet(t, 300).commit(t, nth(newYear(), 1), 1) // with accounts that the reader has not met
	commitAll(t, writer, next)
	if n := slots(); n != 2 {
		t.Errorf("%d slots after a commit, want 2", n)
	}
	q := ledger.Query{Span: nth(newYear(), 1), Step: account.StepHour}
	if got, want := ledgertest.Collect(t, reader.Rows(t.Context(), q)), ledgertest.Collect(t, writer.Rows(t.Context(), q)); len(got) != 300 || len(want) != 300 {
		t.Errorf("%d rows to the reader, %d to the writer", len(got), len(want))
	}
	other := start(t, task{Do: "read", Path: path, Zone: "Europe/London"})
	other.await(t, "slots 2")

	ctx := t.Context()
	_, intensities := reader.PutIntensities(ctx, nil)
	_, holdings := reader.PutHoldings(ctx, nil)
	_, method := reader.PutMethod(ctx, ledger.MethodRecord{})
	for what, err := range map[string]error{
		"commit": reader.Commit(ctx, f.commit(t, nth(newYear(), 2), 1)), "intensities": intensities, "holdings": holdings,
	} {
		if !errors.Is(err, ledger.ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", what, err)
		}
	}
	if method == nil {
		t.Error("a method was stored")
	}
}

// TestReadOnlyFolder reads a ledger where nothing can be written, which a process
// of root cannot be kept from.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	path := filled(t)
	dir := filepath.Dir(path)
	// A user without rights reaches the folder, and cannot write to it.
	for parent := dir; parent != "/" && parent != os.TempDir(); parent = filepath.Dir(parent) {
		if err := os.Chmod(parent, 0o755); err != nil {
			break
		}
	}
	for name, mode := range map[string]os.FileMode{path: 0o444, path + ".lock": 0o444, dir: 0o555} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
	reader := start(t, task{Do: "read", Path: path, Zone: "Europe/London", Weak: true})
	reader.await(t, "slots 2")
	writer := start(t, task{Do: "hold", Path: path, Zone: "Europe/London", Weak: true})
	if said := writer.await(t, "error: "); !strings.Contains(said, sqlite.ErrAccess.Error()) || !strings.Contains(said, dir) {
		t.Errorf("writing to a read-only folder: %s", said)
	}
	nowhere := start(t, task{Do: "hold", Path: filepath.Join(dir, "sub", "ledger.db"), Zone: "Europe/London", Weak: true})
	if said := nowhere.await(t, "error: "); !strings.Contains(said, sqlite.ErrAccess.Error()) {
		t.Errorf("creating a folder in a read-only one: %s", said)
	}
}

func TestForeignFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, sqlite.Config{Path: text, Calendar: benchCalendar(t)}, sqlite.ErrForeign, text)
	other := filepath.Join(dir, "other.db")
	execSQL(t, other, "CREATE TABLE cats (name TEXT)")
	for _, readOnly := range []bool{false, true} {
		refused(t, sqlite.Config{Path: other, Calendar: benchCalendar(t), ReadOnly: readOnly}, sqlite.ErrForeign, other, "1 tables")
	}
	refused(t, sqlite.Config{Path: dir, Calendar: benchCalendar(t)}, sqlite.ErrForeign, dir, "folder")
}

func TestNewerVersion(t *testing.T) {
	t.Parallel()
	path := filled(t)
	execSQL(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (77, 1)")
	for _, readOnly := range []bool{false, true} {
		refused(t, sqlite.Config{Path: path, Calendar: benchCalendar(t), ReadOnly: readOnly}, sqlite.ErrVersion, path, "version 77")
	}
}

func TestOtherSlotLength(t *testing.T) {
	t.Parallel()
	path := filled(t)
	for _, readOnly := range []bool{false, true} {
		c := sqlite.Config{Path: path, Calendar: zoned(t, 15*time.Minute, "Europe/London"), ReadOnly: readOnly}
		refused(t, c, relational.ErrCalendar, "30m0s", "15m0s")
	}
	open(t, path, benchCalendar(t)) // nothing was changed
}

// TestOtherZone moves a ledger from zone to zone; its sums are those of a ledger
// that was always there.
func TestOtherZone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	w := ledgertest.NewWorld(t, 3)
	w.Calendar = zoned(t, account.DefaultStep, "UTC")
	history := w.History(16)
	s := open(t, path, w.Calendar)
	commitAll(t, s, ledgertest.Interleave(w.Rand, history)...)
	for _, name := range []string{"Asia/Kolkata", "America/New_York", "Etc/UTC"} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		w.Calendar = zoned(t, account.DefaultStep, name)
		if name != "Etc/UTC" {
			refused(t, sqlite.Config{Path: path, Calendar: zoned(t, account.DefaultStep, "Asia/Tokyo"), ReadOnly: true},
				relational.ErrCalendar, "Asia/Tokyo")
		}
		s = open(t, path, w.Calendar)
		want := memory.New(w.Calendar)
		commitAll(t, want, ledgertest.Interleave(w.Rand, history)...)
		ledgertest.SameBytes(t, name, ledgertest.Dump(t, s, w), ledgertest.Dump(t, want, w))
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDamage destroys parts of a file. Whatever is asked then is answered as
// before or with [sqlite.ErrDamaged], and never with something else.
func TestDamage(t *testing.T) {
	t.Parallel()
	path := filled(t)
	s := open(t, path, benchCalendar(t))
	f := newFleet(t, 300)
	for n := range 6 {
		commitAll(t, s, f.commit(t, nth(newYear(), 10+n), 1))
	}
	span := s.Calendar().Period(account.StepMonth, newYear())
	want := ledgertest.Collect(t, s.Entries(t.Context(), span, nil))
	wantFacts := len(ledgertest.Collect(t, s.Facts(t.Context(), span, time.Time{})))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole := must(os.ReadFile(path))(t)
	found := 0
	for at := 100; at < len(whole); at += len(whole) / 20 {
		broken := append([]byte(nil), whole...)
		for i := at; i < min(at+512, len(broken)); i++ { // a sector
			broken[i] ^= 0xa5
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		err := readDamaged(t, path, func(s *sqlite.Store) error {
			entries, err := tryCollect(s.Entries(t.Context(), span, nil))
			if err == nil && !slices.Equal(entries, want) {
				t.Errorf("at %d: other entries", at)
			}
			facts, factsErr := tryCollect(s.Facts(t.Context(), span, time.Time{}))
			if factsErr == nil && len(facts) != wantFacts {
				t.Errorf("at %d: other facts", at)
			}
			return errors.Join(err, factsErr, s.Check(t.Context()))
		})
		if err != nil {
			found++
			if !errors.Is(err, sqlite.ErrDamaged) && !errors.Is(err, sqlite.ErrForeign) && !errors.Is(err, sqlite.ErrVersion) {
				t.Errorf("at %d: %v", at, err)
			}
		}
	}
	if found < 8 {
		t.Errorf("%d of 20 damages were found", found)
	}
}

// tryCollect collects an iterator up to its error.
func tryCollect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func readDamaged(t *testing.T, path string, read func(*sqlite.Store) error) error {
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Calendar: benchCalendar(t), ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	return read(s)
}

// execSQL changes a file behind the ledger's back.
func execSQL(t testing.TB, path string, text string) {
	t.Helper()
	db := must(sql.Open("sqlite", path))(t)
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), text); err != nil {
		t.Fatal(err)
	}
}

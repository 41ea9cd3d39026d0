package archive_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/window"
)

// noon is when the tests' windows begin.
func noon() time.Time { return time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC) }

// scored returns the n-th minute's window: n+1 statements of one service.
func scored(t testing.TB, n int) *window.Window {
	t.Helper()
	from := noon().Add(time.Duration(n) * time.Minute)
	spans := make([]window.Span, n+1)
	for i := range spans {
		spans[i] = window.Span{Service: "cart", Region: "pl", Kind: window.KindSQL, Start: from.UnixNano() + int64(i), LocalRoot: true}
	}
	c := window.Defaults()
	c.Places = map[string]window.Place{"pl": {Annual: 600, PUE: 1.2}}
	w, err := window.Score(c, spans, window.Conditions{From: from.UnixNano(), To: from.Add(time.Minute).UnixNano()})
	if err != nil {
		t.Fatal(err)
	}
	return &w
}

func open(t testing.TB, c archive.Config) *archive.Archive {
	t.Helper()
	a, err := archive.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// write appends windows and returns their marks.
func write(t testing.TB, a *archive.Archive, from, to int) []account.Mark {
	t.Helper()
	var marks []account.Mark
	for n := from; n < to; n++ {
		scoredAt := noon().Add(time.Duration(n+1) * time.Minute)
		next, err := a.Next(scoredAt)
		if err != nil {
			t.Fatal(err)
		}
		if there, err := a.Holds(next); there || err != nil {
			t.Fatalf("%v is there already: %v", next, err)
		}
		mark, err := a.Append(scored(t, n), scoredAt)
		if there, e := a.Holds(mark); !there || e != nil {
			t.Fatalf("%v is not there: %v", mark, e)
		}
		if err != nil || mark != next {
			t.Fatalf("window %d at %v, announced %v: %v", n, mark, next, err)
		}
		marks = append(marks, mark)
	}
	return marks
}

// read returns how many operations each window of an archive has, and the marks.
func read(t testing.TB, dir string, from account.Mark, span account.Span) (ops []uint64, marks []account.Mark) {
	t.Helper()
	for l, err := range archive.Lines(t.Context(), dir, from, span) {
		if err != nil {
			t.Fatal(err)
		}
		if l.Fault == nil {
			ops, marks = append(ops, l.Window.Analysis.Events), append(marks, l.At)
		}
	}
	return ops, marks
}

// codes returns what verification finds.
func codes(t testing.TB, path string) []string {
	t.Helper()
	v, err := archive.Verify(path)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, f := range v.Findings {
		out = append(out, string(f.Code)+" "+f.File)
	}
	return out
}

func TestFilesAreClosedBySizeAndReadInOrder(t *testing.T) {
	t.Parallel()
	for _, compress := range []bool{false, true} {
		dir := t.TempDir()
		c := archive.Config{Dir: dir, MaxBytes: 5000, Compress: compress}
		a := open(t, c)
		written := write(t, a, 0, 5)
		if err := a.Tidy(noon()); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		a = open(t, c) // numbers go on
		written = append(written, write(t, a, 5, 9)...)
		ops, marks := read(t, dir, account.Mark{}, account.Span{})
		if diff := cmp.Diff([]uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}, ops); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(written, marks); diff != "" {
			t.Error(diff)
		}
		if written[8].File < 2 {
			t.Errorf("9 windows in one file")
		}
		if found := codes(t, dir); len(found) > 0 {
			t.Error(found)
		}
		packed, _ := filepath.Glob(filepath.Join(dir, "*.zst"))
		if compress != (len(packed) > 0) {
			t.Errorf("compress %v: %v", compress, packed)
		}
		late := account.NewSpan(noon().Add(10*time.Hour), noon().Add(11*time.Hour))
		if ops, _ := read(t, dir, written[4], late); len(ops) > 4 {
			t.Errorf("files of another time are read: %d windows", len(ops))
		}
	}
}

func TestFilesAreClosedByAge(t *testing.T) {
	t.Parallel()
	a := open(t, archive.Config{Dir: t.TempDir(), MaxAge: 3 * time.Minute})
	for n := range 7 {
		mark := write(t, a, n, n+1)[0]
		if want := uint64(n/3) + 1; mark.File != want {
			t.Errorf("window %d in file %d, want %d", n, mark.File, want)
		}
	}
}

func TestOneWriter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, archive.Config{Dir: dir})
	if _, err := archive.Open(archive.Config{Dir: dir}); !errors.Is(err, archive.ErrLocked) {
		t.Errorf("a second writer: %v", err)
	}
}

// What a crash leaves: a torn line, a manifest that is behind, a file that has not its
// new name yet.
func TestRecovery(t *testing.T) {
	t.Parallel()
	for name, crash := range map[string]func(t *testing.T, dir string){
		"torn": func(t *testing.T, dir string) { extend(t, dir, `{"hash":"sha256:12`) },
		"behind": func(t *testing.T, dir string) {
			manifest := filepath.Join(dir, "manifest.json")
			old, err := os.ReadFile(manifest)
			must(t, err)
			a, err := archive.Open(archive.Config{Dir: dir})
			must(t, err)
			_, err = a.Append(scored(t, 3), noon())
			must(t, err)
			must(t, a.Close())
			must(t, os.WriteFile(manifest, old, 0o600))
		},
		"rename": func(t *testing.T, dir string) {
			a, err := archive.Open(archive.Config{Dir: dir, MaxBytes: 1})
			must(t, err)
			_, err = a.Next(noon())
			must(t, err)
			must(t, a.Close())
			closed, _ := filepath.Glob(filepath.Join(dir, "windows-*"))
			must(t, os.Rename(closed[0], filepath.Join(dir, "windows.ndjson")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			a := open(t, archive.Config{Dir: dir})
			write(t, a, 0, 3)
			must(t, a.Close())
			crash(t, dir)
			a = open(t, archive.Config{Dir: dir})
			write(t, a, 4, 6)
			ops, _ := read(t, dir, account.Mark{}, account.Span{})
			want := []uint64{1, 2, 3, 5, 6}
			if name == "behind" {
				want = []uint64{1, 2, 3, 4, 5, 6}
			}
			if diff := cmp.Diff(want, ops); diff != "" {
				t.Error(diff)
			}
			if found := codes(t, dir); len(found) > 0 {
				t.Error(found)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func extend(t testing.TB, dir, text string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "windows.ndjson"), os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, errors.Join(err, f.Close()))
}

func TestVerifySeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	edit := func(t *testing.T, name string, change func(lines []string) []string) {
		content, err := os.ReadFile(name)
		must(t, err)
		lines := change(slices.Collect(strings.Lines(string(content))))
		must(t, os.WriteFile(name, []byte(strings.Join(lines, "")), 0o600))
	}
	for _, c := range []struct {
		name   string
		want   string
		damage func(t *testing.T, closed, active string)
	}{
		{"file deleted", "file-missing", func(t *testing.T, closed, _ string) { must(t, os.Remove(closed)) }},
		{"newest file deleted", "file-missing", func(t *testing.T, _, active string) { must(t, os.Remove(active)) }},
		{"tail cut", "tail-cut", func(t *testing.T, _, active string) {
			edit(t, active, func(l []string) []string { return l[:len(l)-1] })
		}},
		{"tail of a closed file cut", "tail-cut", func(t *testing.T, closed, _ string) {
			edit(t, closed, func(l []string) []string { return l[:len(l)-1] })
		}},
		{"figure edited", "chain-broken", func(t *testing.T, closed, _ string) {
			edit(t, closed, func(l []string) []string {
				l[0] = strings.Replace(l[0], `"events_processed":1`, `"events_processed":7`, 1)
				return l
			})
		}},
		{"lines swapped", "chain-broken", func(t *testing.T, _, active string) {
			edit(t, active, func(l []string) []string { l[0], l[1] = l[1], l[0]; return l })
		}},
		{"line twice", "duplicate", func(t *testing.T, _, active string) {
			edit(t, active, func(l []string) []string { return append(l, l[0]) })
		}},
		{"copied file", "file-extra", func(t *testing.T, closed, _ string) {
			content, err := os.ReadFile(closed)
			must(t, err)
			must(t, os.WriteFile(filepath.Join(filepath.Dir(closed), "windows-20200101T000000000000000Z.ndjson"), content, 0o600))
		}},
		{"hashes stripped", "tail-cut", func(t *testing.T, closed, _ string) {
			edit(t, closed, func(l []string) []string {
				for i := range l {
					l[i] = `{` + l[i][strings.Index(l[i], `",`)+2:]
				}
				return l
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			a := open(t, archive.Config{Dir: dir, MaxBytes: 5000})
			write(t, a, 0, 6)
			must(t, a.Close())
			closed, _ := filepath.Glob(filepath.Join(dir, "windows-*"))
			c.damage(t, closed[0], filepath.Join(dir, "windows.ndjson"))
			found := strings.Join(codes(t, dir), ", ")
			if !strings.Contains(found, c.want) {
				t.Errorf("found %q, want %s", found, c.want)
			}
		})
	}
}

func TestOpenRefusesACutTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, archive.Config{Dir: dir})
	write(t, a, 0, 3)
	must(t, a.Close())
	must(t, os.Truncate(filepath.Join(dir, "windows.ndjson"), 100))
	if _, err := archive.Open(archive.Config{Dir: dir}); !errors.Is(err, archive.ErrBroken) {
		t.Errorf("opened: %v", err)
	}
}

func TestPruneKeepsWhatIsNotDisclosed(t *testing.T) {
	t.Parallel()
	disclosed := noon()
	dir := t.TempDir()
	a := open(t, archive.Config{Dir: dir, MaxBytes: 1, Keep: time.Hour, Spendable: func(f *archive.Stored) (bool, error) {
		return !f.Span().To.After(disclosed), nil
	}})
	write(t, a, 0, 4)
	closed := func() int {
		files, _ := filepath.Glob(filepath.Join(dir, "windows-*"))
		return len(files)
	}
	must(t, a.Tidy(noon().AddDate(1, 0, 0)))
	if closed() != 3 {
		t.Errorf("%d closed files are left, want all 3", closed())
	}
	disclosed = noon().Add(time.Hour)
	must(t, a.Tidy(noon()))
	if closed() != 3 {
		t.Errorf("files were pruned before their time")
	}
	must(t, a.Tidy(noon().AddDate(1, 0, 0)))
	if closed() != 0 {
		t.Errorf("%d closed files are left, want none", closed())
	}
	if found := codes(t, dir); len(found) > 0 {
		t.Errorf("pruned files are findings: %v", found)
	}
}

// TestFilesAreKnownByTheirHashes wants those of a file before and after it was compressed.
func TestFilesAreKnownByTheirHashes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, archive.Config{Dir: dir, MaxBytes: 1, Compress: true})
	write(t, a, 0, 2)
	hashes := func() []string {
		files, err := archive.List(dir)
		must(t, err)
		if len(files) != 2 || files[0].Span() != account.NewSpan(noon(), noon().Add(30*time.Minute)) {
			t.Fatalf("%+v", files)
		}
		found, err := files[0].Hashes()
		must(t, err)
		return found
	}
	plain := hashes()
	must(t, a.Tidy(noon()))
	if both := hashes(); len(plain) != 1 || len(both) != 2 || both[1] != plain[0] || both[0] == plain[0] {
		t.Errorf("plain %v, compressed %v", plain, both)
	}
}

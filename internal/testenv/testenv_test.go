package testenv_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/dendro-carbon/dendro/internal/testenv"
)

// recorder is a test whose end can be observed.
type recorder struct {
	testing.TB
	failed, skipped string
}

func (r *recorder) Helper()      {}
func (r *recorder) Name() string { return "TestRecorded" }
func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// observe runs body as a test of its own.
func observe(t *testing.T, body func(testing.TB)) *recorder {
	t.Helper()
	rec := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		body(rec)
	}()
	<-done
	return rec
}

func TestSkipSaysWhyAndLeavesALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "skipped")
	t.Setenv("DENDRO_SKIPPED", path)
	t.Setenv("DENDRO_REQUIRE", "prometheus,oracles")
	for range 2 {
		rec := observe(t, func(t testing.TB) { testenv.Skip(t, "oracle", "no folder\nx") })
		if rec.failed != "" || rec.skipped != "oracle not run: no folder\nx" {
			t.Fatalf("failed %q, skipped %q", rec.failed, rec.skipped)
		}
	}
	got, err := os.ReadFile(path)
	if want := "oracle\tTestRecorded\tno folder x\n"; err != nil || string(got) != want+want {
		t.Errorf("record = %q, %v; want %q twice", got, err, want)
	}
}

func TestSkipFailsWhenRequired(t *testing.T) {
	for _, list := range []string{"oracle", "prometheus,oracle", "prometheus, oracle ,x"} {
		t.Setenv("DENDRO_REQUIRE", list)
		rec := observe(t, func(t testing.TB) { testenv.Skip(t, "oracle", "no folder") })
		if rec.failed == "" || rec.skipped != "" {
			t.Errorf("DENDRO_REQUIRE=%q: failed %q, skipped %q; want a failure", list, rec.failed, rec.skipped)
		}
	}
}

func TestSkipFailsWhenItCannotRecord(t *testing.T) {
	t.Setenv("DENDRO_REQUIRE", "")
	t.Setenv("DENDRO_SKIPPED", filepath.Join(t.TempDir(), "missing", "skipped"))
	rec := observe(t, func(t testing.TB) { testenv.Skip(t, "oracle", "no folder") })
	if rec.failed == "" {
		t.Errorf("skipped %q without a record; want a failure", rec.skipped)
	}
}

func TestOracle(t *testing.T) {
	t.Setenv("DENDRO_REQUIRE", "")
	t.Setenv("DENDRO_SKIPPED", "")
	dir := t.TempDir()
	t.Setenv("DENDRO_ORACLE", dir)
	if got := testenv.Oracle(t); got != dir {
		t.Errorf("Oracle = %q, want %q", got, dir)
	}
	t.Setenv("DENDRO_ORACLE", "internal")
	if got, want := testenv.Oracle(t), filepath.Join(testenv.Root(t), "internal"); got != want {
		t.Errorf("Oracle = %q, want %q: relative to the module", got, want)
	}
	t.Setenv("DENDRO_ORACLE", filepath.Join(dir, "missing"))
	rec := observe(t, func(t testing.TB) { testenv.Oracle(t) })
	if rec.skipped == "" {
		t.Error("a missing folder did not skip the test")
	}
}

func TestRootHoldsTheModule(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join(testenv.Root(t), "go.mod")); err != nil {
		t.Error(err)
	}
}

package host_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/host"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/unit"
)

// this returns a source over the machine that runs the test.
func this(t testing.TB) *host.Source {
	t.Helper()
	s, err := host.New(host.Defaults(), slog.New(slog.DiscardHandler))
	if err != nil {
		testenv.Skip(t, "proc", err.Error())
	}
	return s
}

// burn starts a process that keeps a processor busy, and lets it run.
func burn(t testing.TB) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sh", "-c", "while :; do :; done")
	if err := cmd.Start(); err != nil {
		testenv.Skip(t, "sh", err.Error())
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

// used reads the hours around now, without what was used before a time.
func used(t testing.TB, s *host.Source, since time.Time) (whole unit.Duration, parts map[account.Labels]unit.Duration) {
	t.Helper()
	grid, err := account.NewGrid(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	slots := account.Span{From: grid.Slot(since).From, To: grid.Slot(time.Now()).To}
	parts = map[account.Labels]unit.Duration{}
	for slot := range grid.Slots(slots) {
		cuts := map[string][]time.Time{}
		name, err := os.ReadFile("/proc/sys/kernel/hostname")
		if err != nil {
			t.Fatal(err)
		}
		cuts[string(name[:len(name)-1])] = []time.Time{since}
		for r, err := range s.Read(t.Context(), source.Request{Span: slot, Grid: grid, Cuts: cuts}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Facts.Facts {
				subject := r.Facts.Subjects[f.Subject]
				switch {
				case slot.From.Add(time.Duration(f.From) * time.Microsecond).Before(since):
				case subject.Kind == account.SubjectHost:
					whole += f.Busy
				default:
					parts[subject.Labels] += f.Busy
				}
			}
		}
	}
	return whole, parts
}

// busy waits until a process has used a tenth of a second more, however little the
// machine leaves it.
func busy(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	spent := func() (ticks int) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))[11:13] { // utime, stime
			n, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			ticks += n
		}
		return ticks
	}
	const ticks = 10 // of a hundredth of a second
	for until, before := time.Now().Add(time.Minute), spent(); spent() < before+ticks; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the process has used nothing for a minute")
		}
	}
}

// TestThisMachine keeps a processor busy and finds it again: in the whole, and with
// the user that runs the test.
func TestThisMachine(t *testing.T) {
	t.Parallel()
	s := this(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	since := account.Instant(time.Now())
	busy(t, burn(t))
	if err := s.Sample(time.Now()); err != nil {
		t.Fatal(err)
	}
	whole, parts := used(t, s, since)
	var mine, sum unit.Duration
	for labels, busy := range parts {
		sum += busy
		if labels.Get(host.LabelUser) == me.Username || labels.Get(host.LabelUser) == me.Uid {
			mine += busy
		}
	}
	t.Logf("whole %v, parts %v, of them mine %v", whole, sum, mine)
	// The whole is told in ticks for each mode and processor, the parts by process.
	if mine < 50_000 || whole < 50_000 || sum > whole+unit.Duration(1_000_000) {
		t.Errorf("whole %v, parts %v, of them mine %v", whole, sum, mine)
	}
}

// TestRealUnit puts the busy process into a control group of its own. That takes
// root and a hierarchy of version 2.
func TestRealUnit(t *testing.T) {
	t.Parallel()
	root := "/sys/fs/cgroup"
	if _, err := os.Stat(root + "/cgroup.controllers"); err != nil {
		root += "/unified"
	}
	name := fmt.Sprintf("dendro-test-%d.service", os.Getpid())
	dir := filepath.Join(root, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		testenv.Skip(t, "cgroup2", err.Error())
	}
	t.Cleanup(func() {
		for range 100 { // the kernel needs a moment to see that it is empty
			if os.Remove(dir) == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("%s is left over", dir)
	})
	s := this(t)
	since := account.Instant(time.Now())
	cmd := burn(t)
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(cmd.Process.Pid)), 0o644); err != nil {
		testenv.Skip(t, "cgroup2", err.Error())
	}
	busy(t, cmd)
	if err := s.Sample(time.Now()); err != nil {
		t.Fatal(err)
	}
	// The process ends unseen: what it used since is in its unit, without a user.
	busy(t, cmd)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err := s.Sample(time.Now()); err != nil {
		t.Fatal(err)
	}
	_, parts := used(t, s, since)
	var seen, rest unit.Duration
	for labels, busy := range parts {
		switch {
		case labels.Get(host.LabelUnit) != name:
		case labels.Get(host.LabelUser) == "":
			rest += busy
		default:
			seen += busy
		}
	}
	t.Logf("seen %v, rest %v", seen, rest)
	if seen < 20_000 || rest < 20_000 {
		t.Errorf("seen %v, rest %v of %v", seen, rest, parts)
	}
}

func BenchmarkSampleThisMachine(b *testing.B) {
	s := this(b)
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(time.Second)
		if err := s.Sample(at); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadMinute reads a slot of a minute out of three hours of samples.
func BenchmarkReadMinute(b *testing.B) {
	m, s := busyMachine(b, 1, 5*time.Second)
	for range 2000 {
		m.pass(s, 5*time.Second, 10, 0, 5, 985)
	}
	request := source.Request{Span: account.NewSpan(at("14:00:00"), at("14:01:00")), Grid: minutes(b)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := host.ReadAt(s, request, m.at); err != nil {
			b.Fatal(err)
		}
	}
}

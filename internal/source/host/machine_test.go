package host_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/host"
)

// machine is a made-up machine: a folder with the files of /proc and /sys that the
// source reads, and no others, so a test fails where it reads more.
type machine struct {
	t    testing.TB
	root string
	boot time.Time
	at   time.Time
	// modes are ticks: user, nice, system, idle, iowait, irq, softirq, steal.
	modes [8]int64
	// parents are those of processes, 1 by default, and waited the ticks of ended
	// children.
	parents map[int]int
	waited  map[int]int64
}

const passwd = "root:x:0:0:root:/root:/bin/sh\n# a comment\nalice:x:1000:1000:Alice,,,:/home/alice:/bin/sh\nbob:x:1001:1001::/:/bin/sh\n"

// newMachine returns a machine of two idle processors that was booted 100 s ago.
func newMachine(t testing.TB) *machine {
	t.Helper()
	m := &machine{t: t, root: t.TempDir(), at: at("12:00:00"), parents: map[int]int{}, waited: map[int]int64{}}
	m.boot = m.at.Add(-100 * time.Second)
	m.modes[3] = 20_000
	m.write("proc/sys/kernel/hostname", "box\n")
	m.write("etc/passwd", passwd)
	m.stat()
	return m
}

func at(clock string) time.Time {
	t, err := time.Parse(time.RFC3339, "2026-01-28T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return t
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	full := filepath.Join(m.root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) remove(path string) {
	m.t.Helper()
	if err := os.RemoveAll(filepath.Join(m.root, filepath.FromSlash(path))); err != nil {
		m.t.Fatal(err)
	}
}

// stat writes /proc/stat with guest time, which is in user time already.
func (m *machine) stat() {
	v := m.modes
	m.write("proc/stat", fmt.Sprintf("cpu  %d %d %d %d %d %d %d %d %d 0\ncpu0 0 0 0 0 0 0 0 0 0 0\nintr 1 2 3\nctxt 1\nbtime %d\n"+
		"processes 3\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[0]/2, m.boot.Unix()))
}

// process writes a process of a user and group with its ticks. Its name has all that
// makes a parser stumble.
func (m *machine) process(pid int, start, ticks int64, uid int, group string) {
	dir := fmt.Sprintf("proc/%d/", pid)
	flags := 4194304
	if group == "kernel" {
		flags, group = 0x00200000, "/"
	}
	m.write(dir+"stat", fmt.Sprintf("%d (a) S (b) S %d 1 1 0 -1 %d 98 0 0 0 %d %d %d %d 20 0 1 0 %d 3133440 380 18446744073709551615 "+
		"1 1 1 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n", pid, cmp.Or(m.parents[pid], 1), flags, ticks-ticks/3, ticks/3,
		m.waited[pid]-m.waited[pid]/4, m.waited[pid]/4, start))
	m.write(dir+"status", fmt.Sprintf("Name:\tsecret\nUid:\t%d\t0\t0\t0\nGid:\t0\t0\t0\t0\n", uid))
	m.write(dir+"cgroup", "12:cpu:/somewhere\n0::"+group+"\n")
}

func (m *machine) end(pid int) { m.remove(fmt.Sprintf("proc/%d", pid)) }

// group writes a control group of version 2 with its use in microseconds.
func (m *machine) group(path string, micro int64) {
	m.write("sys/fs/cgroup/cgroup.controllers", "cpu io memory\n")
	m.write("sys/fs/cgroup"+path+"/cpu.stat", fmt.Sprintf("usage_usec %d\nuser_usec 0\nsystem_usec 0\n", micro))
}

// zone writes an energy counter.
func (m *machine) zone(dir, name string, microjoules, wraps int64) {
	m.write("sys/class/powercap/"+dir+"/name", name+"\n")
	m.write("sys/class/powercap/"+dir+"/energy_uj", fmt.Sprintln(microjoules))
	m.write("sys/class/powercap/"+dir+"/max_energy_range_uj", fmt.Sprintln(wraps))
}

func (m *machine) config() host.Config {
	c := host.Defaults()
	c.Root = m.root
	return c
}

// open returns a source whose first sample was taken at m.at.
func (m *machine) open(c host.Config) *host.Source {
	m.t.Helper()
	s, err := host.NewAt(c, slog.New(slog.DiscardHandler), m.at)
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

// pass lets time pass and takes a sample: ticks are added to the modes.
func (m *machine) pass(s *host.Source, d time.Duration, ticks ...int64) {
	m.t.Helper()
	m.at = m.at.Add(d)
	for i, v := range ticks {
		m.modes[i] += v
	}
	m.stat()
	if err := s.Sample(m.at); err != nil {
		m.t.Fatal(err)
	}
}

func minutes(t testing.TB) account.Grid {
	t.Helper()
	g, err := account.NewGrid(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// readAt reads a span as if it were a time.
func readAt(t testing.TB, s *host.Source, from, to string, now time.Time) ([]source.Reading, error) {
	t.Helper()
	return host.ReadAt(s, source.Request{Span: account.NewSpan(at(from), at(to)), Grid: minutes(t)}, now)
}

// lines writes facts one a line: labels, and seconds of busy, idle, observed and
// metered time, and joules.
func lines(r source.Reading) []string {
	var out []string
	for _, f := range r.Facts.Facts {
		s := r.Facts.Subjects[f.Subject]
		out = append(out, fmt.Sprintf("%v busy %s idle %s of %s, %s J in %s",
			s.Labels, f.Busy.Decimal(), f.Idle.Decimal(), f.Observed.Decimal(), f.Measured.Decimal(), f.Metered.Decimal()))
	}
	return out
}

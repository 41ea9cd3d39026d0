package host_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/host"
	"github.com/dendro-carbon/dendro/internal/source/sourcetest"
)

// TestParts follows users, units and containers through a minute in which
// processes begin and end.
func TestParts(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	m := newMachine(t)
	m.group("/init.scope", 0)
	m.group("/user.slice/user-1000.slice", 1_000_000)
	m.group("/user.slice/user-1000.slice/session-7.scope", 900_000) // in its slice already
	m.group("/system.slice/db.service", 30_000_000)
	m.group("/system.slice/docker-"+id+".scope", 0)
	m.process(2, 1, 500, 0, "kernel")
	m.process(10, 50, 3000, 1001, "/system.slice/db.service")
	m.process(20, 60, 100, 1000, "/user.slice/user-1000.slice/session-7.scope")
	s := m.open(m.config())

	// 10 s: the database works 4 s; Alice begins a process that has used 1.5 s; it and two
	// children that came and went made her slice grow by 2.5 s; a container worked 1 s.
	m.process(10, 50, 3400, 1001, "/system.slice/db.service")
	m.process(21, 10_500, 150, 1000, "/user.slice/user-1000.slice/session-7.scope")
	m.group("/system.slice/db.service", 34_000_000)
	m.group("/user.slice/user-1000.slice", 3_500_000)
	m.group("/system.slice/docker-"+id+".scope", 1_000_000)
	m.pass(s, 10*time.Second, 750, 50, 100, 1100)

	// 10 s: Alice's process ends after 1 s more, another one gets its number and runs for
	// 0.3 s as another user; a kernel thread works 0.2 s, and a unit is new.
	m.end(21)
	m.process(21, 11_900, 30, 4711, "/user.slice/user-1000.slice/session-7.scope")
	m.group("/user.slice/user-1000.slice", 4_800_000)
	m.process(2, 1, 520, 0, "kernel")
	m.group("/system.slice/backup.service", 500_000)
	m.pass(s, 10*time.Second, 150, 0, 70, 1780)

	// 40 s of nothing, then the unit is gone and so is the container.
	m.remove("sys/fs/cgroup/system.slice/backup.service")
	m.remove("sys/fs/cgroup/system.slice/docker-" + id + ".scope")
	m.pass(s, 40*time.Second, 0, 0, 0, 8000)

	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{host="box"} busy 11.2 idle 108.8 of 60, 0 J in 0`,
		`{container="0123456789ab", unit="docker-0123456789ab.scope"} busy 1 idle 0 of 60, 0 J in 0`,
		`{unit="backup.service"} busy 0.5 idle 0 of 50, 0 J in 0`,
		`{unit="kernel", user="root"} busy 0.2 idle 0 of 60, 0 J in 0`,
		`{unit="user-1000.slice"} busy 2 idle 0 of 60, 0 J in 0`,
		`{unit="db.service", user="bob"} busy 4 idle 0 of 60, 0 J in 0`,
		`{unit="user-1000.slice", user="4711"} busy 0.3 idle 0 of 50, 0 J in 0`,
		`{unit="user-1000.slice", user="alice"} busy 1.5 idle 0 of 60, 0 J in 0`,
	}
	got := lines(readings[0])
	for _, line := range want {
		if !strings.Contains(strings.Join(got, "\n")+"\n", line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// TestEnded follows processes that begin and end between two samples: who waits for them
// carries what they used, as far as it is missing.
func TestEnded(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.waited[50] = 100_000 // long ago
	m.process(50, 1, 10, 1000, "/")
	m.parents[60] = 50
	m.process(60, 2, 300, 1000, "/") // a job that has used 3 s
	m.parents[61] = 60
	m.waited[61] = 200
	m.process(61, 3, 400, 1000, "/") // its child, with 4 s and 2 s of children before
	m.process(70, 4, 0, 1001, "/")
	s := m.open(m.config())

	// The shell compiles something: 12 s in processes that nobody saw. Bob's job begins, and
	// waits for 2 s of children.
	m.waited[50] += 1200
	m.process(50, 1, 20, 1000, "/")
	m.waited[71] = 200
	m.process(71, 5000, 100, 1001, "/")
	m.pass(s, 10*time.Second, 1700, 0, 0, 300)

	// The job ends with its child, which used 1 s more: the shell's children grow by all of it,
	// of which 9 s were counted before. Nobody waits for Bob's job.
	m.end(60)
	m.end(61)
	m.end(71)
	m.waited[50] += 300 + 400 + 200 + 100
	m.process(50, 1, 20, 1000, "/")
	m.pass(s, 10*time.Second, 100, 0, 0, 1900)

	// Init waits for what another process had counted: there is nothing missing to give.
	m.waited[70] = 5000
	m.process(70, 4, 0, 1001, "/")
	m.pass(s, 40*time.Second, 30, 0, 0, 7970)

	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{host="box"} busy 18.3 idle 101.7 of 60, 0 J in 0`,
		`{user="bob"} busy 3.3 idle 0 of 60, 0 J in 0`, // 1 and 2 s, and what was missing for once
		`{user="alice"} busy 13.1 idle 0 of 60, 0 J in 0`,
	}
	got := lines(readings[0])
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEndedInUnits gives a user what the user's unit counted, and nothing that another
// unit counted.
func TestEndedInUnits(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.group("/user.slice/user-1000.slice", 0)
	m.group("/system.slice/web.service", 0)
	m.group("/init.scope", 0)
	m.process(1, 1, 0, 0, "/init.scope")
	m.process(50, 1, 0, 1000, "/user.slice/user-1000.slice")
	s := m.open(m.config())
	m.waited[50] = 700 // 7 s, but the slice counted 6.5 s: the rest ran elsewhere
	m.process(50, 1, 100, 1000, "/user.slice/user-1000.slice")
	m.group("/user.slice/user-1000.slice", 7_500_000)
	m.waited[1] = 400 // a service ended
	m.process(1, 1, 0, 0, "/init.scope")
	m.group("/system.slice/web.service", 4_000_000)
	m.pass(s, time.Minute, 1300, 0, 0, 10_700)
	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{host="box"} busy 13 idle 107 of 60, 0 J in 0`,
		`{unit="web.service"} busy 4 idle 0 of 60, 0 J in 0`,
		`{unit="user-1000.slice", user="alice"} busy 7.5 idle 0 of 60, 0 J in 0`,
	}
	got := lines(readings[0])
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSinceBoot knows what was used between the boot and the first sample.
func TestSinceBoot(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.modes = [8]int64{2000, 0, 0, 18_000} // 20 s busy, 180 s idle in 100 s of two processors
	m.stat()
	m.process(10, 50, 1000, 1000, "/")
	s := m.open(m.config())
	m.pass(s, 20*time.Second, 0, 0, 0, 4000)
	readings, err := readAt(t, s, "11:58:00", "12:00:00", m.at) // booted at 11:58:20
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{
		{`{host="box"} busy 8 idle 72 of 40, 0 J in 0`, `{user="alice"} busy 4 idle 0 of 40, 0 J in 0`},
		{`{host="box"} busy 12 idle 108 of 60, 0 J in 0`, `{user="alice"} busy 6 idle 0 of 60, 0 J in 0`},
	} {
		if diff := cmp.Diff(want, lines(readings[i])); diff != "" {
			t.Errorf("minute %d (-want +got):\n%s", i, diff)
		}
	}
	if _, err := readAt(t, s, "11:57:00", "11:58:00", m.at); !errors.Is(err, source.ErrGone) {
		t.Errorf("before the boot: %v", err)
	}
	if _, err := readAt(t, s, "11:57:00", "11:59:00", m.at); !errors.Is(err, source.ErrGone) {
		t.Errorf("partly before the boot: %v", err)
	}
}

// TestModes counts what the config says, and nothing twice; idle and iowait that fall
// are no reset.
func TestModes(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	c := m.config()
	c.Modes = source.Modes{Idle: []string{"idle"}, Ignored: []string{"steal"}}
	s := m.open(c)
	m.pass(s, 30*time.Second, 100, 200, 300, 3000, 400, 500, 600, 700)
	m.pass(s, 15*time.Second, 0, 0, 0, -7, -3)
	m.pass(s, 15*time.Second, 0, 0, 0, 1500)
	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	// What fell is made up before more is counted.
	if diff := cmp.Diff([]string{`{host="box"} busy 21 idle 44.93 of 60, 0 J in 0`}, lines(readings[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMeters(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	const wraps = 262_143_328_850
	m.zone("intel-rapl:0", "package-0", wraps-400_000_000, wraps)
	m.zone("intel-rapl:0:0", "core", 5, wraps) // in its package
	m.zone("intel-rapl:0:1", "dram", 1_000_000, 65_532_610_987)
	m.zone("intel-rapl:1", "package-1", 77, wraps)
	m.zone("intel-rapl:2", "psys", 77, wraps) // all of it once more
	m.zone("intel-rapl-mmio:0", "package-0", 1, wraps)
	m.write("sys/class/powercap/intel-rapl/enabled", "1\n")
	s := m.open(m.config())
	for i := range int64(6) { // 100 W, 5 W and 50 W
		at := (i + 1) * 10
		m.zone("intel-rapl:0", "package-0", (wraps-400_000_000+at*100_000_000)%wraps, wraps)
		m.zone("intel-rapl:0:1", "dram", 1_000_000+at*5_000_000, 65_532_610_987)
		m.zone("intel-rapl:1", "package-1", 77+at*50_000_000, wraps)
		m.pass(s, 10*time.Second, 0, 0, 0, 2000)
	}
	// The counter of a package is set back, as by a firmware; the next minute it counts again.
	m.zone("intel-rapl:1", "package-1", 1_000_000, wraps)
	m.zone("intel-rapl:0", "package-0", 700_000_000_000%wraps, wraps)
	m.pass(s, 10*time.Second, 0, 0, 0, 2000)
	readings, err := readAt(t, s, "12:00:00", "12:02:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`{host="box"} busy 0 idle 120 of 60, 9300 J in 60`}, lines(readings[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := readings[1].Facts.Facts[0]; got.Metered.Seconds() != 10 {
		t.Errorf("metered %v of %v", got.Metered, got.Observed)
	}
}

// TestMetersThatAreLost has no meter where one zone cannot be read, and a gap where
// they were silent for long.
func TestMetersThatAreLost(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.zone("intel-rapl:0", "package-0", 0, 262_143_328_850)
	m.zone("intel-rapl:1", "package-1", 0, 262_143_328_850)
	m.remove("sys/class/powercap/intel-rapl:1/energy_uj")
	s := m.open(m.config())
	m.pass(s, 60*time.Second)
	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil || readings[0].Facts.Facts[0].Metered != 0 {
		t.Errorf("%v, %v", readings, err)
	}

	m = newMachine(t)
	m.zone("intel-rapl:0", "package-0", 0, 262_143_328_850)
	s = m.open(m.config())
	m.zone("intel-rapl:0", "package-0", 1000, 262_143_328_850)
	m.pass(s, 6*time.Minute, 0, 0, 0, 72_000) // longer than a counter can be trusted
	readings, err = readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil || readings[0].Facts.Facts[0].Metered != 0 || readings[0].Facts.Facts[0].Bridged.Seconds() != 60 {
		t.Errorf("%v, %v", lines(readings[0]), err)
	}
}

// replayable lets the suite read slots twice, as long as samples are kept.
type replayable struct{ source.Source }

func (r replayable) Info() source.Info {
	i := r.Source.Info()
	i.Replayable = true
	return i
}

// busyMachine runs a machine with users, units and a meter for some minutes.
func busyMachine(t testing.TB, steps int, step time.Duration) (*machine, *host.Source) {
	t.Helper()
	m := newMachine(t)
	m.boot = m.at.Add(-30 * 24 * time.Hour)
	m.stat()
	use := func(i int64) {
		m.group("/system.slice/db.service", 7_000_000+i*1_234_567)
		m.group("/system.slice/cron.service", i/5*100_000)
		m.process(10, 50, 600+i*111, 1001, "/system.slice/db.service")
		m.process(20, 60, i*50, 1000, "/user.slice/user-1000.slice/session-1.scope")
		m.group("/user.slice/user-1000.slice", 30_000+i*700_001)
		m.process(int(1000+i), 100+i, 3, 1000, "/user.slice/user-1000.slice")
		m.end(int(1000 + i - 1))
		m.zone("intel-rapl:0", "package-0", i*70_000_003, 500_000_000_000)
	}
	use(0)
	s := m.open(m.config())
	for i := range int64(steps) {
		use(i + 1)
		m.pass(s, step+time.Duration(i%7)*time.Millisecond, 161+i%9, 3, 40+i%11, 800)
	}
	return m, s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	grid, err := account.NewGrid(5 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, s := busyMachine(t, 50, 20*time.Second)
	_, stopped := busyMachine(t, 3, 20*time.Second)
	for name, one := range map[string]source.Source{"as it is": s, "within its memory": replayable{s}} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, sourcetest.Harness{
				Source: one, Grid: grid,
				Span:   account.NewSpan(at("12:00:00"), at("12:15:00")),
				Gone:   account.NewSpan(at("11:50:00"), at("12:00:00")),
				Broken: stopped,
			})
		})
	}
}

// TestSums wants the parts of each slot not to be more than the machine, and all
// slots to sum to the counters.
func TestSums(t *testing.T) {
	t.Parallel()
	m, s := busyMachine(t, 60, 10*time.Second)
	readings, err := readAt(t, s, "12:00:00", "12:11:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	var busy, idle int64
	parts := map[account.Labels]int64{}
	for _, r := range readings {
		var used int64
		for _, f := range r.Facts.Facts {
			if sub := r.Facts.Subjects[f.Subject]; sub.Kind == account.SubjectPart {
				used += int64(f.Busy)
				parts[sub.Labels] += int64(f.Busy)
			} else {
				busy += int64(f.Busy)
				idle += int64(f.Idle)
			}
		}
		if own := r.Facts.Facts[0]; used > int64(own.Busy) {
			t.Errorf("%v: parts used %d of %d", r.Facts.Slot, used, own.Busy)
		}
	}
	want := (m.modes[0] + m.modes[1] + m.modes[2]) * 10_000
	if busy != want || idle != (m.modes[3]-20_000)*10_000 {
		t.Errorf("busy %d, want %d; idle %d", busy, want, idle)
	}
	units := map[string]int64{}
	for l, v := range parts {
		units[l.Get(host.LabelUnit)] += v
	}
	for unit, want := range map[string]int64{"db.service": 60 * 1_234_567, "cron.service": 60 / 5 * 100_000, "user-1000.slice": 60 * 700_001} {
		if units[unit] != want { // what the group counted, to the microsecond
			t.Errorf("%s: %d, want %d", unit, units[unit], want)
		}
	}
}

func TestForgetting(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	c := m.config()
	c.Keep = 2 * time.Minute
	m.process(1, 1, 100, 1000, "/")
	s := m.open(c)
	for i := range 60 {
		m.process(i+2, int64(i), 10, 100_000+i, "/") // a user each
		m.end(i + 1)
		m.pass(s, 5*time.Second, 10, 0, 0, 990)
	}
	if _, err := readAt(t, s, "12:00:00", "12:01:00", m.at); !errors.Is(err, source.ErrGone) {
		t.Errorf("trimmed: %v", err)
	}
	readings, err := readAt(t, s, "12:03:00", "12:05:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range readings {
		if got := lines(r); len(got) != 13 || got[0] != `{host="box"} busy 1.2 idle 118.8 of 60, 0 J in 0` {
			t.Errorf("%q", got)
		}
	}
	if n := host.Remembered(s); n > 30 {
		t.Errorf("%d parts are remembered for 24 samples", n)
	}
}

func TestTooManyParts(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	c := m.config()
	c.MaxParts = 3
	s := m.open(c)
	for pid := range 5 {
		m.process(pid+1, 1, 100, 1000+pid, "/")
	}
	m.pass(s, time.Minute, 500, 0, 0, 11_500)
	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil || len(readings[0].Facts.Subjects) != 4 {
		t.Fatalf("%v, %v", readings, err)
	}
	if w := readings[0].Warnings; len(w) != 1 || w[0].Code != "too-many-parts" || w[0].Count != 2 {
		t.Errorf("%+v", w)
	}
}

// TestClock sets the clock back and forth. What was counted is never lost, and
// never negative.
func TestClock(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.open(m.config())
	m.process(1, 1, 100, 1000, "/")
	m.pass(s, 40*time.Second, 100, 0, 0, 7900)
	m.process(1, 1, 200, 1000, "/")
	m.pass(s, -30*time.Second, 100, 0, 0, 1900) // 12:00:10
	m.process(1, 1, 300, 1000, "/")
	m.pass(s, 50*time.Second, 100, 0, 0, 9900) // 12:01:00
	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`{host="box"} busy 3 idle 197 of 60, 0 J in 0`, `{user="alice"} busy 3 idle 0 of 60, 0 J in 0`}
	if diff := cmp.Diff(want, lines(readings[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A day ahead: longer than is bridged, so a gap.
	m.pass(s, 24*time.Hour, 100, 0, 0, 100)
	m.pass(s, 10*time.Second, 100, 0, 0, 100)
	if readings, err = readAt(t, s, "12:01:00", "12:02:00", m.at); err != nil {
		t.Fatal(err)
	}
	if f := readings[0].Facts.Facts[0]; f.Busy != 0 || f.Observed != 0 || f.Expected != 60_000_000 {
		t.Errorf("%+v", f)
	}
	// Back before all samples: everything begins anew.
	m.pass(s, -48*time.Hour, 100, 0, 0, 100)
	m.process(1, 1, 400, 1000, "/")
	m.pass(s, time.Minute, 100, 0, 0, 11_900)
	now := m.at
	r, err := host.ReadAt(s, source.Request{Span: account.NewSpan(now.Truncate(time.Minute), now.Truncate(time.Minute).Add(time.Minute)), Grid: minutes(t)}, now)
	if err != nil || len(r) != 1 || len(r[0].Facts.Facts) == 0 {
		t.Errorf("%v, %v", r, err)
	}
}

// TestOpenSlot reads a slot that goes on, and one that has just ended: what is known
// of them, and no error until samples have stopped.
func TestOpenSlot(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	s := m.open(m.config())
	m.pass(s, 58*time.Second, 100, 0, 0, 11_500)
	for _, now := range []time.Duration{0, 4 * time.Second, 16 * time.Second} {
		readings, err := readAt(t, s, "12:00:00", "12:02:00", m.at.Add(now))
		if err != nil || lines(readings[0])[0] != `{host="box"} busy 1 idle 115 of 58, 0 J in 0` || len(readings[1].Facts.Facts) != 0 {
			t.Errorf("after %v: %v, %v", now, readings, err)
		}
	}
	if _, err := readAt(t, s, "12:00:00", "12:02:00", m.at.Add(18*time.Second)); !errors.Is(err, source.ErrUnavailable) {
		t.Errorf("no samples: %v", err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	var log strings.Builder
	c := m.config()
	c.Interval = 100 * time.Millisecond
	s, err := host.New(c, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	begin := time.Now()
	wait := func(samples int) {
		for before := host.Samples(s); host.Samples(s) < before+samples; time.Sleep(10 * time.Millisecond) {
			if time.Since(begin) > 30*time.Second {
				t.Fatal("no samples")
			}
		}
	}
	wait(2)
	m.remove("proc/stat")
	time.Sleep(250 * time.Millisecond)
	m.stat()
	wait(2)
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	for _, want := range []string{"observing this machine", "no sample", "samples again"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log without %q:\n%s", want, log.String())
		}
	}
}

func TestWithoutProc(t *testing.T) {
	t.Parallel()
	c := host.Defaults()
	c.Root = t.TempDir()
	_, err := host.New(c, slog.New(slog.DiscardHandler))
	if !errors.Is(err, source.ErrUnavailable) || !strings.Contains(err.Error(), "needs the /proc of Linux") {
		t.Errorf("no /proc: %v", err)
	}
	m := newMachine(t)
	m.write("proc/sys/kernel/hostname", "\n")
	if _, err := host.New(m.config(), slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "configure one") {
		t.Errorf("no name: %v", err)
	}
	m.write("proc/stat", "cpu x\n")
	c = m.config()
	c.Host = "box"
	if _, err := host.New(c, slog.New(slog.DiscardHandler)); !errors.Is(err, source.ErrUnavailable) {
		t.Errorf("no numbers: %v", err)
	}
}

func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.group("/a.service", 5)
	m.write("sys/fs/cgroup/b.service/cpu.stat", "usage_usec lots\n")
	m.write("sys/fs/cgroup/c.service/cpu.stat", "")
	m.write("proc/7/stat", "7 (half")
	m.process(8, 1, 100, 1000, "/a.service")
	m.write("proc/8/status", "Name:\tx\nUid:\tnobody\n")
	m.process(9, 1, 100, 1000, "/a.service")
	m.write("proc/9/cgroup", "broken\n")
	m.zone("intel-rapl:0", "package-0", -5, 1)
	s := m.open(m.config())
	m.group("/a.service", 1_000_005)
	m.pass(s, time.Minute, 200, 0, 0, 11_800)
	readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at)
	want := []string{`{host="box"} busy 2 idle 118 of 60, 0 J in 0`, `{unit="a.service"} busy 1 idle 0 of 60, 0 J in 0`}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, lines(readings[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := host.Defaults().Validate(); err != nil {
		t.Error(err)
	}
	err := host.Config{Host: "\xff", Interval: time.Second}.Validate()
	for _, want := range []string{"name: required", "root: required", "host: ", "keep: 0s", "max_parts: 0", "max_bridge: 0s"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
	if _, err := host.New(host.Config{}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("New took a config that is not valid")
	}
}

func Example() {
	// In a program: host.Defaults(), and Run in a goroutine of its own.
	root, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	proc := filepath.Join(root, "proc")
	if err := os.Mkdir(proc, 0o755); err != nil {
		panic(err)
	}
	stat := func(busy, idle int) {
		text := fmt.Sprintf("cpu  %d 0 0 %d 0 0 0 0 0 0\nbtime 1700000000\n", busy, idle)
		if err := os.WriteFile(filepath.Join(proc, "stat"), []byte(text), 0o600); err != nil {
			panic(err)
		}
	}
	c := host.Defaults()
	c.Root, c.Host = root, "laptop"
	stat(1000, 100_000)
	s, err := host.New(c, slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	grid, err := account.NewGrid(time.Minute)
	if err != nil {
		panic(err)
	}
	next := grid.Slot(time.Now()).To
	_ = s.Sample(next)
	stat(1300, 111_700)
	_ = s.Sample(next.Add(time.Minute))
	for r, err := range s.Read(context.Background(), source.Request{Span: grid.Slot(next), Grid: grid}) {
		for _, f := range r.Facts.Facts {
			fmt.Println(r.Facts.Subjects[f.Subject].Labels, "busy", f.Busy, "idle", f.Idle)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output: {host="laptop"} busy 3 s idle 117 s
}

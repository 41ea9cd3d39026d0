package meter_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/window"
)

// rig is a counter of 10 W and two gauges of 3 W and 4 W, whose time a test sets.
type rig struct {
	began time.Time
	every time.Duration

	mu  sync.Mutex
	now time.Time
}

func (r *rig) Info() meter.Info {
	return meter.Info{
		Name: "rig", Energy: window.EnergyRedfish, Every: r.every, Targets: [][]string{{"a"}, {"b"}, {"b"}},
	}
}

func (r *rig) Read(context.Context, time.Time) ([]meter.Sample, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []meter.Sample{
		{Target: 0, Series: "c", Kind: meter.Counter, At: r.now, Value: 10 * r.now.Sub(r.began).Seconds()},
		{Target: 1, Kind: meter.Power, At: r.now, Value: 3},
		{Target: 2, Kind: meter.Power, At: r.now, Value: 4},
	}, nil
}

// to lets time go on.
func (r *rig) to(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = at
}

// sampled has a recorder read the rig once, by asking for the readings of no time.
func sampled(t *testing.T, r *meter.Recorder) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reads := r.Status()[0].Reads
	go func() {
		for r.Status()[0].Reads == reads {
			time.Sleep(50 * time.Microsecond)
		}
		stop()
	}()
	r.Run(ctx)
}

// Whatever it is that kills the program, and whether the window that was being closed is
// kept or not, all energy is in one window, except that of gauges while nobody read them.
func TestNothingIsLostByKilling(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		end := time.Now().Truncate(time.Second)
		m := &rig{began: end.Add(-2 * time.Hour), every: time.Minute}
		at := m.began
		m.to(at)
		config := meter.Config{Timeout: time.Second, Hold: time.Duration(rnd.IntN(90)) * time.Second, Journal: filepath.Join(t.TempDir(), "below", "meters.ndjson")}
		open := func() *meter.Recorder {
			r, err := meter.NewRecorder(config, []meter.Source{m}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		r, from, given := open(), at, 0.0
		sampled(t, r)
		down := 0.0 // seconds in which gauges were not known
		for at.Before(end.Add(-20 * time.Minute)) {
			next := at.Add(time.Minute)
			m.to(next)
			sampled(t, r)
			kept := true
			switch rnd.IntN(6) {
			case 0: // a window is closed
				from, given = ask(t, r, from, next, given)
			case 1: // it is not kept
				if _, err := r.Readings(t.Context(), from.UnixNano(), next.UnixNano()); err != nil {
					t.Fatal(err)
				}
				kept = false
			}
			at = next
			if !kept || rnd.IntN(5) == 0 {
				if rnd.IntN(3) == 0 {
					down += 600
					at = at.Add(10 * time.Minute)
					m.to(at)
				}
				r = open()
				r.Resume(from.UnixNano())
				sampled(t, r)
			}
		}
		m.to(at.Add(time.Minute))
		sampled(t, r)
		at = at.Add(time.Minute)
		_, given = ask(t, r, from, at.Add(config.Hold), given)
		whole := at.Sub(m.began).Seconds()
		want := 10*whole + 7*(whole-down)
		if math.Abs(given-want) > 1e-6*want {
			t.Errorf("seed %d: given %v J, want %v", seed, given, want)
		}
	}
}

// ask closes a window, and returns where the next begins and what was given up to now.
func ask(t *testing.T, r *meter.Recorder, from, to time.Time, given float64) (time.Time, float64) {
	t.Helper()
	readings, err := r.Readings(t.Context(), from.UnixNano(), to.UnixNano())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range readings {
		given += x.KWh * 3.6e6
	}
	return to, given
}

// A journal that is damaged is put aside with a word; of one that was not written to its
// end the whole lines hold. A target that is not configured any more keeps its energy.
func TestDamagedJournals(t *testing.T) {
	t.Parallel()
	m := &rig{began: time.Now().Add(-10 * time.Minute).Truncate(time.Second), every: time.Minute}
	path := filepath.Join(t.TempDir(), "meters.ndjson")
	var log bytes.Buffer
	open := func(sources ...meter.Source) *meter.Recorder {
		r, err := meter.NewRecorder(meter.Config{Timeout: time.Second, Journal: path}, sources, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := open(m)
	for minute := range 4 {
		m.to(m.began.Add(time.Duration(minute) * time.Minute))
		sampled(t, r)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	for name, c := range map[string]struct {
		text string
		want float64
		bad  bool
	}{
		"whole":        {string(whole), 3 * 60 * 17, false},
		"torn":         {string(whole[:len(whole)-7]), 2 * 60 * 17, false},
		"no more":      {string(lines[0]), 0, false},
		"torn at once": {string(lines[0][:20]), 0, true},
		"empty":        {"", 0, true},
		"not JSON":     {"hello\n", 0, true},
		"hostile":      {`{"series":[{"m":"rig","n":-5,"g":["a"],"t":1,"v":-1},{"m":"rig","n":9,"t":1}],"groups":[{"energy":"x"},{"energy":"redfish_bmc","pieces":[{"f":5,"t":1,"j":1}]}]}` + "\n", 0, false},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		log.Reset()
		other := open(renamed{m})
		if bad := strings.Contains(log.String(), "is damaged"); bad != c.bad {
			t.Errorf("%s: damaged %v: %s", name, bad, log.String())
		}
		_, given := ask(t, other, m.began, m.began.Add(3*time.Minute), 0)
		if c.want > 0 && math.Abs(given-c.want) > 1e-6 {
			t.Errorf("%s: %v J, want %v", name, given, c.want)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
}

// renamed is a rig whose targets are others' now.
type renamed struct{ *rig }

func (r renamed) Info() meter.Info {
	info := r.rig.Info()
	info.Targets = [][]string{{"x"}, {"y"}, {"z"}}
	return info
}

// A folder that cannot be written is told once, and costs no reading.
func TestJournalCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := &rig{began: time.Now().Add(-time.Minute), every: time.Minute}
	var log bytes.Buffer
	_, err := meter.NewRecorder(meter.Config{Timeout: time.Second, Journal: filepath.Join(file, "meters.ndjson")}, []meter.Source{m}, slog.New(slog.NewTextHandler(&log, nil)))
	if err == nil {
		t.Error("a journal below a file")
	}
	folder := t.TempDir()
	r, err := meter.NewRecorder(meter.Config{Timeout: time.Second, Journal: filepath.Join(folder, "gone", "meters.ndjson")}, []meter.Source{m}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "gone"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		m.to(m.began.Add(time.Duration(i) * time.Second))
		sampled(t, r)
	}
	if text := log.String(); strings.Count(text, "not journaled") != 1 || r.Status()[0].Joules != 2*17 {
		t.Errorf("%v J, %s", r.Status()[0].Joules, text)
	}
	if err := os.Remove(filepath.Join(folder, "gone")); err != nil {
		t.Fatal(err)
	}
	m.to(m.began.Add(time.Minute))
	sampled(t, r)
	if !strings.Contains(log.String(), "journaled again") {
		t.Error(fmt.Sprint(log.String()))
	}
}

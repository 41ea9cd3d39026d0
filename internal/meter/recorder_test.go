package meter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/window"
)

// machine is a counter of 10 W and a gauge of 5 W, each of a service. It can fail.
type machine struct {
	began time.Time
	extra []meter.Sample

	mu    sync.Mutex
	err   error
	reads int
}

// fail has the machine fail from now on, or not any more.
func (m *machine) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *machine) Info() meter.Info {
	return meter.Info{
		Name: "machine", Energy: window.EnergyKepler, Every: 5 * time.Second, Targets: [][]string{{"Busy"}, {"idle"}},
	}
}

func (m *machine) Read(context.Context, time.Time) ([]meter.Sample, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if m.err != nil {
		return nil, m.err
	}
	now := time.Now()
	return append([]meter.Sample{
		{Target: 0, Series: "a", Kind: meter.Counter, At: now, Value: 10 * now.Sub(m.began).Seconds()},
		{Target: 1, Series: "a", Kind: meter.Power, At: now, Value: 5},
	}, m.extra...), nil
}

// All that is measured is either a service's or idle, over windows of any length and
// spans that come sooner or later.
func TestMeterIsServicesAndIdle(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 2))
			m := &machine{began: time.Now()}
			r, err := meter.NewRecorder(meter.Defaults(), []meter.Source{m}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			go r.Run(ctx)
			config := window.Defaults()
			config.Metered = r.Services()
			s, err := window.New(config)
			if err != nil {
				t.Fatal(err)
			}
			delay := time.Duration(rnd.Int64N(int64(5 * time.Second)))
			var energy, attributed, idle, gave float64
			from := time.Now()
			for range 40 {
				end := from.Add(time.Second + time.Duration(rnd.Int64N(int64(2*time.Minute))))
				for at := from; at.Before(end); at = at.Add(time.Second) {
					s.Add(&window.Span{Kind: window.KindSQL, Service: "BUSY", Start: at.Add(-delay).UnixNano()})
				}
				time.Sleep(time.Until(end))
				readings, err := r.Readings(ctx, from.UnixNano(), end.UnixNano())
				if err != nil {
					t.Fatal(err)
				}
				for _, reading := range readings {
					gave += reading.KWh * 3.6e6
				}
				w := s.Close(window.Conditions{From: from.UnixNano(), To: end.UnixNano(), Readings: readings})
				for _, x := range w.Detail.Meters {
					energy += x.EnergyKWh * 3.6e6
					attributed += x.AttributedKWh * 3.6e6
					idle += x.IdleKWh * 3.6e6
				}
				from = end
			}
			stop()
			whole := 15 * (time.Since(m.began) - meter.Defaults().Hold).Seconds()
			for name, got := range map[string]float64{"readings": gave, "meters": energy, "services and idle": attributed + idle} {
				if math.Abs(got-whole) > 1e-9*whole {
					t.Errorf("seed %d: %s: %v J, want %v", seed, name, got, whole)
				}
			}
			// Two thirds are a service's that works all the time.
			if share := attributed / whole; share < 0.66 || share > 0.67 {
				t.Errorf("seed %d, delay %v: %v of the energy was attributed", seed, delay, share)
			}
		})
	}
}

// A source that fails is told of once, and so is that it is back; what its counter kept
// is known then, and what its gauge did is not.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &machine{began: time.Now()}
		var log bytes.Buffer
		r, err := meter.NewRecorder(meter.Defaults(), []meter.Source{m}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go r.Run(ctx)
		time.Sleep(61 * time.Second)
		m.fail(fmt.Errorf("%w: gone", meter.ErrUnavailable))
		time.Sleep(time.Minute)
		if s := r.Status()[0]; s.Failed != 12 || !strings.Contains(s.Trouble, "gone") {
			t.Errorf("%+v", s)
		}
		m.fail(nil)
		time.Sleep(time.Minute)
		stop()
		synctest.Wait()
		if s := r.Status()[0]; s.Joules != 180*10+115*5 || s.Trouble != "" || s.Reads != 37 {
			t.Errorf("%+v", s)
		}
		if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "meter not read") || !strings.Contains(text, "meter read again") {
			t.Errorf("log:\n%s", text)
		}
	})
}

// Samples that no meter can have meant are refused and counted; others are not harmed.
func TestHostileSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		m := &machine{began: now, extra: []meter.Sample{
			{Target: 7, Series: "b", At: now, Value: 1},
			{Target: -1, Series: "b", At: now, Value: 1},
			{Target: 0, Series: "b", At: now, Value: math.NaN()},
			{Target: 0, Series: "b", At: now, Value: math.Inf(1)},
			{Target: 0, Series: "b", At: now, Value: -1},
			{Target: 1, Series: "b", Kind: meter.Power, At: now, Value: 1e300},
			{Target: 0, Series: "b", At: now.Add(time.Hour), Value: 1},
			{Target: 0, Series: "b", Value: 1},
		}}
		for i := range 1 << 17 { // more series than are kept
			m.extra = append(m.extra, meter.Sample{Target: 0, Series: fmt.Sprint(i), At: now, Value: 1})
		}
		r, err := meter.NewRecorder(meter.Defaults(), []meter.Source{m}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		r.Run(ctx)
		if s := r.Status()[0]; s.Refused < 8+1<<16 || s.Joules != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// Windows that are closed one after the other do not make a meter be asked each time.
func TestManyWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &machine{began: time.Now(), err: errors.New("gone")}
		r, err := meter.NewRecorder(meter.Defaults(), []meter.Source{m}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			from := time.Now()
			time.Sleep(100 * time.Millisecond)
			if got, err := r.Readings(t.Context(), from.UnixNano(), time.Now().UnixNano()); err != nil || len(got) > 0 {
				t.Fatal(got, err)
			}
		}
		if m.reads != 2 {
			t.Errorf("asked %d times in 10 s", m.reads)
		}
	})
}

func TestNamesAreTheirOwn(t *testing.T) {
	t.Parallel()
	_, err := meter.NewRecorder(meter.Defaults(), []meter.Source{&machine{}, &machine{}}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), `meter "machine": there are two`) {
		t.Error(err)
	}
}

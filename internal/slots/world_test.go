package slots_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/unit"
)

// world is a small facility with a source, a grid and a directory, which live in
// the time of a synctest bubble.
type world struct {
	mu   sync.Mutex
	name string
	// hosts have two processors; silent are times without samples by host.
	hosts  []string
	silent map[string][]account.Span
	// down are times in which the source does not answer, keeps is how long it
	// keeps samples.
	down  []account.Span
	keeps time.Duration
	reads int
	// failAt is the number of the read that fails.
	failAt int
	// actualAfter is how long after a slot its actual intensity is known.
	actualAfter time.Duration
	gridDown    bool
	// faulty makes it skip samples.
	faulty bool
	// around is how far around a span samples are looked for.
	around time.Duration
	// holdings are revisions in the order in which they were made.
	holdings []account.Holding
}

func newWorld(hosts ...string) *world {
	return &world{name: "world", hosts: hosts, silent: map[string][]account.Span{}, keeps: 1000 * time.Hour, actualAfter: 45 * time.Minute, around: 7 * time.Hour}
}

func (w *world) Info() source.Info { return source.Info{Name: w.name, Replayable: true} }

func (w *world) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		readings, err := w.read(ctx, r)
		if err != nil {
			yield(source.Reading{}, err)
			return
		}
		for _, one := range readings {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func (w *world) read(ctx context.Context, r source.Request) ([]source.Reading, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	if w.reads == w.failAt {
		return nil, fmt.Errorf("%w: read %d", source.ErrUnavailable, w.reads)
	}
	now := time.Now()
	for _, s := range w.down {
		if s.Contains(now) {
			return nil, fmt.Errorf("%w: down until %v", source.ErrUnavailable, s.To)
		}
	}
	if r.Span.From.Before(now.Add(-w.keeps)) {
		return nil, fmt.Errorf("%w: %v", source.ErrGone, r.Span)
	}
	b, err := source.NewBuilder(r, account.Origin{Source: w.name, Method: "raw samples"})
	if err != nil {
		return nil, err
	}
	if w.faulty {
		b.Faults("node_cpu_seconds_total{cpu=\"7\"}", energy.Faults{NotFinite: 3})
	}
	for i, host := range w.hosts {
		if err := w.addHost(b, r.Span, i, host, now); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.Readings()
}

// addHost samples two counters every two minutes around a span.
func (w *world) addHost(b *source.Builder, span account.Span, i int, host string, now time.Time) error {
	labels, err := account.LabelsOf("cloud_project_name", "IDAaaS", "machine_name", fmt.Sprint("M", i%2))
	if err != nil {
		return err
	}
	subject := account.Subject{Host: host, Labels: labels}
	for _, class := range []source.Class{source.Busy, source.Idle} {
		c := energy.NewCounter(energy.DefaultRule(), b.Bins(host), nil)
		first := span.From.Add(-w.around).Truncate(2 * time.Minute)
		for t := first; t.Before(span.To.Add(w.around)); t = t.Add(2 * time.Minute) {
			at := t.Add(time.Duration(i*7) * time.Second)
			if at.After(now) || w.isSilent(host, at) {
				continue
			}
			c.Add(at.UnixMicro(), counterAt(i, class, at))
		}
		tally, _ := c.Finish()
		if err := b.Processor(subject, class, tally); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) isSilent(host string, at time.Time) bool {
	for _, s := range w.silent[host] {
		if s.Contains(at) {
			return true
		}
	}
	return false
}

// counterAt is the seconds that a counter shows: busy half of odd hours.
func counterAt(i int, class source.Class, at time.Time) float64 {
	total := at.Sub(time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC))
	hours, rest := int(total/time.Hour), total%time.Hour
	busy := time.Duration(hours/2) * time.Hour / 2
	if hours%2 == 1 {
		busy += rest / 2
	}
	busy += time.Duration(i) * 10 * time.Hour
	if class == source.Busy {
		return busy.Seconds()
	}
	return (2*total - busy).Seconds() + 1e6
}

// grid is the world as an intensity source: half-hours whose value is a function
// of their time, a forecast that is 10 g too high, later an actual.
type grid struct{ *world }

func (grid) Info() intensity.Info {
	return intensity.Info{Name: "grid", Accounting: accounting(), Revises: true, Forecasts: true}
}

func accounting() account.Accounting {
	return account.Accounting{Scope: "combustion", Approach: "location"}
}

func (g grid) Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gridDown {
		return nil, fmt.Errorf("%w: down", intensity.ErrUnavailable)
	}
	var out []account.Intensity
	now := time.Now()
	for from := span.From.Truncate(30 * time.Minute); from.Before(span.To); from = from.Add(30 * time.Minute) {
		v := account.Intensity{
			Region: region, Span: account.NewSpan(from, from.Add(30*time.Minute)), Source: "grid", Accounting: accounting(),
			Value: actual(from) + 10_000_000, Kind: account.IntensityForecast,
		}
		if now.After(v.Span.To.Add(g.actualAfter)) {
			v.Value, v.Kind = actual(from), account.IntensityActual
		}
		out = append(out, v)
	}
	return out, ctx.Err()
}

func actual(from time.Time) unit.Intensity {
	return unit.Intensity(100+from.Unix()/1800%97) * 1_000_000
}

// people is the world as a directory: the cursor is the number of revisions told.
type people struct{ *world }

func (people) Name() string { return "people" }

func (p people) Changes(ctx context.Context, cursor string) (directory.Update, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	if cursor != "" {
		if _, err := fmt.Sscan(cursor, &n); err != nil || n > len(p.holdings) {
			return directory.Update{}, directory.ErrCursor
		}
	}
	newest := map[string]account.Holding{}
	for _, h := range p.holdings[n:] {
		newest[h.ID] = h
	}
	u := directory.Update{Cursor: fmt.Sprint(len(p.holdings))}
	for _, h := range p.holdings[n:] {
		if newest[h.ID].SameAs(h) {
			u.Holdings = append(u.Holdings, h)
		}
	}
	return u, ctx.Err()
}

func (w *world) hold(t *testing.T, id, host string, from time.Time, to time.Time) {
	t.Helper()
	labels, err := account.LabelsOf("user", id)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holdings = append(w.holdings, account.Holding{ID: id, Host: host, From: from, To: to, Holder: labels})
}

func method() derive.Method {
	return derive.Method{
		Models: []derive.ModelRule{{Model: energy.Default()}},
		Places: []derive.PlaceRule{{Region: "GB"}}, Chain: []string{"grid"}, Accounting: accounting(),
		Policy: derive.Policy{Name: "usage", Held: true},
	}
}

// calendar is half-hour slots in UTC.
func calendar(t testing.TB) account.Calendar {
	t.Helper()
	c, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newDriver(t testing.TB, w *world, store ledger.Store, change ...func(*slots.Config)) *slots.Driver {
	t.Helper()
	c := slots.Config{Method: method()}
	for _, f := range change {
		f(&c)
	}
	d, err := slots.New(c, slots.Deps{
		Store: store, Sources: []source.Source{w}, Intensities: []intensity.Source{grid{w}}, Directories: []directory.Source{people{w}},
		Log: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// live runs a driver for a time.
func live(t testing.TB, d *slots.Driver, until time.Time) {
	t.Helper()
	ctx, cancel := context.WithDeadline(t.Context(), until)
	defer cancel()
	if err := d.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// figures is what a ledger shows of a span: the entries of each slot.
func figures(t testing.TB, s ledger.Store, span account.Span) []ledger.SlotEntry {
	t.Helper()
	var out []ledger.SlotEntry
	for e, err := range s.Entries(t.Context(), span, nil) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func restatements(t testing.TB, s ledger.Store) map[ledger.Reason]int {
	t.Helper()
	out := map[ledger.Reason]int{}
	for r, err := range s.Restatements(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		out[r.Reason]++
	}
	return out
}

func states(t testing.TB, s ledger.Store) []ledger.SlotState {
	t.Helper()
	var out []ledger.SlotState
	for one, err := range s.Slots(t.Context(), account.NewSpan(time.Unix(0, 0), time.Now())) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

// rebuilt is a ledger that was filled from nothing now.
func rebuilt(t testing.TB, w *world, span account.Span) *memory.Store {
	t.Helper()
	s := memory.New(calendar(t))
	if _, err := newDriver(t, w, s).Backfill(t.Context(), span, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

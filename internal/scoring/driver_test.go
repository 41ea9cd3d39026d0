package scoring_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/window"
)

// faulty is an archive in memory that fails when it is told to.
type faulty struct {
	mu sync.Mutex
	list
	fail  error         // of Append
	late  bool          // it fails after it has kept the window
	block chan struct{} // Append waits until it is closed
}

func (f *faulty) Next(scored time.Time) (account.Mark, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list.Next(scored)
}

func (f *faulty) Append(w *window.Window, scored time.Time) (account.Mark, error) {
	if f.block != nil {
		<-f.block
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil && !f.late {
		return account.Mark{}, f.fail
	}
	mark, err := f.list.Append(w, scored)
	return mark, errors.Join(err, f.fail)
}

func (f *faulty) Holds(at account.Mark) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list.Holds(at)
}

func (f *faulty) set(fail error, late bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.late = fail, late
}

// spans returns the sum of the spans of all windows.
func (f *faulty) spans() (n uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.windows {
		n += f.windows[i].Detail.Spans.Counted
	}
	return n
}

func configured(t testing.TB) scoring.Config {
	c := scoring.Defaults()
	c.Journal, c.Scoring = t.TempDir(), window.Defaults()
	c.Scoring.Traces = window.LocalRoots
	return c
}

func begin(t testing.TB, c scoring.Config, a scoring.Archive) *scoring.Driver {
	t.Helper()
	d, err := scoring.New(c, scoring.Deps{Archive: a, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func end(t testing.TB, d *scoring.Driver) {
	t.Helper()
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// batch returns spans that begin at an instant.
func batch(n int, at time.Time) []window.Span {
	spans := make([]window.Span, n)
	for i := range spans {
		spans[i] = window.Span{Service: "cart", Region: "pl", Kind: window.KindSQL, Start: at.UnixNano(), LocalRoot: i%8 == 0}
	}
	return spans
}

func accept(t testing.TB, d *scoring.Driver, n int, at time.Time) {
	t.Helper()
	if err := d.Accept(batch(n, at), 0); err != nil {
		t.Fatal(err)
	}
}

// Windows end by time, one begins where the other ended, and what comes late is in the
// next one and counted. An idle time is no window.
func TestWindowsByTime(t *testing.T) {
	t.Parallel()
	c := configured(t)
	synctest.Test(t, func(t *testing.T) {
		a := &faulty{}
		d := begin(t, c, a)
		start := time.Now()
		accept(t, d, 10, start)
		time.Sleep(70 * time.Second)
		synctest.Wait()
		accept(t, d, 4, time.Now())
		accept(t, d, 3, start)
		time.Sleep(time.Hour)
		synctest.Wait()
		end(t, d)
		var got [][2]uint64
		for i := range a.windows {
			w := a.windows[i].Detail
			got = append(got, [2]uint64{w.Spans.Counted, w.Spans.Late})
			if length := time.Duration(w.To - w.From); length < c.Window || length > c.Window+time.Second {
				t.Errorf("window %d lasts %v", i, length)
			}
			if w.Coverage != 1 {
				t.Errorf("coverage %v", w.Coverage)
			}
		}
		if diff := cmp.Diff([][2]uint64{{10, 0}, {7, 3}}, got); diff != "" {
			t.Error(diff)
		}
		if a.windows[0].Detail.To != a.windows[1].Detail.From {
			t.Error("there is time between the windows")
		}
		if left, _ := os.ReadDir(c.Journal); len(left) > 0 {
			t.Errorf("journals are left: %v", left)
		}
	})
}

func TestWindowsBySize(t *testing.T) {
	t.Parallel()
	c := configured(t)
	c.MaxBytes = 1 << 16
	a := &faulty{}
	d := begin(t, c, a)
	for range 40 {
		accept(t, d, 1000, time.Now())
	}
	end(t, d)
	if len(a.windows) < 3 || a.spans() != 40_000 {
		t.Errorf("%d windows of %d spans", len(a.windows), a.spans())
	}
}

// copied returns the config with a copy of the journals as they are now: what a killed
// driver leaves.
func copied(t *testing.T, c scoring.Config) scoring.Config {
	t.Helper()
	from := c.Journal
	c.Journal = t.TempDir()
	if err := os.CopyFS(c.Journal, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReplay(t *testing.T) {
	t.Parallel()
	c := configured(t)
	a := &faulty{}
	d := begin(t, c, a)
	accept(t, d, 10, time.Now())
	accept(t, d, 5, time.Now())
	killed := copied(t, c)
	end(t, d)
	torn, _ := filepath.Glob(filepath.Join(killed.Journal, "*"))
	f, err := os.OpenFile(torn[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte{200, 0, 0, 0, 1, 2, 3, 4, 5}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	again := &faulty{}
	d = begin(t, killed, again)
	accept(t, d, 1, time.Now())
	end(t, d)
	w := again.windows[0].Detail
	if again.spans() != 16 || w.Coverage >= 1 || w.Coverage == 0 || d.Status().Replayed != 15 {
		t.Errorf("%d spans, coverage %v, %+v", again.spans(), w.Coverage, d.Status())
	}
	if w.From >= a.windows[0].Detail.To {
		t.Error("the window of before did not go on")
	}
}

// A window that is in the archive, and whose journal is still there, is not archived
// again.
func TestReplayOfAnArchivedWindow(t *testing.T) {
	t.Parallel()
	c := configured(t)
	a := &faulty{block: make(chan struct{})}
	d := begin(t, c, a)
	accept(t, d, 10, time.Now())
	stopped := make(chan error)
	go func() { stopped <- d.Stop(t.Context()) }()
	var killed scoring.Config
	for sizes := int64(0); sizes == 0; time.Sleep(10 * time.Millisecond) { // until its place is noted
		time.Sleep(50 * time.Millisecond)
		killed = copied(t, c)
		files, _ := filepath.Glob(filepath.Join(killed.Journal, "*"))
		info, err := os.Stat(files[0])
		if err != nil {
			t.Fatal(err)
		}
		sizes = info.Size()
	}
	close(a.block)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	same := &faulty{list: list{windows: a.windows}}
	end(t, begin(t, copied(t, killed), same))
	if len(same.windows) != 1 {
		t.Errorf("%d windows, want the one that was there", len(same.windows))
	}
	without := &faulty{}
	end(t, begin(t, copied(t, killed), without))
	if len(without.windows) != 1 || without.spans() != 10 {
		t.Errorf("%d windows in an archive that had none", len(without.windows))
	}
}

// An archive that fails is tried again, and asked whether it kept the window all the same.
func TestArchiveFails(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		c := configured(t)
		synctest.Test(t, func(t *testing.T) {
			a := &faulty{}
			a.set(errors.New("disk full"), late)
			d := begin(t, c, a)
			accept(t, d, 10, time.Now())
			time.Sleep(61 * time.Second)
			synctest.Wait()
			if len(d.Status().Troubles) != 1 && !late {
				t.Errorf("no trouble: %+v", d.Status())
			}
			a.set(nil, false)
			accept(t, d, 3, time.Now())
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			end(t, d)
			if len(a.windows) != 2 || a.spans() != 13 || len(d.Status().Troubles) != 0 {
				t.Errorf("kept %v: %d windows of %d spans, %+v", late, len(a.windows), a.spans(), d.Status())
			}
		})
	}
}

// What an archive cannot take is not taken from senders without end: they are refused,
// and the window says so.
func TestOverload(t *testing.T) {
	t.Parallel()
	c := configured(t)
	c.MaxBytes = 1 << 16
	a := &faulty{block: make(chan struct{})}
	d := begin(t, c, a)
	taken, refused := 0, 0
	for until := time.Now().Add(20 * time.Second); refused == 0 && time.Now().Before(until); {
		switch err := d.Accept(batch(1000, time.Now()), 0); {
		case err == nil:
			taken += 1000
		case errors.Is(err, scoring.ErrOverload):
			refused += 1000
		default:
			t.Fatal(err)
		}
	}
	size := int64(0)
	files, _ := filepath.Glob(filepath.Join(c.Journal, "*"))
	for _, name := range files {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	if size > 6*c.MaxBytes {
		t.Errorf("%d bytes of journals", size)
	}
	close(a.block)
	end(t, d)
	var drops uint64
	for i := range a.windows {
		for _, drop := range a.windows[i].Detail.Drops {
			if drop.Reason == scoring.DropOverload {
				drops += drop.Spans
			}
		}
	}
	if a.spans() != uint64(taken) || drops != uint64(refused) || d.Status().Refused != uint64(refused) {
		t.Errorf("%d taken, %d scored; %d refused, %d reported", taken, a.spans(), refused, drops)
	}
	if err := d.Accept(batch(1, time.Now()), 0); !errors.Is(err, scoring.ErrStopped) {
		t.Errorf("after the end: %v", err)
	}
}

// Two drivers between which traces are divided give the sums of one.
func TestTwoDriversAreOne(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	var all []window.Span
	for i := range 3000 {
		s := batch(1, at.Add(time.Duration(i)*time.Second))[0]
		s.Service = []string{"cart", "orders", "mail"}[i%3]
		s.Verb, s.Trace = window.Verb(i%5), window.TraceID{byte(i), byte(i >> 8), 1}
		all = append(all, s)
	}
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	facts := func(parts ...[]window.Span) map[account.Subject]account.Fact {
		a := &faulty{}
		book, err := scoring.NewBook(t.Context(), grid, a.from, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			w, err := window.Score(configured(t).Scoring, part, window.Conditions{From: at.UnixNano(), To: at.Add(time.Hour).UnixNano()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.Append(&w, at); err != nil {
				t.Fatal(err)
			}
			book.Learn(account.Mark{File: 1, Seq: uint64(len(a.windows))}, &w)
		}
		out := map[account.Subject]account.Fact{}
		for r, err := range book.Read(t.Context(), source.Request{Span: account.NewSpan(at, at.Add(time.Hour)), Grid: grid}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Facts.Facts {
				s := r.Facts.Subjects[f.Subject]
				f.From, f.To = 0, f.To+out[s].To
				f.Scored += out[s].Scored
				f.Subject, f.Observed = 0, 0 // two windows of one time are two times
				out[s] = f
			}
		}
		return out
	}
	var halves [2][]window.Span
	for _, s := range all {
		halves[s.Trace[0]%2] = append(halves[s.Trace[0]%2], s)
	}
	one := facts(all)
	if diff := cmp.Diff(one, facts(halves[:]...), cmp.AllowUnexported(account.Labels{})); diff != "" || len(one) != 3 {
		t.Errorf("%d services: %s", len(one), diff)
	}
	if diff := cmp.Diff(one, facts(halves[1], halves[0]), cmp.AllowUnexported(account.Labels{})); diff != "" {
		t.Error(diff)
	}
}

// Cells are booked in the slot of their own time, but for such that are too late or of
// the future.
func TestBooking(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 15, 12, 10, 0, 0, time.UTC)
	grid, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	a := &faulty{}
	book, err := scoring.NewBook(context.Background(), grid, a.from, at)
	if err != nil {
		t.Fatal(err)
	}
	var spans []window.Span
	for _, ago := range []time.Duration{0, time.Hour, 23 * time.Hour, 25 * time.Hour, -time.Hour, 100_000 * time.Hour} {
		spans = append(spans, batch(1, at.Add(-ago))...)
	}
	spans = append(spans, window.Span{Service: "cart", Region: "pl", Kind: window.KindSQL})
	w, err := window.Score(configured(t).Scoring, spans, window.Conditions{From: at.UnixNano(), To: at.Add(time.Minute).UnixNano()})
	if err != nil {
		t.Fatal(err)
	}
	book.Learn(account.Mark{File: 1, Seq: 9}, &w)
	got := map[string]string{}
	for r, err := range book.Read(t.Context(), source.Request{Span: account.NewSpan(at.Add(-48*time.Hour).Truncate(time.Hour), at.Truncate(time.Hour).Add(3*time.Hour)), Grid: grid}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Facts.Facts {
			got[r.Facts.Slot.From.Format("02 15:04")] = f.Scored.String()
			if f.Observed == 0 || f.Observed > f.Expected {
				t.Errorf("observed %v of %v", f.Observed, f.Expected)
			}
		}
	}
	want := map[string]string{"14 13:00": "0.0000001 kWh", "15 11:00": "0.0000001 kWh", "15 12:00": "0.0000005 kWh"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What meters measured is asked for once and not lost in a crash: a window that is
// scored again has the same energy.
func TestReadingsAreKept(t *testing.T) {
	t.Parallel()
	c := configured(t)
	a := &faulty{block: make(chan struct{})}
	d, err := scoring.New(c, scoring.Deps{Archive: a, Log: slog.New(slog.DiscardHandler), Readings: func(_ context.Context, from, to int64) ([]window.Reading, error) {
		return []window.Reading{{Source: window.EnergyKepler, Services: []string{"cart"}, From: from - int64(time.Hour), To: to, KWh: 0.25}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	accept(t, d, 10, time.Now())
	stopped := make(chan error)
	go func() { stopped <- d.Stop(t.Context()) }()
	time.Sleep(200 * time.Millisecond) // the archive is waited for
	killed := copied(t, c)
	close(a.block)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	again := &faulty{}
	end(t, begin(t, killed, again))
	for _, w := range []window.Window{a.windows[0], again.windows[0]} {
		if got := w.Detail.Total.EnergyKWh; got != 0.25 || len(w.Detail.Meters) != 1 {
			t.Errorf("%v kWh, %+v", got, w.Detail.Meters)
		}
	}
}

// Windows last as long as they should while the clock of the machine is put back or forth,
// and begin when it says: one that was wrong is not believed any longer than it is.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	c := configured(t)
	synctest.Test(t, func(t *testing.T) {
		var wrong atomic.Int64
		a := &faulty{}
		d, err := scoring.New(c, scoring.Deps{Archive: a, Log: slog.New(slog.DiscardHandler), Now: func() time.Time {
			return time.Now().Add(time.Duration(wrong.Load()))
		}})
		if err != nil {
			t.Fatal(err)
		}
		for i, set := range []time.Duration{0, -time.Hour, 365 * 24 * time.Hour, 0} {
			accept(t, d, 10, time.Now().Add(set))
			wrong.Store(int64(set))
			time.Sleep(c.Window + time.Second)
			synctest.Wait()
			if n := len(a.windows); n != i+1 {
				t.Fatalf("%d windows a minute after the clock was set by %v", n, set)
			}
			if w := a.windows[i].Detail; w.To <= w.From {
				t.Errorf("window from %d to %d", w.From, w.To)
			}
		}
		accept(t, d, 10, time.Now())
		end(t, d)
		if got := a.spans(); got != 50 {
			t.Errorf("%d spans", got)
		}
		last := a.windows[4].Detail
		if at := time.Unix(0, last.From); time.Since(at) > time.Minute || time.Since(at) < 0 {
			t.Errorf("the last window begins at %v, and it is %v", at, time.Now())
		}
	})
}

// What fails is logged once, and that it does not fail any more: not each time it is
// tried, be it with another text.
func TestTroubleIsLoggedOnce(t *testing.T) {
	t.Parallel()
	c := configured(t)
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		a := &faulty{}
		d, err := scoring.New(c, scoring.Deps{Archive: a, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		accept(t, d, 10, time.Now())
		for i := range 20 {
			a.set(fmt.Errorf("no room for file %d", i%2), false)
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		if text := d.Status().Troubles["archive"]; text != "no room for file 1" {
			t.Errorf("trouble: %q", text)
		}
		a.set(nil, false)
		time.Sleep(time.Minute)
		end(t, d)
		if got := strings.Count(log.String(), "\n"); got != 2 || !strings.Contains(log.String(), "out of trouble") {
			t.Errorf("log:\n%s", log.String())
		}
	})
}

// A clock that was a year ahead and was put back leaves nothing behind: what comes after
// that is in memory again, from the next slot on.
func TestBookAfterAWrongClock(t *testing.T) {
	t.Parallel()
	a := &faulty{}
	book := booked(t, a)
	now := time.Now().Truncate(30 * time.Minute)
	for i, at := range []time.Time{now, now.AddDate(1, 0, 0), now.Add(time.Minute), now.Add(31 * time.Minute)} {
		w, err := window.Score(configured(t).Scoring, batch(10, at), window.Conditions{From: at.UnixNano(), To: at.Add(time.Minute).UnixNano()})
		if err != nil {
			t.Fatal(err)
		}
		book.Learn(account.Mark{File: 1, Seq: uint64(i)}, &w)
	}
	var got []string
	for _, m := range book.Marks() {
		got = append(got, m.Slot.From.Sub(now.UTC()).String())
	}
	want := []string{"30m0s", now.AddDate(1, 0, 0).Sub(now).String()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

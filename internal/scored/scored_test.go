package scored_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/window"
)

func noon() time.Time { return time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC) }

func grid(t testing.TB) account.Grid {
	t.Helper()
	g, err := account.NewGrid(30 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// minute returns the window of a minute after noon: two statements of a cart in a known
// region and one of mail in none, of which one span came late and some were dropped.
func minute(t testing.TB, n int) *window.Window {
	t.Helper()
	from := noon().Add(time.Duration(n) * time.Minute)
	c := window.Defaults()
	c.Places = map[string]window.Place{"pl": {Annual: 600, PUE: 1.2}}
	spans := []window.Span{
		{Service: "cart", Region: "pl", Kind: window.KindSQL, Start: from.UnixNano()},
		{Service: "cart", Region: "pl", Kind: window.KindSQL, Start: from.UnixNano() + 1},
		{Service: "mail", Kind: window.KindSQL, Start: from.UnixNano()},
	}
	w, err := window.Score(c, spans, window.Conditions{
		From: from.UnixNano(), To: from.Add(time.Minute).UnixNano(), Late: 1, Blind: 0.5,
		Drops:    []window.Drop{{Reason: "overload", Spans: uint64(n)}, {Reason: "not_valid", Spans: 1}},
		Readings: []window.Reading{{Source: window.EnergyKepler, Services: []string{"absent"}, From: from.UnixNano(), To: from.Add(time.Minute).UnixNano(), KWh: 1e-6}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &w
}

// archive has files of windows in memory, and counts how often they are read.
type archive struct {
	files []scored.File
	lines [][]*window.Window
	reads int
	moved int // how often to say that a file moved
}

// add adds a closed file of the windows of some minutes.
func (a *archive) add(t testing.TB, from, to int) {
	t.Helper()
	f := scored.File{Number: uint64(len(a.files)) + 1, Name: "f.ndjson", Bytes: 1000, Digest: string(rune('a' + len(a.files)))}
	var lines []*window.Window
	for n := from; n < to; n++ {
		lines = append(lines, minute(t, n))
	}
	f.Span = account.NewSpan(noon().Add(time.Duration(from)*time.Minute), noon().Add(time.Duration(to)*time.Minute))
	a.files, a.lines = append(a.files, f), append(a.lines, lines)
}

func (a *archive) Files() ([]scored.File, error) { return a.files, nil }

func (a *archive) Read(ctx context.Context, f scored.File, yield func(*scored.Window) error) error {
	a.reads++
	if a.moved > 0 {
		a.moved--
		return scored.ErrMoved
	}
	for i, w := range a.lines[f.Number-1] {
		err := yield(&scored.Window{At: account.Mark{File: f.Number, Seq: uint64(i)}, Time: noon(), File: f.Name, Window: w})
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*math.Abs(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	a := &archive{moved: 1} // it is listed again
	a.add(t, 0, 20)
	a.add(t, 20, 45)
	a.lines[1] = append(a.lines[1], &window.Window{Analysis: window.Analysis{Events: 7}}, nil)
	r := scored.New(scored.Defaults(grid(t)), a)
	p, err := r.Period(t.Context(), account.NewSpan(noon(), noon().Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Windows != 46 || p.Foreign != 1 || p.Unreadable != 1 || p.Spans.Counted != 45*3+7 || p.Spans.Late != 45 {
		t.Errorf("counted %+v", p)
	}
	if diff := cmp.Diff([]scored.Drop{{Reason: "not_valid", Spans: 45}, {Reason: "overload", Spans: 44 * 45 / 2}}, p.Drops); diff != "" {
		t.Error(diff)
	}
	one := minute(t, 0).Detail
	near(t, "energy", p.EnergyKWh, 45*(one.Total.EnergyKWh+1e-6))
	near(t, "unknown", p.UnknownKWh, 45*(one.Total.UnknownKWh+1e-6))
	near(t, "operational", *p.Operational, 45*one.Total.Operational)
	near(t, "high", p.High, 45*(one.Total.High+one.Idle[0].High))
	near(t, "idle", p.Meters[0].Idle, 45e-6)
	near(t, "idle share", p.Meters[0].IdleShare, 1)
	if len(p.Cells) != 3 || p.Cells[1].Service.Name != "cart" || p.Cells[1].Operations != 90 || !p.Archive.Complete {
		t.Fatalf("cells %+v", p.Cells)
	}
	if idle := p.Cells[0]; idle.Service.Kind != account.KindIdle || idle.Operational != nil || idle.EnergyShares[0].Source != "kepler_ebpf" {
		t.Errorf("idle: %+v", idle)
	}
	near(t, "intensity", *p.Cells[1].Intensity, 600)
	near(t, "PUE", *p.Cells[1].PUE, 1.2)
	near(t, "share", p.Cells[1].EnergyShares[0].Share, 1)
	mail := p.Cells[2]
	if mail.Region.Kind != account.KindUnknown || mail.Operational != nil || mail.Intensity != nil || mail.High <= mail.Low {
		t.Errorf("unknown region: %+v", mail)
	}
	if want := (1 - 0.5) * 45.0 / 45 * coverageOfDrops(t); math.Abs(*p.Coverage-want) > 1e-9 {
		t.Errorf("coverage %v, want %v", *p.Coverage, want)
	}
}

// coverageOfDrops is the mean part of spans that was not dropped.
func coverageOfDrops(t testing.TB) float64 {
	sum := 0.0
	for n := range 45 {
		sum += minute(t, n).Detail.Coverage / 0.5
	}
	return sum / 45
}

// Cells are booked in slots as the ledger books them, and windows where they begin.
func TestPeriodBounds(t *testing.T) {
	t.Parallel()
	a := &archive{}
	a.add(t, 0, 45)
	r := scored.New(scored.Defaults(grid(t)), a)
	half := noon().Add(30 * time.Minute)
	first, err := r.Period(t.Context(), account.NewSpan(noon(), half))
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.Period(t.Context(), account.NewSpan(half, half.Add(30*time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	if first.Windows != 30 || second.Windows != 15 || first.Cells[1].Operations != 60 || second.Cells[1].Operations != 30 {
		t.Errorf("%+v\n%+v", first, second)
	}
}

// One answer reads so much; the next one goes further back.
func TestPeriodBudget(t *testing.T) {
	t.Parallel()
	a := &archive{}
	for n := range 4 {
		a.add(t, 10*n, 10*n+10)
	}
	c := scored.Defaults(grid(t))
	c.MaxBytes = 2000
	r := scored.New(c, a)
	hour := account.NewSpan(noon(), noon().Add(time.Hour))
	p, err := r.Period(t.Context(), hour)
	if err != nil {
		t.Fatal(err)
	}
	if p.Windows != 20 || p.Archive.Complete || p.Archive.Cut == "" || !p.Archive.From.Equal(noon().Add(20*time.Minute)) {
		t.Errorf("the first answer: %+v", p.Archive)
	}
	if p, err = r.Period(t.Context(), hour); err != nil || p.Windows != 40 || !p.Archive.Complete || a.reads != 4 {
		t.Errorf("the second answer: %d windows after %d reads, %v", p.Windows, a.reads, err)
	}
	fresh, err := scored.New(scored.Defaults(grid(t)), a).Period(t.Context(), hour)
	if diff := cmp.Diff(fresh, p); diff != "" || err != nil {
		t.Errorf("what was remembered differs: %s, %v", diff, err)
	}
	a.files[0].Pruned = true
	if p, err = r.Period(t.Context(), hour); err != nil || p.Archive.Complete || p.Windows != 30 {
		t.Errorf("a pruned file: %+v, %v", p.Archive, err)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	a := &archive{}
	a.add(t, 0, 5)
	a.add(t, 5, 12)
	c := scored.Defaults(grid(t))
	c.MaxBytes = 1000 // a file at a time
	r := scored.New(c, a)
	hour := account.NewSpan(noon(), noon().Add(time.Hour))
	var seen []int
	before := scored.Newest()
	pages := 0
	for more := true; more; pages++ {
		p, err := r.Page(t.Context(), hour, before, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range p.Windows {
			seen = append(seen, int(w.From.Sub(noon())/time.Minute))
		}
		if more = p.Next != ""; more {
			var ok bool
			if before, ok = scored.ParsePlace(p.Next); !ok {
				t.Fatalf("next is %q", p.Next)
			}
		}
	}
	if diff := cmp.Diff([]int{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, seen); diff != "" {
		t.Errorf("in %d pages: %s", pages, diff)
	}
	all, err := scored.New(scored.Defaults(grid(t)), a).Page(t.Context(), hour, scored.Newest(), 100)
	if err != nil || len(all.Windows) != 12 || all.Next != "" || !all.Complete {
		t.Errorf("%+v, %v", all, err)
	}
	w := all.Windows[0]
	if w.Spans.Counted != 3 || w.Spans.Late != 1 || len(w.Drops) != 2 || w.Services != 2 || w.To.Sub(w.From) != time.Minute || w.Foreign {
		t.Errorf("%+v", w)
	}
}

// A file that moves all the time ends in an error, and one who waits for a turn gives up
// with its context.
func TestMoved(t *testing.T) {
	t.Parallel()
	a := &archive{moved: 100}
	a.add(t, 0, 1)
	r := scored.New(scored.Defaults(grid(t)), a)
	if _, err := r.Period(t.Context(), account.NewSpan(noon(), noon().Add(time.Hour))); !errors.Is(err, scored.ErrMoved) {
		t.Errorf("%v", err)
	}
	for _, text := range []string{"", "1", "1.x", "x.1", "-1.1"} {
		if _, ok := scored.ParsePlace(text); ok {
			t.Errorf("%q is a place", text)
		}
	}
}

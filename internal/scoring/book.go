package scoring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/window"
	"github.com/dendro-carbon/dendro/unit"
)

// The labels of services in the ledger.
const (
	LabelService     = account.LabelService
	LabelRegion      = derive.LabelRegion
	LabelEnvironment = "environment"
	// LabelMeter is the kind of the meter, of what was measured in idleness.
	LabelMeter = "meter"
)

// SourceName is the name of a [Book] as a source.
const SourceName = "services"

// maxLate is how long before its window a span may have begun to be booked in the
// slot of its own time. Older ones, and such of the future, are booked where their
// window begins: a clock that is wrong must not change what was closed long ago.
const maxLate = 24 * time.Hour

// Keep is how far back a [Book] has slots in memory. Earlier ones are read from the
// archive when somebody asks.
const Keep = 3 * 24 * time.Hour

// Windows yields the archived windows from a place on that may have something of a
// span; an empty span is all time. A window is valid until the next one. The error wraps
// [source.ErrGone] where windows of the span were pruned.
type Windows func(ctx context.Context, from account.Mark, span account.Span) iter.Seq2[Archived, error]

// Archived is a window and its place in the archive.
type Archived struct {
	At     account.Mark
	Window *window.Window
}

// Book makes facts of archived windows: for each service, region and environment the
// energy in each slot, as its building draws it. It is a [source.Source] that can
// always be read again, since the archive can.
//
// The facts of a slot are a function of the windows in the archive and of nothing
// else; sums are exact, so that neither the order of windows nor how they were cut into
// files changes them.
type Book struct {
	grid    account.Grid
	windows Windows

	mu    sync.Mutex
	pages pages
	// since is the begin of what is in memory.
	since   time.Time
	regions map[string]struct{}
}

// pages are slots by their begin, in nanoseconds since the Unix epoch.
type pages map[int64]*page

// page is what is known of a slot.
type page struct {
	seen   int64 // nanoseconds of it in which spans could come, times coverage
	newest account.Mark
	cells  map[cellKey]*cellSum
}

type cellKey struct {
	service, region, environment string // "" for the rests
	meter                        string // of what was measured in idleness
}

type cellSum struct{ energy, measured exact }

// maxRegions bounds for how many regions intensities are asked for.
const maxRegions = 256

// NewBook reads what of the archive belongs to the last days, and returns the book of
// it. The slots are those of the grid.
func NewBook(ctx context.Context, grid account.Grid, windows Windows, now time.Time) (*Book, error) {
	b := &Book{grid: grid, windows: windows, pages: pages{}, since: grid.Slot(now.Add(-Keep)).From, regions: map[string]struct{}{}}
	for a, err := range windows(ctx, account.Mark{}, account.NewSpan(b.since, now.Add(Keep))) {
		if err != nil {
			return nil, fmt.Errorf("read the archive: %w", err)
		}
		b.Learn(a.At, a.Window)
	}
	return b, nil
}

// Learn enters a window that was archived. Windows come once each, in any order.
func (b *Book) Learn(at account.Mark, w *window.Window) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages.enter(b.grid, at, w)
	if w.Detail == nil {
		return
	}
	for i := range w.Detail.Cells {
		b.meet(w.Detail.Cells[i].Region, w.Detail.Cells[i].RegionKind)
	}
	for i := range w.Detail.Idle { // also where nobody has done anything yet
		b.meet(w.Detail.Idle[i].Region, w.Detail.Idle[i].RegionKind)
	}
	to := time.Unix(0, w.Detail.To)
	if since := b.grid.Slot(to.Add(-Keep)).From; since.After(b.since) {
		b.since = since
	} else if to.Before(b.since) { // the clock was ahead by days and was put back: what comes from now on is whole
		b.since = b.grid.Slot(to).To
	}
	maps.DeleteFunc(b.pages, func(slot int64, _ *page) bool { return slot < b.since.UnixNano() })
}

// meet notes a region. It is called with the lock held.
func (b *Book) meet(region string, kind account.Kind) {
	if kind == account.KindAccount && len(b.regions) < maxRegions {
		b.regions[region] = struct{}{}
	}
}

// Regions returns the regions of services that were met, sorted.
func (b *Book) Regions() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.regions))
}

// Marks implements [source.Logged].
func (b *Book) Marks() []source.SlotMark {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []source.SlotMark
	for _, slot := range slices.Sorted(maps.Keys(b.pages)) {
		if p := b.pages[slot]; len(p.cells) > 0 {
			out = append(out, source.SlotMark{Slot: b.grid.Slot(time.Unix(0, slot)), Mark: p.newest})
		}
	}
	return out
}

// Info implements [source.Source].
func (b *Book) Info() source.Info { return source.Info{Name: SourceName, Replayable: true} }

// Read implements [source.Source].
func (b *Book) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		readings, err := b.readings(ctx, r)
		for _, reading := range readings {
			if !yield(reading, nil) {
				return
			}
		}
		if err != nil {
			yield(source.Reading{}, err)
		}
	}
}

func (b *Book) readings(ctx context.Context, r source.Request) ([]source.Reading, error) {
	if err := cmp.Or(r.Validate(), ctx.Err()); err != nil {
		return nil, err
	}
	if r.Grid != b.grid {
		return nil, fmt.Errorf("%w: slots of %v, and the windows are booked in slots of %v", source.ErrRequest, r.Grid.Step(), b.grid.Step())
	}
	if out, held, err := b.held(r); held {
		return out, err
	}
	old, err := b.archived(ctx, r.Span)
	if err != nil {
		return nil, err
	}
	return old.readings(r)
}

// archived returns what the archive says of a span.
func (b *Book) archived(ctx context.Context, span account.Span) (pages, error) {
	old := pages{}
	for a, err := range b.windows(ctx, account.Mark{}, span) {
		if errors.Is(err, source.ErrGone) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", source.ErrUnavailable, SourceName, err)
		}
		old.enter(b.grid, a.At, a.Window)
	}
	return old, nil
}

// held returns the readings of slots that are in memory.
func (b *Book) held(r source.Request) (out []source.Reading, held bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Span.From.Before(b.since) {
		return nil, false, nil
	}
	out, err = b.pages.readings(r)
	return out, true, err
}

// enter adds a window to the slots that it tells of.
func (p pages) enter(grid account.Grid, at account.Mark, w *window.Window) {
	d := w.Detail
	if d == nil || d.To <= d.From {
		return
	}
	span := account.NewSpan(time.Unix(0, d.From), time.Unix(0, d.To))
	for slot := range grid.Slots(span) {
		p.of(slot.From.UnixNano(), at).seen += int64(float64(slot.Overlap(span).Duration()) * min(1, max(0, d.Coverage)))
	}
	for i := range d.Cells {
		c := &d.Cells[i]
		p.of(Booked(grid, d, c.Slot).UnixNano(), at).add(c)
	}
	for i := range d.Idle {
		row := &d.Idle[i]
		p.of(Booked(grid, d, row.Slot).UnixNano(), at).idle(row)
	}
}

// Booked returns the begin of the slot of the ledger in which a cell of a window is
// booked, whose own slot begins at an instant in nanoseconds since the Unix epoch.
func Booked(grid account.Grid, d *window.Detail, slot int64) time.Time {
	first := grid.Slot(time.Unix(0, d.From)).From
	if slot < first.UnixNano()-int64(maxLate) || slot >= d.To {
		return first
	}
	return grid.Slot(time.Unix(0, slot)).From
}

func (p pages) of(slot int64, at account.Mark) *page {
	if p[slot] == nil {
		p[slot] = &page{cells: map[cellKey]*cellSum{}}
	}
	if p[slot].newest.Compare(at) < 0 {
		p[slot].newest = at
	}
	return p[slot]
}

// add adds the energy of a cell, as its building draws it: what is computed of services
// is at the plug of the machine, and the ledger's energy has the building in it.
func (p *page) add(c *window.Cell) {
	key := cellKey{environment: Label(c.Environment)}
	if c.ServiceKind == account.KindAccount {
		key.service = Label(c.Service)
	}
	if c.RegionKind == account.KindAccount {
		key.region = Label(c.Region)
	}
	sum := p.sum(key)
	pue := max(c.PUE, 1)
	sum.energy.add(c.EnergyKWh * pue)
	for _, part := range c.EnergyBy {
		if isMeasured(part.Source) {
			sum.measured.add(part.KWh * pue)
		}
	}
}

// idle adds what a meter measured while nothing was served, as the building draws it.
func (p *page) idle(row *window.Idle) {
	key := cellKey{meter: Label(row.Source)}
	if row.RegionKind == account.KindAccount {
		key.region = Label(row.Region)
	}
	sum := p.sum(key)
	kwh := row.EnergyKWh * max(row.PUE, 1)
	sum.energy.add(kwh)
	sum.measured.add(kwh)
}

// sum returns the sum of a key.
func (p *page) sum(key cellKey) *cellSum {
	if p.cells[key] == nil {
		p.cells[key] = &cellSum{}
	}
	return p.cells[key]
}

// Label returns a name as a label can hold it, which is how archives hold it.
func Label(name string) string { return strings.ToValidUTF8(name, "\uFFFD") }

// isMeasured reports whether a source of energy, as windows name it, is a meter.
func isMeasured(name string) bool {
	for e := window.EnergyCloud; e <= window.EnergyAlumet; e++ {
		if e.String() == name {
			return e.Measured()
		}
	}
	return false
}

func (p pages) readings(r source.Request) ([]source.Reading, error) {
	var out []source.Reading
	for slot := range r.Grid.Slots(r.Span) {
		batch := &account.Batch{Slot: slot, Origins: []account.Origin{{Source: SourceName, Method: "window archive"}}}
		reading := source.Reading{Facts: batch}
		if page := p[slot.From.UnixNano()]; page != nil {
			reading.Mark = page.newest
			if err := page.facts(batch); err != nil {
				return nil, fmt.Errorf("%w: %s: %w", source.ErrReply, SourceName, err)
			}
		}
		out = append(out, reading)
	}
	return out, nil
}

// facts adds the facts of a slot.
func (p *page) facts(batch *account.Batch) error {
	const nanosPerMicro = 1000
	length := batch.Slot.Length()
	seen := min(length, max(1, unit.Duration(p.seen/nanosPerMicro)))
	for key, sum := range p.cells {
		labels, err := account.LabelsOf(LabelService, key.service, LabelRegion, key.region, LabelEnvironment, key.environment, LabelMeter, key.meter)
		if err != nil {
			return err
		}
		f := account.Fact{
			Subject: len(batch.Subjects), To: length, Observed: seen, Expected: length,
			Scored: sum.energy.energy(),
		}
		subject := account.Subject{Kind: account.SubjectService, Host: key.service, Labels: labels}
		if key.meter != "" { // nobody is expected to be idle: what was seen of services says the coverage
			subject.Kind, subject.Host, f.Observed, f.Expected = account.SubjectIdle, key.meter, 0, 0
		}
		f.Measured = joules(min(sum.measured.energy(), f.Scored))
		batch.Subjects = append(batch.Subjects, subject)
		batch.Facts = append(batch.Facts, f)
	}
	batch.Sort()
	return nil
}

// joules returns an energy as the facts of meters have it.
func joules(e unit.Energy) unit.Joules {
	const microjoules = 3600 // in a microwatt-hour
	const most = unit.Energy(1<<63-1) / microjoules
	return unit.Joules(min(e, most) * microjoules)
}

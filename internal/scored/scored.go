package scored

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/window"
)

// ErrMoved reports a file that was closed, renamed or compressed while it was to be
// read. The files are to be listed again.
var ErrMoved = errors.New("the file of windows was moved meanwhile")

// File is a file of an archive.
type File struct {
	Number uint64
	Name   string
	Bytes  int64
	// Digest tells contents apart; "" if the file may still grow or is not known.
	Digest string
	// Span bounds the windows in it and the slots of their cells; empty if unknown.
	Span account.Span
	// Pruned files are not there any more.
	Pruned bool
}

// Window is an archived window, and whether its line could be read: Window is nil if
// not.
type Window struct {
	At     account.Mark
	Time   time.Time
	File   string
	Window *window.Window
}

// Archive is where windows are.
type Archive interface {
	// Files returns the files, oldest first.
	Files() ([]File, error)
	// Read calls yield with each line of a file; it is valid until the next one. The
	// error is that of the file, of yield, or [ErrMoved].
	Read(ctx context.Context, f File, yield func(*Window) error) error
}

// Config says how much one answer may do.
type Config struct {
	// Grid is that of the ledger, in whose slots cells are booked.
	Grid account.Grid
	// MaxBytes is how much of an archive, uncompressed, one answer reads; at least one
	// file.
	MaxBytes int64
	// MaxCells is how many cells of closed files are remembered.
	MaxCells int
}

// Defaults returns 512 MiB, which is a few seconds, and 200,000 cells, which are about 100 MB.
func Defaults(grid account.Grid) Config {
	return Config{Grid: grid, MaxBytes: 512 << 20, MaxCells: 200_000}
}

// Reader answers from an archive. Its methods may be called from several goroutines;
// one of them reads at a time.
type Reader struct {
	config  Config
	archive Archive

	turn chan struct{}
	// Of who has the turn.
	memory map[string]*sums // of whole closed files, by digest
	cells  int
}

// New returns a reader of an archive.
func New(c Config, a Archive) *Reader {
	return &Reader{config: c, archive: a, turn: make(chan struct{}, 1), memory: map[string]*sums{}}
}

// attempts is how often files are listed again that were moved meanwhile.
const attempts = 5

// within calls read when it is its turn, again while files move.
func (r *Reader) within(ctx context.Context, read func(files []File) error) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turn }()
	for attempt := 1; ; attempt++ {
		files, err := r.archive.Files()
		if err == nil {
			err = read(files)
		}
		if !errors.Is(err, ErrMoved) || attempt == attempts {
			if err != nil {
				err = fmt.Errorf("window archive: %w", err)
			}
			return err
		}
	}
}

// Period returns the sums of the windows that begin in a span, and of the cells that
// the ledger books in it. The span is of whole slots.
func (r *Reader) Period(ctx context.Context, span account.Span) (p *Period, err error) {
	err = r.within(ctx, func(files []File) error {
		p, err = r.period(ctx, files, span)
		return err
	})
	return p, err
}

func (r *Reader) period(ctx context.Context, files []File, span account.Span) (*Period, error) {
	var parts []*sums
	left, extent := r.config.MaxBytes, Extent{Complete: true, From: span.From}
	earliest := span.To
	for _, f := range slices.Backward(files) {
		if !f.concerns(span) {
			continue
		}
		if f.Pruned {
			extent.cut(earliest, "windows of earlier were pruned from the archive; the ledger keeps their energy and carbon")
			break
		}
		part, known := r.memory[f.Digest]
		known = known && span.Covers(f.Span)
		if !known && f.Bytes > left && left < r.config.MaxBytes {
			extent.cut(earliest, "the archive of this time is more than one answer reads; ask again, since what was read is remembered, or for a shorter time")
			break
		}
		if !known {
			left -= f.Bytes
			var err error
			if part, err = r.read(ctx, f, span); err != nil {
				return nil, err
			}
			r.remember(f, span, part)
		}
		parts = append(parts, part)
		if !f.Span.IsEmpty() && f.Span.From.Before(earliest) {
			earliest = f.Span.From
		}
	}
	total := newSums()
	for _, part := range slices.Backward(parts) {
		total.merge(part)
	}
	p := total.publish()
	p.Archive = extent
	return p, nil
}

func (e *Extent) cut(from time.Time, why string) {
	e.Complete, e.From, e.Cut = false, from, why
}

// concerns reports whether something of a span may be in the file.
func (f *File) concerns(span account.Span) bool {
	return f.Digest == "" && !f.Pruned || f.Span.IsEmpty() || f.Span.From.Before(span.To) && span.From.Before(f.Span.To)
}

// read adds up what a file has of a span.
func (r *Reader) read(ctx context.Context, f File, span account.Span) (*sums, error) {
	s := newSums()
	err := r.archive.Read(ctx, f, func(w *Window) error {
		if w.Window == nil {
			s.period.Unreadable++
			return nil
		}
		if span.Contains(begin(w)) {
			s.window(w.Window)
		}
		d := w.Window.Detail
		if d == nil || d.To <= d.From {
			return nil
		}
		for i := range d.Cells {
			slot := scoring.Booked(r.config.Grid, d, d.Cells[i].Slot)
			if span.Contains(slot) {
				s.cell(&d.Cells[i])
			}
		}
		for i := range d.Idle {
			if span.Contains(scoring.Booked(r.config.Grid, d, d.Idle[i].Slot)) {
				s.idle(&d.Idle[i])
			}
		}
		return nil
	})
	return s, err
}

// begin returns when a window begins; one of another program when it was scored.
func begin(w *Window) time.Time {
	if d := w.Window.Detail; d != nil && d.From != 0 {
		return time.Unix(0, d.From).UTC()
	}
	return w.Time
}

// remember keeps the sums of a file that is all in the span and does not change.
func (r *Reader) remember(f File, span account.Span, s *sums) {
	if f.Digest == "" || f.Span.IsEmpty() || !span.Covers(f.Span) || s.period.Foreign > 0 {
		return
	}
	size := len(s.cells) + 1
	if r.cells+size > r.config.MaxCells {
		clear(r.memory)
		r.cells = 0
	}
	r.memory[f.Digest], r.cells = s, r.cells+size
}

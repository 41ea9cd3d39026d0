package scoring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
)

// fresh is a [Book] that knows nothing: it reads each slot from the archive.
type fresh struct {
	*Book

	mu sync.Mutex
	// pages are those of a span: slots are asked for one after the other, and files have
	// many.
	pages pages
	span  account.Span
}

// Fresh implements [source.Remembering]: what it returns reads the archive for every
// slot, those of the last days too.
func (b *Book) Fresh() source.Source { return &fresh{Book: b} }

// Read implements [source.Source].
func (f *fresh) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		readings, err := f.readings(ctx, r)
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

// day is how much of an archive is read at once: files are of about that length.
const day = 24 * time.Hour

func (f *fresh) readings(ctx context.Context, r source.Request) ([]source.Reading, error) {
	if err := cmp.Or(r.Validate(), ctx.Err()); err != nil {
		return nil, err
	}
	if r.Grid != f.grid {
		return nil, fmt.Errorf("%w: slots of %v, and the windows are booked in slots of %v", source.ErrRequest, r.Grid.Step(), f.grid.Step())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.span.Covers(r.Span) {
		wide := account.NewSpan(r.Span.From.Truncate(day), r.Span.To.Add(day-1).Truncate(day))
		read, err := f.archived(ctx, wide)
		if errors.Is(err, source.ErrGone) { // not all of the day may be
			wide = r.Span
			read, err = f.archived(ctx, wide)
		}
		if err != nil {
			return nil, err
		}
		f.pages, f.span = read, wide
	}
	return f.pages.readings(r)
}

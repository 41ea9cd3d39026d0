package spanfile

import (
	"io"

	"github.com/dendro-carbon/dendro/internal/window"
)

// batches is how many batches [ReadAhead] has: one that is used, one that waits.
const batches = 2

// ReadAhead is [Read] for two processors: while use works on spans, in a goroutine of its
// own, the next ones are read. It is called with one batch after the other, in the order
// of the file, and with the last one before ReadAhead returns.
func ReadAhead(name string, from io.Reader, limits Limits, use func([]window.Span)) (Summary, error) {
	full, free := make(chan []window.Span, batches), make(chan []window.Span, batches)
	for range batches {
		free <- nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for batch := range full {
			use(batch)
			if cap(batch) > 2*limits.filled().Batch { // spans that waited for their resource
				batch = nil
			}
			free <- batch[:0]
		}
	}()
	defer func() {
		close(full)
		<-done
	}()
	return Read(name, from, limits, func(spans []window.Span) error {
		full <- append(<-free, spans...)
		return nil
	})
}

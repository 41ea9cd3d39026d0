package otlp

import (
	"context"
	"time"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Batch is what one request brought.
type Batch struct {
	// Spans are the valid ones, in the order of the request. The slice is used
	// again once Accept has returned; texts in it stay good.
	Spans []window.Span
	// Rejected are those that were left out.
	Rejected classify.Rejections
	// Bytes is the size of the request, decompressed.
	Bytes int
}

// Sink takes spans. Accept returns nil once the spans are safe, which is when
// their sender may forget them; whoever returns an error has kept none of them.
// An [Overload] asks the sender to come again later; with any other error the
// sender comes again as it sees fit. Accept is called from many goroutines. The
// context ends when the sender goes away or its time is up; a batch may be
// accepted all the same, and its sender will then send it twice.
type Sink interface {
	Accept(ctx context.Context, batch *Batch) error
}

// Overload is the error of a sink that has no room at the moment.
type Overload struct {
	// RetryAfter is when to try again; 0 leaves it to the receiver's default.
	RetryAfter time.Duration
	// Why is for the sender's log.
	Why string
}

// Error returns the reason.
func (o *Overload) Error() string { return "overloaded: " + o.Why }

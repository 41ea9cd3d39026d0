package otlp

import (
	"sync/atomic"

	"github.com/dendro-carbon/dendro/internal/classify"
)

// Counts are what a server has seen since it was made. Spans are counted by
// exactly one of Accepted, Invalid and Refused; a sender that comes again with
// refused spans is counted again. What cannot be read holds no spans that could
// be counted: it is in Malformed alone.
type Counts struct {
	Requests int64 // that reached a handler, whatever became of them
	Bytes    int64 // of requests, decompressed, that were read whole

	Accepted int64               // spans that the sink took
	Invalid  classify.Rejections // spans that were left out, by reason
	Refused  int64               // spans that the sink did not take

	Malformed    int64 // requests that are not OTLP
	TooLarge     int64 // requests above a limit
	Overloaded   int64 // requests that were asked to come again later
	Unauthorized int64 // requests without a valid token
	Failed       int64 // requests that the sink failed on, or whose sender went away
}

// counters are Counts while they are counted.
type counters struct {
	requests, bytes, accepted, refused                    atomic.Int64
	malformed, tooLarge, overloaded, unauthorized, failed atomic.Int64
	invalid                                               [classify.Reasons]atomic.Int64
}

// Counts returns the counts of now. It may be called at any time.
func (s *Server) Counts() Counts {
	c := &s.counters
	counts := Counts{
		Requests: c.requests.Load(), Bytes: c.bytes.Load(),
		Accepted: c.accepted.Load(), Refused: c.refused.Load(),
		Malformed: c.malformed.Load(), TooLarge: c.tooLarge.Load(), Overloaded: c.overloaded.Load(),
		Unauthorized: c.unauthorized.Load(), Failed: c.failed.Load(),
	}
	for reason := range c.invalid {
		counts.Invalid[reason] = int(c.invalid[reason].Load())
	}
	return counts
}

package otlp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/spanfile"
)

// format is how a request is written.
type format uint8

const (
	protobuf format = iota
	jsonText
)

// desk is what working on a request takes. Desks are used again, so that a
// request allocates next to nothing.
type desk struct {
	wire  *Decoder
	text  *spanfile.Decoder
	batch Batch
	body  []byte

	inflate inflater
}

// Memory that a desk keeps for the next request. What a rare large request
// needed beyond is given back.
const (
	keepSpans = 32_768
	keepBody  = 4 << 20
)

func newDesk() *desk { return &desk{wire: NewDecoder(), text: spanfile.NewDecoder()} }

// leave gives a desk back.
func (s *Server) leave(d *desk) {
	if cap(d.batch.Spans) > keepSpans {
		d.batch.Spans = nil
	}
	if cap(d.body) > keepBody {
		d.body = nil
	}
	s.desks.Put(d)
}

// fault is why a request was not acknowledged, before it is said in the words
// of gRPC or HTTP.
type fault struct {
	kind  faultKind
	text  string
	after time.Duration // for overloaded: when to come again
}

type faultKind uint8

const (
	malformed faultKind = iota
	tooLarge
	overloaded
	unauthorized
	unavailable
)

// turn waits until the request may be worked on. done gives the turn back.
func (s *Server) turn(ctx context.Context) (done func(), f *fault) {
	select {
	case s.turns <- struct{}{}:
		return s.giveBack, nil
	default:
	}
	patience := time.NewTimer(s.config.Patience)
	defer patience.Stop()
	select {
	case s.turns <- struct{}{}:
		return s.giveBack, nil
	case <-ctx.Done():
	case <-patience.C:
	}
	s.counters.overloaded.Add(1)
	return nil, &fault{overloaded, "too many requests at once", s.config.RetryAfter}
}

func (s *Server) giveBack() { <-s.turns }

// take decodes a request and gives it to the sink. Without a fault the request
// is to be acknowledged, with what of it was rejected.
func (s *Server) take(ctx context.Context, d *desk, data []byte, f format) (classify.Rejections, *fault) {
	s.counters.bytes.Add(int64(len(data)))
	batch := &d.batch
	*batch = Batch{Spans: batch.Spans[:0], Bytes: len(data)}
	decode := d.wire.Request
	if f == jsonText {
		decode = d.text.Request
	}
	var err error
	batch.Spans, batch.Rejected, err = decode(data, batch.Spans, s.config.MaxSpans)
	switch {
	case errors.Is(err, classify.ErrTooManySpans):
		s.counters.tooLarge.Add(1)
		return batch.Rejected, &fault{kind: tooLarge, text: err.Error() + "; send fewer at a time"}
	case err != nil:
		s.counters.malformed.Add(1)
		return batch.Rejected, &fault{kind: malformed, text: fmt.Sprintf("request of %d bytes: %v", len(data), err)}
	}
	if len(batch.Spans) > 0 || batch.Rejected.Total() > 0 {
		if err := s.sink.Accept(ctx, batch); err != nil {
			return batch.Rejected, s.refused(ctx, err, len(batch.Spans))
		}
	}
	s.accepted(batch)
	return batch.Rejected, nil
}

// accepted counts a batch that the sink took.
func (s *Server) accepted(batch *Batch) {
	s.counters.accepted.Add(int64(len(batch.Spans)))
	for reason, n := range batch.Rejected {
		if n > 0 {
			s.counters.invalid[reason].Add(int64(n))
		}
	}
}

// refused turns the error of the sink into a fault. What is inside the program
// is for its log and not for senders.
func (s *Server) refused(ctx context.Context, err error, spans int) *fault {
	s.counters.refused.Add(int64(spans))
	if overload, ok := errors.AsType[*Overload](err); ok {
		s.counters.overloaded.Add(1)
		after := overload.RetryAfter
		if after <= 0 {
			after = s.config.RetryAfter
		}
		return &fault{overloaded, overload.Error(), after}
	}
	s.counters.failed.Add(1)
	if ctx.Err() == nil && s.mayTell(time.Now()) {
		s.log.Error("spans not taken", "spans", spans, "error", err)
	}
	return &fault{kind: unavailable, text: "the spans could not be stored; the log of the server says why"}
}

// tellEvery is how often it is logged that spans could not be stored. Their senders come
// again and again, and the log is on the same disk.
const tellEvery = time.Minute

// mayTell reports whether it is time to.
func (s *Server) mayTell(now time.Time) bool {
	last := s.told.Load()
	return (last == nil || now.Sub(*last) >= tellEvery) && s.told.CompareAndSwap(last, &now)
}

package spanfile

import (
	"fmt"
	"io"
	"math"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Decoder reads requests of OTLP in JSON that lie in memory, one after the
// other. It is for one goroutine. Create one with [NewDecoder].
type Decoder struct {
	names *classify.Names
	r     reader
}

// NewDecoder returns a decoder.
func NewDecoder() *Decoder { return &Decoder{names: classify.NewNames()} }

// Request reads one request, appends its spans to spans and counts those that
// are rejected. The texts in the spans do not refer to data. The error says what
// is not JSON of OTLP traces, and where; then nothing of the request is to be
// used. More than limit spans are an error too.
func (d *Decoder) Request(data []byte, spans []window.Span, limit int) ([]window.Span, classify.Rejections, error) {
	r := &d.r
	begun := len(spans)
	*r = reader{batch: spans, limits: Limits{Batch: math.MaxInt, Held: math.MaxInt}, most: limit}
	r.stream.parser = parser{cursor: cursor{data: data}, names: d.names}
	err := r.onlyRequest()
	if err != nil {
		return spans[:begun], classify.Rejections{}, fmt.Errorf("byte %d: %w", r.pos, err)
	}
	return r.batch, r.rejections, nil
}

// onlyRequest reads a request with nothing behind it.
func (r *reader) onlyRequest() error {
	if b, err := r.next(); err != nil || b != '{' {
		return ended(err, "an object")
	}
	r.pos++
	for first := true; ; first = false {
		name, more, err := r.nextMember(first)
		if err == nil && more && isRequestMember(name) {
			err = r.request() // up to the end of the object
			more = false
		}
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := r.whole(r.skip); err != nil {
			return err
		}
	}
	if _, err := r.next(); err != io.EOF {
		return &syntaxError{"nothing after the request"}
	}
	return nil
}

package scoring

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dendro-carbon/dendro/internal/window"
)

// errRecord reports a record that was not written by an encoder.
var errRecord = errors.New("not a record of spans")

// encoder writes batches compactly: texts once in each batch, times as differences.
// What the scorer of a stream does not look at, the id of the trace, is left out.
// It is for one goroutine at a time.
type encoder struct {
	texts map[string]uint64
	last  [texts]string
	ids   [texts]uint64
	dst   []byte
}

// texts is how many texts a span has.
const texts = 5

// Bits of the first byte of a span: its kind, then its verb, then whether it is a
// local root.
const (
	verbShift = 2
	rootBit   = 1 << 5
	kindMask  = 3
	verbMask  = 7
)

// batch returns the record of a batch, valid until the next one.
func (e *encoder) batch(received int64, spans []window.Span, rejected uint64) []byte {
	if e.texts == nil {
		e.texts = map[string]uint64{}
	}
	clear(e.texts)
	e.last, e.ids = [texts]string{}, [texts]uint64{}
	e.dst = append(e.dst[:0], recordBatch)
	e.dst = binary.AppendVarint(e.dst, received)
	e.dst = binary.AppendUvarint(e.dst, rejected)
	e.dst = binary.AppendUvarint(e.dst, uint64(len(spans)))
	start := int64(0)
	for i := range spans {
		s := &spans[i]
		first := byte(s.Kind)&kindMask | (byte(s.Verb)&verbMask)<<verbShift
		if s.LocalRoot {
			first |= rootBit
		}
		e.dst = append(e.dst, first)
		e.dst = binary.AppendVarint(e.dst, s.Start-start)
		start = s.Start
		e.dst = binary.AppendVarint(e.dst, s.Duration)
		e.dst = binary.AppendVarint(e.dst, s.ResponseBytes)
		for field, text := range [texts]string{s.Service, s.Region, s.Environment, s.Endpoint, s.Callee} {
			e.text(field, text)
		}
	}
	return e.dst
}

// text writes the number of a text: 0 and the text itself when it is new, 1 for none.
func (e *encoder) text(field int, text string) {
	if text == "" {
		e.dst = append(e.dst, 1)
		return
	}
	if e.last[field] != text {
		id, known := e.texts[text]
		if !known {
			id = uint64(len(e.texts)) + 2
			e.texts[text] = id
			e.last[field], e.ids[field] = text, id
			e.dst = append(e.dst, 0)
			e.dst = binary.AppendUvarint(e.dst, uint64(len(text)))
			e.dst = append(e.dst, text...)
			return
		}
		e.last[field], e.ids[field] = text, id
	}
	e.dst = binary.AppendUvarint(e.dst, e.ids[field])
}

// decoded is a batch that was read.
type decoded struct {
	received int64
	rejected uint64
	spans    []window.Span
}

// cursor reads the parts of a record.
type cursor struct {
	rest  []byte
	wrong bool
}

func (c *cursor) byte() byte {
	if len(c.rest) == 0 {
		c.wrong = true
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

func (c *cursor) uint() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.wrong, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) int() int64 {
	v, n := binary.Varint(c.rest)
	if n <= 0 {
		c.wrong, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) text(known []string) (string, []string) {
	id := c.uint()
	switch {
	case id == 1:
		return "", known
	case id >= 2 && id-2 < uint64(len(known)):
		return known[id-2], known
	case id != 0:
		c.wrong = true
		return "", known
	}
	n := c.uint()
	if n > uint64(len(c.rest)) {
		c.wrong = true
		return "", known
	}
	text := string(c.rest[:n])
	c.rest = c.rest[n:]
	return text, append(known, text)
}

// decodeBatch reads the record of a batch. Its spans have no trace id.
func decodeBatch(record []byte, into *decoded) error {
	c := &cursor{rest: record}
	if c.byte() != recordBatch {
		return fmt.Errorf("%w: of another kind", errRecord)
	}
	into.received, into.rejected, into.spans = c.int(), c.uint(), into.spans[:0]
	n := c.uint()
	const smallest = 4 + texts // bytes of a span
	if c.wrong || n > uint64(len(c.rest))/smallest {
		return fmt.Errorf("%w: %d spans in %d bytes", errRecord, n, len(c.rest))
	}
	var known []string
	start := int64(0)
	for range n {
		var s window.Span
		first := c.byte()
		s.Kind, s.Verb, s.LocalRoot = window.Kind(first&kindMask), window.Verb(first>>verbShift&verbMask), first&rootBit != 0
		start += c.int()
		s.Start, s.Duration, s.ResponseBytes = start, c.int(), c.int()
		for _, to := range [texts]*string{&s.Service, &s.Region, &s.Environment, &s.Endpoint, &s.Callee} {
			*to, known = c.text(known)
		}
		into.spans = append(into.spans, s)
	}
	if c.wrong || len(c.rest) > 0 {
		return fmt.Errorf("%w: cut off, or followed by something else", errRecord)
	}
	return nil
}

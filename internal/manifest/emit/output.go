package emit

import (
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// output collects what a document's printer writes: small things in a buffer,
// rows by way of the pipeline if there is one.
type output struct {
	buf  []byte
	pipe *pipeline
	bulk []*frame.Frame
	opts Options
}

// spillSize is how much the buffer may hold before it is handed on.
const spillSize = chunkSize / 8

// spill hands the buffer on when it is large.
func (o *output) spill() {
	if len(o.buf) >= spillSize {
		o.drain()
	}
}

// drain hands the buffer on.
func (o *output) drain() {
	if o.pipe != nil {
		o.pipe.text(o.buf)
		o.buf = o.buf[:0]
	}
}

// rows writes all rows of a frame that has some.
func (o *output) rows(f *frame.Frame, form form, compact bool) {
	source := rowsOf(f, form)
	start := len(o.buf)
	o.buf = source.appendRows(o.buf, 0, 1)
	if n := form.between(compact); n > 0 {
		o.buf = append(o.buf[:start], o.buf[start+n:]...)
	}
	if o.pipe == nil {
		o.buf = source.appendRows(o.buf, 1, f.Len())
		return
	}
	o.drain()
	o.pipe.rows(source, 1, f.Len())
}

// frame returns the frame that a bulk value stands for, nil if there is none.
func (o *output) frame(v value.Value) *frame.Frame {
	if i, ok := v.BulkIndex(); ok && i >= 0 && i < len(o.bulk) {
		return o.bulk[i]
	}
	return nil
}

func hasPairs(m *value.Map) bool {
	for i := range m.Len() {
		if m.At(i).Kind() != value.Absent {
			return true
		}
	}
	return false
}

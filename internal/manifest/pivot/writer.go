package pivot

import (
	"bufio"
	"io"
	"strings"

	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/value"
)

// writer writes CSV: fields in double quotes where they need them, lines that
// end in \n. (RFC 4180, but for the carriage returns.)
type writer struct {
	out   *bufio.Writer
	first bool // the next field is the first of its line
	buf   []byte
}

func newWriter(w io.Writer) *writer {
	return &writer{out: bufio.NewWriterSize(w, 1<<16), first: true}
}

// field writes a text. Errors are kept until flush.
func (w *writer) field(s string) {
	if !w.first {
		w.out.WriteByte(',')
	}
	w.first = false
	if !strings.ContainsAny(s, ",\"\n\r") {
		w.out.WriteString(s)
		return
	}
	w.out.WriteByte('"')
	w.out.WriteString(strings.ReplaceAll(s, `"`, `""`))
	w.out.WriteByte('"')
}

// value writes a value: null and what is missing as nothing, lists and maps as
// JSON.
func (w *writer) value(v value.Value) {
	switch v.Kind() {
	case value.Absent, value.Null:
		w.field("")
	case value.Number:
		f, _ := v.Float()
		w.buf = value.AppendNumber(w.buf[:0], f)
		if !w.first {
			w.out.WriteByte(',')
		}
		w.first = false
		w.out.Write(w.buf)
	case value.List, value.Object:
		w.field(string(emit.AppendJSON(nil, v)))
	default:
		w.field(v.String())
	}
}

func (w *writer) end() {
	w.out.WriteByte('\n')
	w.first = true
}

func (w *writer) flush() error { return w.out.Flush() }

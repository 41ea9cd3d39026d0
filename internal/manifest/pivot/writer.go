package pivot

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"strings"

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
		w.field(string(appendJSON(nil, v)))
	default:
		w.field(v.String())
	}
}

func (w *writer) end() {
	w.out.WriteByte('\n')
	w.first = true
}

func (w *writer) flush() error { return w.out.Flush() }

// appendJSON appends a value in compact form. As in JavaScript, numbers that
// JSON does not have are null.
func appendJSON(dst []byte, v value.Value) []byte {
	switch v.Kind() {
	case value.Absent, value.Null:
		return append(dst, "null"...)
	case value.Bool:
		return append(dst, v.String()...)
	case value.Number:
		f, _ := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return append(dst, "null"...)
		}
		return value.AppendNumber(dst, f)
	case value.List:
		dst = append(dst, '[')
		for i, item := range v.List() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, item)
		}
		return append(dst, ']')
	case value.Object:
		dst = append(dst, '{')
		for i := range v.Map().Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, v.Map().Key(i)), ':')
			dst = appendJSON(dst, v.Map().At(i))
		}
		return append(dst, '}')
	}
	return appendQuoted(dst, v.String())
}

// appendQuoted appends a text as JavaScript's JSON.stringify writes it.
func appendQuoted(dst []byte, s string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return append(dst, `""`...) // not reached: any text can be encoded
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}

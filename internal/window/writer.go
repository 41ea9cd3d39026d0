package window

import (
	"strconv"
	"time"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// writer writes JSON. Members of objects are written in the order of their names.
type writer struct{ dst []byte }

// object writes an object whose members a function writes.
func (w *writer) object(members func()) {
	w.dst = append(w.dst, '{')
	members()
	w.dst = append(w.dst, '}')
}

// array writes an array of n elements.
func (w *writer) array(n int, element func(i int)) {
	w.dst = append(w.dst, '[')
	for i := range n {
		w.comma()
		element(i)
	}
	w.dst = append(w.dst, ']')
}

// comma writes one unless nothing stands before in the array or object.
func (w *writer) comma() {
	if last := w.dst[len(w.dst)-1]; last != '{' && last != '[' {
		w.dst = append(w.dst, ',')
	}
}

func (w *writer) key(name string) {
	w.comma()
	w.dst = append(canon.AppendString(w.dst, name), ':')
}

func (w *writer) text(name, value string) {
	w.key(name)
	w.dst = canon.AppendString(w.dst, value)
}

func (w *writer) textIf(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func (w *writer) float(name string, value float64) {
	w.key(name)
	w.dst = canon.AppendFloat(w.dst, value)
}

func (w *writer) floatIf(name string, value *float64) {
	if value != nil {
		w.float(name, *value)
	}
}

func (w *writer) uint(name string, value uint64) {
	w.key(name)
	w.dst = strconv.AppendUint(w.dst, value, 10)
}

func (w *writer) boolIf(name string, value *bool) {
	if value != nil {
		w.key(name)
		w.dst = strconv.AppendBool(w.dst, *value)
	}
}

func (w *writer) raw(name string, value Raw) {
	if value != nil {
		w.key(name)
		w.dst = append(w.dst, value...)
	}
}

func (w *writer) extra(members []Member) {
	for _, m := range members {
		w.raw(m.Name, m.Value)
	}
}

func (w *writer) instant(name string, nanos int64) {
	w.key(name)
	w.dst = append(w.dst, '"')
	w.dst = appendInstant(w.dst, time.Unix(0, nanos))
	w.dst = append(w.dst, '"')
}

// members writes an object of n members, unless there are none.
func (w *writer) members(name string, n int, member func(i int)) {
	if n > 0 {
		w.key(name)
		w.object(func() {
			for i := range n {
				member(i)
			}
		})
	}
}

func (w *writer) amounts(name string, list Amounts) {
	w.members(name, len(list), func(i int) { w.float(list[i].Service, list[i].Value) })
}

func (w *writer) labels(name string, list Labels) {
	w.members(name, len(list), func(i int) { w.text(list[i].Service, list[i].Value) })
}

// appendInstant appends an instant in UTC with 0, 3, 6 or 9 digits of a second, the
// fewest that are exact.
func appendInstant(dst []byte, t time.Time) []byte {
	layout := "2006-01-02T15:04:05Z"
	switch ns := t.Nanosecond(); {
	case ns%1000 != 0:
		layout = "2006-01-02T15:04:05.000000000Z"
	case ns%1_000_000 != 0:
		layout = "2006-01-02T15:04:05.000000Z"
	case ns != 0:
		layout = "2006-01-02T15:04:05.000Z"
	}
	return t.UTC().AppendFormat(dst, layout)
}

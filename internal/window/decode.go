package window

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// ErrShape is wrapped by the error of a line that is JSON and no window: a member that
// every window has is missing, or has another type.
var ErrShape = errors.New("no scored window")

// Decoder reads windows. It keeps names that come again, so that reading many windows
// does not make each name anew. The zero value is ready; it is not safe for concurrent
// use.
type Decoder struct {
	// Values has windows read to be added up and forgotten: findings and waste come as values,
	// not as texts, and what a window points at lies in the memory of the decoder until it reads
	// the next one.
	Values bool

	memory   memory
	scanner  canon.Scanner
	names    map[string]string
	recent   [256]string // of names, by their length and their ends
	negative int
	missing  string
}

// Decode reads a line of an archive into line, whose memory is used again: what it held
// is lost. Raw texts lie in the memory of text.
//
// The error wraps [canon.ErrSyntax] for what is no JSON, and [ErrShape] for JSON that is
// no window; then the envelope is filled as far as it goes, and the window is of no use.
// Numbers too large for a float64 are no JSON, as in the original.
func (d *Decoder) Decode(text []byte, line *Line) error {
	if !utf8.Valid(text) {
		return fmt.Errorf("%w: not UTF-8", canon.ErrSyntax)
	}
	line.Envelope, line.Report, line.Negative = Envelope{}, nil, 0
	d.start(text)
	report := false
	d.scanner.Object()
	for name, more := d.scanner.Key(); more; name, more = d.scanner.Key() {
		if string(name) == "report" {
			report = true
			from := d.scanner.Rest()
			d.window(&line.Window)
			line.Report = Raw(from[:len(from)-len(d.scanner.Rest())])
			continue
		}
		d.envelope(name, &line.Envelope)
	}
	if !report {
		d.lacks("report")
	}
	line.Negative = d.negative
	err := d.end()
	line.Loose = d.scanner.Loose()
	if err == nil && line.Time.IsZero() {
		d.lacks("ts")
		err = d.end()
	}
	if err != nil {
		return d.why(text, line, err)
	}
	return nil
}

// DecodeReport reads a report that stands alone, as dendro score writes it. The errors
// are those of [Decoder.Decode].
func (d *Decoder) DecodeReport(text []byte, w *Window) error {
	if !utf8.Valid(text) {
		return fmt.Errorf("%w: not UTF-8", canon.ErrSyntax)
	}
	d.start(text)
	d.window(w)
	if err := d.end(); err != nil {
		return d.shape(text, err)
	}
	return nil
}

func (d *Decoder) start(text []byte) {
	d.scanner.Reset(text)
	d.negative, d.missing = 0, ""
	d.memory.forget()
}

// end returns what was wrong.
func (d *Decoder) end() error {
	if err := d.scanner.End(); err != nil {
		return err
	}
	if d.missing != "" {
		return fmt.Errorf("%w: %q is missing", ErrShape, d.missing)
	}
	return nil
}

// lacks takes note of the first member that is missing.
func (d *Decoder) lacks(name string) {
	if d.missing == "" {
		d.missing = name
	}
}

// shape tells text that is JSON, which has another shape, from what is none.
func (d *Decoder) shape(text []byte, err error) error {
	if errors.Is(err, ErrShape) {
		return err
	}
	if _, none := canon.Append(nil, text); none != nil {
		return none
	}
	return fmt.Errorf("%w: %s", ErrShape, strings.TrimPrefix(err.Error(), canon.ErrSyntax.Error()+": "))
}

// why is shape for a line, whose envelope it reads once more.
func (d *Decoder) why(text []byte, line *Line, err error) error {
	err = d.shape(text, err)
	line.Envelope = Envelope{}
	if errors.Is(err, ErrShape) {
		d.start(text)
		if d.scanner.Peek() == '{' {
			d.scanner.Object()
			for name, more := d.scanner.Key(); more; name, more = d.scanner.Key() {
				d.envelope(name, &line.Envelope)
			}
		}
	}
	return err
}

// emptied stands for a hash that is an empty text. It is that of nothing, and not the same
// as none: somebody took it away.
const emptied = "sha256:"

// envelope reads a member of a line that is not its report.
func (d *Decoder) envelope(name []byte, e *Envelope) {
	s := &d.scanner
	switch string(name) {
	case "hash":
		stated := s.Peek() == '"'
		if e.Hash = d.textOrSkip(); stated && e.Hash == "" {
			e.Hash = emptied
		}
	case "prev":
		e.Prev = d.textOrSkip()
	case "seq":
		if c := s.Peek(); c < '0' || c > '9' {
			s.Skip()
			return
		}
		number := s.Skip()
		var probe canon.Scanner
		probe.Reset(number)
		if n := probe.Uint(); probe.Err() == nil {
			e.Seq, e.HasSeq = n, true
		}
	case "ts":
		if t, ok := instant(d.textOrSkip()); ok {
			e.Time = t.UTC()
		}
	default:
		s.Skip()
	}
}

// instant reads a time of RFC 3339, whose forms package time does not all know: letters
// in lower case, a space in place of the T, and a leap second, which is taken for the
// second before it.
func instant(text string) (time.Time, bool) {
	const shortest = len("2006-01-02T15:04:05Z")
	t, err := time.Parse(time.RFC3339, text)
	if err == nil || len(text) < shortest {
		return t, err == nil && !strings.Contains(text, ",")
	}
	b := []byte(text)
	if b[10] == 't' || b[10] == ' ' {
		b[10] = 'T'
	}
	if string(b[17:19]) == "60" {
		copy(b[17:], "59")
	}
	if last := len(b) - 1; b[last] == 'z' {
		b[last] = 'Z'
	}
	t, err = time.Parse(time.RFC3339, string(b))
	return t, err == nil
}

// textOrSkip reads a text, or passes over another value.
func (d *Decoder) textOrSkip() string {
	if d.scanner.Peek() != '"' {
		d.scanner.Skip()
		return ""
	}
	return d.scanner.Text()
}

// object reads an object: it calls member for each of its members.
func (d *Decoder) object(member func(name []byte)) {
	d.scanner.Object()
	for name, more := d.scanner.Key(); more; name, more = d.scanner.Key() {
		member(name)
	}
}

// maxNames bounds the names that a decoder keeps.
const maxNames = 1 << 16

// name reads a text that comes often.
func (d *Decoder) name() string { return d.intern(d.scanner.TextBytes()) }

func (d *Decoder) intern(text []byte) string {
	if len(text) > maxName || len(text) == 0 {
		return string(text)
	}
	recent := &d.recent[(len(text)*31+int(text[0])*7+int(text[len(text)-1]))%len(d.recent)]
	if *recent == string(text) {
		return *recent
	}
	if known, ok := d.names[string(text)]; ok {
		*recent = known
		return known
	}
	if d.names == nil || len(d.names) >= maxNames {
		d.names = map[string]string{}
	}
	name := string(text)
	d.names[name] = name
	return name
}

// amount reads a number that must not be negative, and counts it if it is.
func (d *Decoder) amount() float64 {
	x := d.scanner.Float()
	if x < 0 || math.IsNaN(x) {
		d.negative++
	}
	return x
}

// optional reads a number or null.
func (d *Decoder) optional() *float64 {
	if d.scanner.Null() {
		return nil
	}
	x := d.amount()
	if d.Values {
		return d.memory.float(x)
	}
	return &x
}

func (d *Decoder) optionalBool() *bool {
	if d.scanner.Null() {
		return nil
	}
	if d.Values {
		return d.memory.bool(d.scanner.Bool())
	}
	b := d.scanner.Bool()
	return &b
}

// raw reads a value as it stands; null is none.
func (d *Decoder) raw() Raw {
	if d.scanner.Null() {
		return nil
	}
	return Raw(d.scanner.Skip())
}

func (d *Decoder) member(name []byte) Member {
	m := Member{Name: d.intern(name)}
	m.Value = Raw(d.scanner.Skip())
	return m
}

// amounts reads a map from services to numbers.
func (d *Decoder) amounts(list Amounts) Amounts {
	list = list[:0]
	ordered := true
	d.scanner.Object()
	for name, more := d.scanner.Key(); more; name, more = d.scanner.Key() {
		service := d.intern(name)
		ordered = ordered && (len(list) == 0 || list[len(list)-1].Service < service)
		list = append(list, Amount{service, d.amount()})
	}
	if ordered {
		return list
	}
	slices.SortStableFunc(list, func(a, b Amount) int { return strings.Compare(a.Service, b.Service) })
	return lastOfEach(list, func(a Amount) string { return a.Service })
}

// labels reads a map from services to texts.
func (d *Decoder) labels(list Labels) Labels {
	list = list[:0]
	ordered := true
	d.scanner.Object()
	for name, more := d.scanner.Key(); more; name, more = d.scanner.Key() {
		service := d.intern(name)
		ordered = ordered && (len(list) == 0 || list[len(list)-1].Service < service)
		list = append(list, Label{service, d.name()})
	}
	if ordered {
		return list
	}
	slices.SortStableFunc(list, func(a, b Label) int { return strings.Compare(a.Service, b.Service) })
	return lastOfEach(list, func(l Label) string { return l.Service })
}

// lastOfEach keeps the last of those that have the same key and stand together.
func lastOfEach[T any](list []T, key func(T) string) []T {
	out := list[:0]
	for i, v := range list {
		if i+1 == len(list) || key(list[i+1]) != key(v) {
			out = append(out, v)
		}
	}
	return out
}

package spanfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Limits bound what reading a file takes. A limit that is 0 has its default.
type Limits struct {
	// Batch is how many spans are handed over at a time; 4096.
	Batch int
	// Element is the size of one span, resource or event in bytes; 16 MiB.
	Element int
	// Problems is how many problems are kept; 100. The others are counted.
	Problems int
	// Held is how many spans may come before the resource they belong to, which
	// standard writers put first; 1,048,576.
	Held int
}

func (l Limits) filled() Limits {
	fill := func(limit *int, value int) {
		if *limit <= 0 {
			*limit = value
		}
	}
	fill(&l.Batch, 4096)
	fill(&l.Element, 16<<20)
	fill(&l.Problems, 100)
	fill(&l.Held, 1<<20)
	return l
}

// Problem is a place where a file is not valid.
type Problem struct {
	Name string // the file
	Line int    // from 1
	// Element counts the events or spans of the file up to this one, from 1; 0 if
	// the problem is none of theirs.
	Element int
	Text    string
}

// Error returns the problem as `file:line: event or span n: what is wrong`.
func (p Problem) Error() string {
	if p.Element == 0 {
		return fmt.Sprintf("%s:%d: %s", p.Name, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d: span %d: %s", p.Name, p.Line, p.Element, p.Text)
}

// Summary says what a file held.
type Summary struct {
	// Spans were handed over, Rejected were not.
	Spans, Rejected int64
	// Problems are the first ones, in the order of the file, and MoreProblems
	// the number of those that were left out. A rejected span is one.
	Problems     []Problem
	MoreProblems int
}

// Read reads the spans of a file and hands them over in the order of the file.
// use may keep no slice it is given; the texts in the spans stay good. The name
// is for problems alone. What the file says wrongly is in the summary; an error
// is one of reading, or of use, and ends the reading. In both cases the summary
// says what came before.
func Read(name string, from io.Reader, limits Limits, use func([]window.Span) error) (Summary, error) {
	plain, err := decompressed(from)
	if err != nil {
		return Summary{}, fmt.Errorf("read %s: %w", name, err)
	}
	defer plain.Close()
	limits = limits.filled()
	r := &reader{name: name, limits: limits, use: use, batch: make([]window.Span, 0, min(limits.Batch, 4096))}
	r.names = classify.NewNames()
	r.stream.from, r.limit = plain, limits.Element
	r.buf = make([]byte, min(firstBuffer, limits.Element))
	if err := r.file(); err != nil {
		return r.summary, fmt.Errorf("read %s: %w", name, err)
	}
	return r.summary, nil
}

// reader reads one file.
type reader struct {
	stream
	name    string
	limits  Limits
	use     func([]window.Span) error
	summary Summary
	// useFailed is set when an error came from use.
	useFailed error

	batch   []window.Span
	most    int // how many spans there may be; 0 is any number
	element int // how many events or spans were met

	rejections classify.Rejections // of spans of OTLP

	// The resource of the spans that are being read; those from index first of
	// the batch belong to it and wait for it unless it is known.
	resource classify.Resource
	known    bool
	first    int
}

// file reads values up to the end of the file. A value that is not JSON ends at
// the next line that begins with an object.
func (r *reader) file() error {
	r.byteOrderMark()
	for {
		b, err := r.next()
		if err == io.EOF {
			return r.flush()
		}
		if err == nil {
			err = r.value(b)
		}
		if err == nil {
			continue
		}
		if fatal := r.fatal(err); fatal != nil {
			return fatal
		}
		r.problem(0, err.Error())
		r.known = true // the spans that wait will get no resource any more
		if found, err := r.toLine(); err != nil || !found {
			return errors.Join(err, r.flush())
		}
	}
}

// fatal returns the errors that end the reading: those of reading and of use.
func (r *reader) fatal(err error) error {
	var failed *readError
	if r.useFailed != nil {
		return r.useFailed
	}
	if errors.As(err, &failed) {
		return errors.Join(failed.cause, r.flush())
	}
	return nil
}

// byteOrderMark skips the mark that some editors put before UTF-8.
func (r *reader) byteOrderMark() {
	const mark = "\uFEFF"
	if _, err := r.next(); err == nil && len(r.data) >= len(mark) && string(r.data[:len(mark)]) == mark {
		r.pos = len(mark)
	}
}

// value reads one value of a file, which begins with b.
func (r *reader) value(b byte) error {
	switch b {
	case '{':
		return r.elementOf()
	case '[':
		r.pos++
		return r.list(r.elementOf)
	}
	return &syntaxError{"an object or an array"}
}

// list reads the elements of an array whose `[` has been consumed.
func (r *reader) list(element func() error) error {
	for first := true; ; first = false {
		var more bool
		if err := r.whole(func() (err error) { more, err = r.cursor.element(first); return err }); err != nil || !more {
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// name reads up to the value of the next member of an object. The result is
// good until anything else is read.
func (r *reader) nextMember(first bool) (name []byte, more bool, err error) {
	err = r.whole(func() (err error) { name, more, err = r.member(first); return err })
	return name, more, err
}

// elementOf reads a request or an event: which of them, the first member says
// that is known.
func (r *reader) elementOf() error {
	if b, err := r.next(); err != nil || b != '{' {
		return ended(err, "an object")
	}
	r.pos++
	for first := true; ; first = false {
		name, more, err := r.nextMember(first)
		switch {
		case err != nil:
			return err
		case !more && first: // an empty request
			return nil
		case !more:
			r.problem(0, "neither a request of OTLP traces nor an event: no member of one")
			return nil
		case isRequestMember(name):
			return r.request()
		case eventMemberOf(name) != noMember:
			return r.nativeEvent(eventMemberOf(name))
		}
		if err := r.whole(r.skip); err != nil {
			return err
		}
	}
}

// ended turns the end of the file into an error, and no error into one of
// syntax.
func ended(err error, want string) error {
	switch err {
	case nil:
		return &syntaxError{want}
	case io.EOF:
		return errEnd
	}
	return err
}

// nativeEvent reads an event from the value of its first known member on.
func (r *reader) nativeEvent(member eventMember) error {
	r.element++
	var problem string
	if err := r.whole(func() (err error) { problem, err = r.event(member); return err }); err != nil {
		return err
	}
	if problem != "" {
		r.reject(problem)
		return nil
	}
	r.known = true // an event needs no resource
	return r.add(r.native.span)
}

// add puts a span into the batch, which goes out when it is full, unless its
// spans wait for their resource.
func (r *reader) add(span window.Span) error {
	if r.most > 0 && r.element > r.most {
		return fmt.Errorf("%w: %d are allowed", classify.ErrTooManySpans, r.most)
	}
	r.batch = append(r.batch, span)
	r.summary.Spans++
	switch {
	case len(r.batch) < r.limits.Batch:
		return nil
	case r.known:
		return r.flush()
	case len(r.batch)-r.first >= r.limits.Held:
		r.known = true
		r.problem(r.element, fmt.Sprintf("more than %d spans before their resource: they have none", r.limits.Held))
		return r.flush()
	}
	return nil
}

// flush hands the batch over.
func (r *reader) flush() error {
	if len(r.batch) == 0 || r.useFailed != nil {
		return r.useFailed
	}
	r.useFailed = r.use(r.batch)
	r.batch, r.first = r.batch[:0], 0
	return r.useFailed
}

// reject leaves the current event or span out.
func (r *reader) reject(why string) {
	r.summary.Rejected++
	r.problem(r.element, why)
}

func (r *reader) problem(element int, text string) {
	if len(r.summary.Problems) >= r.limits.Problems {
		r.summary.MoreProblems++
		return
	}
	r.summary.Problems = append(r.summary.Problems, Problem{Name: r.name, Line: r.line(), Element: element, Text: text})
}

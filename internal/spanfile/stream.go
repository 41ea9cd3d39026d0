package spanfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// firstBuffer is how much of a file is in memory: enough that few elements are
// scanned twice because they lie across its end, and little enough for a cache.
const firstBuffer = 256 << 10

// errEnd says that a file ended where something had to follow.
var errEnd = errors.New("ends inside a value")

// stream moves a window over a file. data of the parser is the window.
type stream struct {
	parser
	from  io.Reader // nil when all bytes are in the window
	buf   []byte
	limit int // of the window, in bytes
	lines int // line ends before the window
}

// more drops what was consumed and reads until the window is full or the file
// ends; io.EOF says that there was nothing more.
func (s *stream) more() error {
	if s.from == nil {
		return io.EOF
	}
	s.lines += bytes.Count(s.data[:s.pos], []byte{'\n'})
	rest := s.data[s.pos:]
	if len(rest) == len(s.buf) {
		if len(s.buf) >= s.limit {
			return fmt.Errorf("an element has more than %d bytes", s.limit)
		}
		s.buf = make([]byte, min(max(2*len(s.buf), firstBuffer), s.limit))
	}
	kept := copy(s.buf, rest)
	n, err := fill(s.from, s.buf[kept:])
	s.data, s.pos = s.buf[:kept+n], 0
	if err != nil { // it counts once everything before it has been scanned
		s.from = failing{err}
	}
	switch {
	case n > 0 || err == nil:
		return nil
	case err == io.EOF:
		return io.EOF
	}
	return &readError{err}
}

// failing is what is left of a file that has ended or failed.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// fill reads until p is full. Unlike io.ReadFull it tells the end of a file from
// a compressed file that was cut: that has io.ErrUnexpectedEOF of its own.
func fill(from io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var got int
		got, err = from.Read(p[n:])
		n += got
	}
	return n, err
}

// readError is a failure of the file, and not of what it says.
type readError struct{ cause error }

func (e *readError) Error() string { return e.cause.Error() }
func (e *readError) Unwrap() error { return e.cause }

// next skips white space and returns the byte that follows; io.EOF at the end.
func (s *stream) next() (byte, error) {
	for {
		if b := s.space(); s.pos < len(s.data) {
			return b, nil
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// whole runs scan, which scans one element, with all of that element in the
// window. It runs it again, from the same place, after reading on.
func (s *stream) whole(scan func() error) error {
	for {
		begin := s.pos
		err := scan()
		if err != errShort {
			return err
		}
		s.pos = begin
		switch err := s.more(); err {
		case nil:
		case io.EOF:
			return errEnd
		default:
			return err
		}
	}
}

// line returns the number of the line of the place that was reached.
func (s *stream) line() int { return s.lines + bytes.Count(s.data[:s.pos], []byte{'\n'}) + 1 }

// toLine drops everything up to a line that begins with an object, and reports
// whether there is one.
func (s *stream) toLine() (found bool, err error) {
	for {
		if at := bytes.Index(s.data[s.pos:], []byte("\n{")); at >= 0 {
			s.pos += at + 1
			return true, nil
		}
		s.pos = max(s.pos, len(s.data)-1) // the last byte may be the line end
		switch err := s.more(); err {
		case nil:
		case io.EOF:
			return false, nil
		default:
			return false, err
		}
	}
}

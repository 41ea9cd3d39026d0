package table

import (
	"errors"
	"io"
	"strings"
)

// chunkSize is how much is read at once: enough to make a call per chunk
// cheap, little enough to stay in the cache.
const chunkSize = 128 << 10

// maxLine is the longest line that is read. What is longer is not a table, or
// lacks a closing quote.
const maxLine = 16 << 20

var errLongLine = errors.New("a line of more than 16 MiB")

// lines cuts what a reader gives into lines, each a string that stays valid.
// Lines share memory with their neighbours: who keeps one for long clones it.
type lines struct {
	r    io.Reader
	buf  []byte
	rest string // what was read and not yet returned
	done bool   // the reader has ended
	n    int    // lines returned
	err  error
}

// next returns the next line without its end, which is \n or \r\n, or the end
// of the input. ok is false when there is none, or an error happened.
func (l *lines) next() (line string, ok bool) {
	from := 0
	for {
		if i := strings.IndexByte(l.rest[from:], '\n'); i >= 0 {
			end := from + i
			line, l.rest = l.rest[:end], l.rest[end+1:]
			break
		}
		if l.done || l.err != nil {
			if l.rest == "" || l.err != nil {
				return "", false
			}
			line, l.rest = l.rest, ""
			break
		}
		from = len(l.rest)
		l.fill()
	}
	l.n++
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, true
}

// room estimates how many lines are to come from those in the chunk at hand,
// given the size of the input, 0 when that is not known.
func (l *lines) room(size int64) int {
	const most = 4 << 20 // an estimate must not cost memory that the data does not need
	here := strings.Count(l.rest, "\n") + 1
	if l.done || int64(len(l.rest)) >= size {
		return min(here, most)
	}
	return int(min(float64(here)*float64(size)/float64(len(l.rest)+1), most))
}

// fill reads one more chunk.
func (l *lines) fill() {
	if len(l.rest) > maxLine {
		l.err = errLongLine
		return
	}
	if l.buf == nil {
		l.buf = make([]byte, chunkSize)
	}
	// A long line costs as many copies as it has chunks; growing the chunk with
	// the line keeps that linear.
	if len(l.rest) >= len(l.buf) {
		l.buf = make([]byte, 2*len(l.rest))
	}
	// Not io.ReadFull, which would hide that a compressed file is cut.
	n := 0
	for n < len(l.buf) && !l.done && l.err == nil {
		m, err := l.r.Read(l.buf[n:])
		n += m
		if err == io.EOF {
			l.done = true
		} else if err != nil {
			l.err = err
		}
	}
	l.rest += string(l.buf[:n])
}

// Package table reads observations and look-up tables from CSV and NDJSON,
// plain or compressed with gzip, into frames.
//
// A field of a CSV file is a number only if all of it is one as JSON writes
// numbers, an instant if it is one in a layout of package value, nothing (null)
// if it is empty, and text otherwise. So 007, +5 and " 5" are text, which is
// what a reader would get wrong: identifiers keep their zeros. [Options].Loose
// reads as Impact Framework does instead.
package table

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
)

// Format is how a table is written.
type Format uint8

// The formats. ByName chooses by the ending of the name.
const (
	ByName Format = iota
	CSV
	NDJSON
)

// Options say how to read a table. The zero value reads by the name's ending,
// without a limit of size.
type Options struct {
	Format Format
	// Loose reads CSV as Impact Framework 1.1.0 does (csv-parse 5 with columns,
	// cast and skip_empty_lines): " 5", 007 and 0x10 are the numbers 5, 7 and 0,
	// empty fields are empty texts, and reading ends at the first error, in its
	// wording. NDJSON is the same in both.
	Loose bool
	// MaxBytes limits the size after decompression; 0 is no limit.
	MaxBytes int64
}

// The classes of the problems that reading finds.
const (
	ClassCSV  = "CSVParseError"
	ClassRead = "ReadFileError"
)

// maxProblems is how many problems of a file are reported; reading ends there.
const maxProblems = 20

// Read reads a table. The name is used in messages and, under [ByName], to
// choose the format. The error is a [diag.List] when the content is not valid,
// with the line of each problem, and whatever r or ctx gave otherwise.
func Read(ctx context.Context, name string, r io.Reader, opts Options) (*frame.Frame, error) {
	format := opts.Format
	if format == ByName {
		if format = FormatOf(name); format == ByName {
			p := diag.New(ClassRead, "%s: not a known kind of table", name)
			return nil, diag.List{p.WithHint("name it .csv, .ndjson or .jsonl, or one of these and .gz")}
		}
	}
	in := &input{ctx: ctx, left: opts.MaxBytes, limited: opts.MaxBytes > 0}
	var err error
	if in.r, in.size, err = decompress(r); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var f *frame.Frame
	switch {
	case format == NDJSON:
		f, err = readNDJSON(name, in)
	case opts.Loose:
		f, err = readLoose(name, in)
	default:
		f, err = readCSV(name, in)
	}
	var list diag.List
	if err != nil && !errors.As(err, &list) {
		err = fmt.Errorf("read %s: %w", name, err)
	}
	return f, err
}

// FormatOf returns the format that a file's name or a URL tells, ByName if it
// tells none. Case and a final .gz do not matter.
func FormatOf(name string) Format {
	if i := strings.Index(name, "://"); i >= 0 {
		if end := strings.IndexAny(name[i:], "?#"); end >= 0 {
			name = name[:i+end]
		}
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	switch {
	case strings.HasSuffix(name, ".csv"):
		return CSV
	case strings.HasSuffix(name, ".ndjson"), strings.HasSuffix(name, ".jsonl"):
		return NDJSON
	}
	return ByName
}

// decompress returns what r holds, decompressed if it begins as gzip does, and
// its size, 0 when that is not known.
func decompress(r io.Reader) (plain io.Reader, size int64, err error) {
	buf := bufio.NewReaderSize(r, 64<<10)
	if magic, err := buf.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		plain, err = gzip.NewReader(buf)
		return plain, 0, err
	}
	switch r := r.(type) { // an error of Peek comes again with the first read
	case interface{ Len() int }:
		size = int64(r.Len() + buf.Buffered())
	case interface{ Stat() (fs.FileInfo, error) }:
		if info, err := r.Stat(); err == nil {
			size = info.Size()
		}
	}
	return buf, size, nil
}

// input is what is read: it ends with an error when the context is done or the
// limit passed.
type input struct {
	ctx     context.Context // an input lives within one call of Read
	r       io.Reader
	size    int64 // of all that r holds, a hint; 0 when it is not known
	left    int64
	limited bool
}

// ErrTooLarge says that the limit of size was passed.
var ErrTooLarge = errors.New("larger than the limit of size, after decompression")

// Read reads like the reader below.
func (in *input) Read(p []byte) (int, error) {
	if err := context.Cause(in.ctx); err != nil {
		return 0, err
	}
	n, err := in.r.Read(p)
	if in.limited {
		if in.left -= int64(n); in.left < 0 {
			return 0, ErrTooLarge
		}
	}
	return n, err
}

// problems collects what is wrong with a file.
type problems struct {
	file, class string
	list        diag.List
}

// add notes a problem and reports whether there is room for more.
func (p *problems) add(line int, hint, format string, args ...any) bool {
	problem := diag.New(p.class, format, args...)
	problem.File, problem.Line, problem.Hint = p.file, line, hint
	p.list = append(p.list, problem)
	return len(p.list) < maxProblems
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

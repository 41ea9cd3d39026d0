package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/dendro-carbon/dendro/internal/window"
)

const (
	zstdExtension = ".zst"
	gzipExtension = ".gz"
)

// plainName returns a name without the extension of a compression.
func plainName(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, zstdExtension), gzipExtension)
}

// found returns under which name a file is there, "" for none. One that is plain and
// compressed at once was about to be compressed: the plain one is whole.
func found(dir, name string) string {
	for _, ext := range []string{"", zstdExtension, gzipExtension} {
		if info, err := os.Lstat(filepath.Join(dir, name+ext)); err == nil && info.Mode().IsRegular() {
			return name + ext
		}
	}
	return ""
}

// names returns the files of windows in a folder, whatever their stem, in the order of
// time that their names give: stamped ones first, then the one that is written to.
func names(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(plainName(e.Name()), extension) {
			out = append(out, e.Name())
		}
	}
	slices.SortStableFunc(out, func(a, b string) int {
		return compareNames(plainName(a), plainName(b))
	})
	return slices.CompactFunc(out, func(a, b string) bool { return plainName(a) == plainName(b) }), nil
}

// compareNames sorts what is written to, NAME.ndjson, behind NAME-STAMP.ndjson.
func compareNames(a, b string) int {
	a, b = strings.TrimSuffix(a, extension), strings.TrimSuffix(b, extension)
	switch {
	case strings.HasPrefix(a, b+"-"):
		return -1
	case strings.HasPrefix(b, a+"-"):
		return 1
	}
	return strings.Compare(a, b)
}

// closedNames returns the files of windows but for the one that is written to.
func closedNames(dir string) ([]string, error) {
	all, err := names(dir)
	return slices.DeleteFunc(all, func(name string) bool { return name == activeName }), err
}

// measure fills in what a manifest says of a file.
func measure(path string, f *File) error {
	digest := sha256.New()
	err := openFile(path, func(r io.Reader) error {
		var decoder window.Decoder
		var line window.Line
		return eachLine(io.TeeReader(r, digest), func(text []byte, whole bool) error {
			f.Bytes += int64(len(text)) + 1
			if !whole {
				f.Bytes--
			}
			if err := decoder.Decode(text, &line); err == nil || errors.Is(err, window.ErrShape) {
				f.Lines++
				f.Head = line.Hash
				if err == nil {
					f.see(&line.Window)
				}
			}
			return nil
		})
	})
	f.SHA256 = sumText(digest)
	return err
}

// The first bytes of compressed files.
const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
)

// maxWindowMemory bounds what a hostile zstd file can have allocated.
const maxWindowMemory = 128 << 20

// openFile reads a file, plain or compressed as its content says.
func openFile(path string, read func(io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return readContent(path, file, read)
}

// readStored is openFile, and writes all bytes of the file to stored.
func readStored(path string, stored io.Writer, read func(io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	both := io.TeeReader(file, stored)
	err = readContent(path, both, read)
	_, rest := io.Copy(io.Discard, both)
	return cmp.Or(err, rest)
}

// readContent reads what is stored as what it is.
func readContent(path string, stored io.Reader, read func(io.Reader) error) error {
	buffered := bufio.NewReaderSize(stored, 1<<16)
	magic, err := buffered.Peek(len(zstdMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.HasPrefix(magic, []byte(gzipMagic)):
		r, err := gzip.NewReader(buffered)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return read(r)
	case string(magic) == zstdMagic:
		r, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindowMemory))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		defer r.Close()
		return read(r)
	}
	return read(buffered)
}

// MaxLine bounds a line, in bytes. A longer one is no window.
const MaxLine = 64 << 20

// eachLine calls yield with each line, without its end, and whether it had one. The
// text is valid until the next line. A line that is too long comes as nil.
func eachLine(r io.Reader, yield func(text []byte, whole bool) error) error {
	in := bufio.NewReaderSize(r, 1<<18)
	var long []byte
	tooLong := false
	for {
		piece, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if tooLong = tooLong || len(long)+len(piece) > MaxLine; tooLong {
				long = long[:0]
				continue
			}
			long = append(long, piece...)
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		text, end := piece, err != nil
		if len(long) > 0 {
			long = append(long, piece...)
			text = long
		}
		if end && len(text) == 0 && !tooLong {
			return nil
		}
		text = bytes.TrimSuffix(text, []byte{'\n'})
		if tooLong {
			text = nil
		}
		if err := yield(text, !end); err != nil {
			return err
		}
		if end {
			return nil
		}
		long, tooLong = long[:0], false
	}
}

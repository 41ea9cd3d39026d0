package spanfile

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/gzip"
)

// decompressed returns the plain content of a file: decompressed if it begins
// as gzip does, as it is otherwise.
func decompressed(from io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(from, 64<<10)
	head, err := buffered.Peek(2)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if string(head) == "\x1f\x8b" {
		return gzip.NewReader(buffered)
	}
	return io.NopCloser(buffered), nil
}

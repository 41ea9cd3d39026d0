package otlp

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// What can be wrong with a body before it is looked into.
var (
	errTooLarge = errors.New("the request is larger than allowed; send fewer spans at a time")
	errEncoding = errors.New("the body is not as its Content-Encoding says")
)

// inflater reads bodies, compressed or not. It keeps its decompressors for the
// next body.
type inflater struct {
	gzip *gzip.Reader
	zstd *zstd.Decoder
	raw  source
}

// source is a body as it comes. It remembers its own failure, so that a broken
// connection is not taken for broken data.
type source struct {
	io.Reader
	failed error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.failed = err
	}
	return n, err
}

// open returns the content of a body. limit bounds what zstd may remember, which
// is up to the sender otherwise.
func (i *inflater) open(body io.Reader, encoding string, limit int) (io.Reader, error) {
	i.raw = source{Reader: body}
	var err error
	switch strings.ToLower(encoding) {
	case "", "identity":
		return &i.raw, nil
	case "gzip":
		if i.gzip == nil {
			i.gzip = new(gzip.Reader)
		}
		if err = i.gzip.Reset(&i.raw); err == nil {
			return i.gzip, nil
		}
	case "zstd":
		if i.zstd == nil {
			i.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxMemory(uint64(limit)), zstd.WithDecoderMaxWindow(8<<20))
		}
		if err == nil {
			err = i.zstd.Reset(&i.raw)
		}
		if err == nil {
			return i.zstd, nil
		}
	default:
		return nil, fmt.Errorf("%w: %q is not known; want gzip, zstd or none", errEncoding, encoding)
	}
	return nil, i.explain(err)
}

// explain says whether a failure is one of the connection, of size, or of the
// compressed data.
func (i *inflater) explain(err error) error {
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(i.raw.failed, &tooBig), errors.Is(err, zstd.ErrDecoderSizeExceeded),
		errors.Is(err, zstd.ErrWindowSizeExceeded):
		return errTooLarge
	case i.raw.failed != nil:
		return i.raw.failed
	}
	return fmt.Errorf("%w: %v", errEncoding, err)
}

// read reads a body into memory that is used again, at most limit bytes of it
// before and after decompressing. size is what the sender says it has, or -1.
func (i *inflater) read(body io.Reader, r *http.Request, into []byte, limit int) ([]byte, error) {
	plain, err := i.open(body, r.Header.Get("Content-Encoding"), limit)
	if err != nil {
		return into[:0], err
	}
	if size := r.ContentLength; size >= int64(cap(into)) && size <= int64(limit) {
		into = make([]byte, 0, size+1) // one more, so that the end is seen without growing
	}
	into = into[:0]
	for {
		if len(into) == cap(into) {
			into = append(into, 0)[:len(into)]
		}
		n, err := plain.Read(into[len(into):cap(into)])
		into = into[:len(into)+n]
		switch {
		case len(into) > limit:
			return into, errTooLarge
		case err == io.EOF:
			return into, nil
		case err != nil:
			return into, i.explain(err)
		}
	}
}

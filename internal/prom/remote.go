package prom

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"google.golang.org/protobuf/encoding/protowire"
)

// RemoteRead calls f for each series with samples in a window, as streamed
// chunks: the way that costs both sides least. It makes one attempt. An error of
// kind [Unsupported] tells that the server does not offer this.
//
// Labels that the server adds to what leaves it (external_labels) are taken off
// where external, from [Client.ExternalLabels], names them.
func (c *Client) RemoteRead(ctx context.Context, sel Selector, w Window, external map[string]string, f func(*Series) error) error {
	return c.do(ctx, call{
		op: "read raw samples by remote read", url: c.endpoint("read"), method: http.MethodPost,
		body:        string(snappy.Encode(nil, appendReadRequest(nil, sel, w))),
		contentType: "application/x-protobuf",
		header: map[string]string{
			"Content-Encoding":                 "snappy",
			"X-Prometheus-Remote-Read-Version": "0.1.0",
			"Accept-Encoding":                  "identity", // chunks do not shrink
		},
		read: func(resp *http.Response, body io.Reader) error {
			kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
			if err != nil || kind != "application/x-streamed-protobuf" {
				return &errReply{
					kind: Unsupported,
					text: "the server answers remote read with " + resp.Header.Get("Content-Type") + " instead of streamed chunks",
					hint: "read with range selectors",
				}
			}
			d := decoder{window: w, external: external, f: f}
			return d.stream(body)
		},
	})
}

// maxFrame is the largest frame that is taken. Prometheus makes them of 1 MB
// unless it is told otherwise (storage.remote.read-max-bytes-in-frame).
const maxFrame = 32 << 20

// maxSamples is the most that one series may have in a window: a day at 50 a
// second. It keeps a server that never ends a series from filling the memory.
const maxSamples = 1 << 22

// decoder turns frames into series.
type decoder struct {
	window   Window
	external map[string]string
	f        func(*Series) error

	frame   []byte
	series  Series
	encoded []byte // the labels of the series as they came: what tells series apart
	next    []byte
	xor     chunkenc.XORChunk
	xor2    chunkenc.XOR2Chunk
	iter    [2]chunkenc.Iterator
}

// stream reads frames: length as a uvarint, CRC-32C, prompb.ChunkedReadResponse.
func (d *decoder) stream(r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	table := crc32.MakeTable(crc32.Castagnoli)
	for {
		size, err := binary.ReadUvarint(in)
		if err == io.EOF {
			return d.flush()
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		if err != nil || size > maxFrame {
			return brokenOff("a frame of %d bytes", size)
		}
		var sum [4]byte
		if _, err := io.ReadFull(in, sum[:]); err != nil {
			return short(err)
		}
		if err := d.fill(in, int(size)); err != nil {
			return err
		}
		if crc32.Checksum(d.frame, table) != binary.BigEndian.Uint32(sum[:]) {
			return brokenOff("a frame with a wrong checksum")
		}
		if err := d.response(d.frame); err != nil {
			return err
		}
	}
}

// brokenOff is what a server's error in the middle of a stream looks like: it
// writes the message as text where a frame should be.
func brokenOff(format string, args ...any) error {
	e := invalid("the stream has "+format+": the server broke off, or something on the way changed it", args...).(*errReply)
	e.kind, e.hint = Unavailable, "look into the server's log"
	return e
}

// short makes the end in the middle of something an error of its own.
func short(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fill reads a frame. Its memory grows as bytes come, not as the length claims.
func (d *decoder) fill(r io.Reader, size int) error {
	d.frame = d.frame[:0]
	for len(d.frame) < size {
		n := min(size-len(d.frame), max(1<<20, len(d.frame)))
		d.frame = slices.Grow(d.frame, n)
		read, err := io.ReadFull(r, d.frame[len(d.frame):len(d.frame)+n])
		d.frame = d.frame[:len(d.frame)+read]
		if err != nil {
			return short(err)
		}
	}
	return nil
}

// response reads a prompb.ChunkedReadResponse.
func (d *decoder) response(msg []byte) error {
	return fields(msg, func(n protowire.Number, v []byte) error {
		if n != 1 {
			return nil
		}
		return d.chunkedSeries(v)
	}, nil)
}

// chunkedSeries reads a prompb.ChunkedSeries. One series may come in several,
// one after the other.
func (d *decoder) chunkedSeries(msg []byte) error {
	d.next = d.next[:0]
	err := fields(msg, func(n protowire.Number, v []byte) error {
		if n == 1 {
			d.next = protowire.AppendBytes(d.next, v)
		}
		return nil
	}, nil)
	if err != nil {
		return err
	}
	if !bytes.Equal(d.next, d.encoded) {
		if err := d.flush(); err != nil {
			return err
		}
		if err := d.begin(); err != nil {
			return err
		}
	}
	return fields(msg, func(n protowire.Number, v []byte) error {
		if n != 2 {
			return nil
		}
		return d.readChunk(v)
	}, nil)
}

// begin starts the series whose labels are in next.
func (d *decoder) begin() error {
	d.encoded, d.next = d.next, d.encoded
	d.series.labels = d.series.labels[:0]
	for rest := d.encoded; len(rest) > 0; {
		one, n := protowire.ConsumeBytes(rest)
		rest = rest[n:]
		l, err := readLabel(one)
		if err != nil {
			return err
		}
		if value, ok := d.external[string(l.name)]; !ok || value != string(l.value) {
			d.series.labels = append(d.series.labels, l)
		}
	}
	d.series.sortLabels()
	return nil
}

// flush hands over the series that was read, if it has samples.
func (d *decoder) flush() error {
	d.series.trim(d.window)
	samples := d.series.Samples
	if len(samples) > 0 {
		if err := d.f(&d.series); err != nil {
			return &passedOn{err}
		}
	}
	d.series.Samples = samples[:0]
	return nil
}

// samples appends the samples of a chunk to those of the series.
func (d *decoder) samples(encoding uint64, data []byte) error {
	if len(data) < 3 { // a count of two bytes, and more: the library trusts in it
		return invalid("a chunk of %d bytes", len(data))
	}
	var it chunkenc.Iterator
	switch encoding {
	case encodingXOR:
		d.xor.Reset(data)
		d.iter[0] = d.xor.Iterator(d.iter[0])
		it = d.iter[0]
	case encodingXOR2:
		d.xor2.Reset(data)
		d.iter[1] = d.xor2.Iterator(d.iter[1])
		it = d.iter[1]
	default:
		return refusedEncoding(&d.series, encoding)
	}
	for it.Next() == chunkenc.ValFloat {
		at, value := it.At()
		d.series.Samples = append(d.series.Samples, Sample{at, value})
	}
	if len(d.series.Samples) > maxSamples {
		return invalid("series %s has more than %d samples", d.series.describe(), maxSamples)
	}
	if err := it.Err(); err != nil {
		return invalid("series %s has a broken chunk: %v", d.series.describe(), err)
	}
	return nil
}

// refusedEncoding tells native histograms, which count nothing that could be
// summed, from encodings that a newer server may have.
func refusedEncoding(s *Series, encoding uint64) error {
	switch encoding {
	case 2, 3, 5, 6:
		return histogram(s)
	}
	return &errReply{
		kind: Unsupported,
		text: "series " + s.describe() + " has chunks of encoding " + encodingName(encoding),
		hint: "read with range selectors",
	}
}

// histogram is the error of a series that is no counter and no gauge.
func histogram(s *Series) error {
	return &errReply{
		kind: Invalid, text: "series " + s.describe() + " is a native histogram",
		hint: "choose a metric of plain samples",
	}
}

// describe returns the labels for messages.
func (s *Series) describe() string {
	sel := make(Selector, 0, len(s.labels))
	for _, l := range s.labels {
		sel = append(sel, Matcher{string(l.name), Equal, string(l.value)})
	}
	return sel.String()
}

package prom

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"google.golang.org/protobuf/encoding/protowire"
)

// piece is a part of a series as it comes in one frame.
type piece struct {
	labels []string
	chunks [][]Sample
	// encoding and data stand for a chunk that is not made of samples.
	encoding uint64
	data     []byte
}

func (p piece) encode(t testing.TB) []byte {
	t.Helper()
	var series []byte
	for i := 0; i < len(p.labels); i += 2 {
		l := appendText(appendText(nil, 1, p.labels[i]), 2, p.labels[i+1])
		series = appendText(series, 1, string(l))
	}
	chunk := func(encoding uint64, data []byte) {
		c := appendInt(appendInt(nil, 1, 1), 2, 2)
		c = appendText(appendInt(c, 3, int64(encoding)), 4, string(data))
		series = appendText(series, 2, string(c))
	}
	for i, samples := range p.chunks {
		if i%2 == 0 {
			chunk(encodingXOR, encodeChunk(t, chunkenc.NewXORChunk(), samples))
		} else {
			chunk(encodingXOR2, encodeChunk(t, chunkenc.NewXOR2Chunk(), samples))
		}
	}
	if p.data != nil {
		chunk(p.encoding, p.data)
	}
	return appendInt(appendText(nil, 1, string(series)), 2, 0)
}

func encodeChunk(t testing.TB, c chunkenc.Chunk, samples []Sample) []byte {
	t.Helper()
	app, err := c.Appender()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		app.Append(0, s.At, s.Value)
	}
	return c.Bytes()
}

func frame(msg []byte) []byte {
	out := binary.AppendUvarint(nil, uint64(len(msg)))
	out = binary.BigEndian.AppendUint32(out, crc32.Checksum(msg, crc32.MakeTable(crc32.Castagnoli)))
	return append(out, msg...)
}

// decoded is a copy of a series.
type decoded struct {
	Labels  string
	Samples []Sample
}

func decodeStream(body []byte, external map[string]string) (out []decoded, err error) {
	d := decoder{window: Window{0, 1000}, external: external, f: func(s *Series) error {
		out = append(out, decoded{s.describe(), append([]Sample(nil), s.Samples...)})
		return nil
	}}
	return out, d.stream(bytes.NewReader(body))
}

func TestStream(t *testing.T) {
	t.Parallel()
	stale := math.Float64frombits(staleNaN)
	a := []string{"__name__", "m", "a", "1"}
	for name, c := range map[string]struct {
		pieces   []piece
		external map[string]string
		want     []decoded
	}{
		"one series in three frames": {
			pieces: []piece{
				{labels: a, chunks: [][]Sample{{{10, 1}, {20, 1.5}}}},
				{labels: a, chunks: [][]Sample{{{30, 2}}, {{40, 3}, {50, 3}}}},
				{labels: a, chunks: [][]Sample{{{60, 4}}}},
				{labels: []string{"__name__", "m", "a", "2"}, chunks: [][]Sample{{{10, 7}}}},
			},
			want: []decoded{
				{`{__name__="m",a="1"}`, []Sample{{10, 1}, {20, 1.5}, {30, 2}, {40, 3}, {50, 3}, {60, 4}}},
				{`{__name__="m",a="2"}`, []Sample{{10, 7}}},
			},
		},
		"chunks of two blocks that overlap": {
			pieces: []piece{{labels: a, chunks: [][]Sample{{{10, 1}, {30, 3}}, {{20, 2}, {30, 4}, {40, 5}}}}},
			want:   []decoded{{`{__name__="m",a="1"}`, []Sample{{10, 1}, {20, 2}, {30, 4}, {40, 5}}}},
		},
		"outside of the window, stale": {
			pieces: []piece{
				{labels: a, chunks: [][]Sample{{{-5, 1}, {0, 2}, {7, stale}, {1000, 3}, {1001, 4}}}},
				{labels: []string{"a", "2"}, chunks: [][]Sample{{{1001, 4}}}},
			},
			want: []decoded{{`{__name__="m",a="1"}`, []Sample{{0, 2}, {1000, 3}}}},
		},
		"labels unsorted, empty, external": {
			pieces:   []piece{{labels: []string{"z", "1", "cluster", "x", "b", "", "a", "2", "region", "eu"}, chunks: [][]Sample{{{1, 1}}}}},
			external: map[string]string{"cluster": "x", "region": "us"},
			want:     []decoded{{`{a="2",region="eu",z="1"}`, []Sample{{1, 1}}}},
		},
		"nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var body []byte
			for _, p := range c.pieces {
				body = append(body, frame(p.encode(t))...)
			}
			got, err := decodeStream(body, c.external)
			if d := cmp.Diff(c.want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, d)
			}
		})
	}
}

func TestStreamThatIsBroken(t *testing.T) {
	t.Parallel()
	good := frame(piece{labels: []string{"a", "1"}, chunks: [][]Sample{{{10, 1}, {20, 1.5}, {30, 99}}}}.encode(t))
	chunk := encodeChunk(t, chunkenc.NewXORChunk(), []Sample{{10, 1}, {20, 1.5}, {30, 99}})
	odd := func(encoding uint64, data []byte) []byte {
		return frame(piece{labels: []string{"a", "1"}, encoding: encoding, data: data}.encode(t))
	}
	changed := bytes.Clone(good)
	changed[len(changed)-1] ^= 1
	for name, c := range map[string]struct {
		body []byte
		kind Kind
		text string
	}{
		"cut in a frame":           {good[:len(good)-3], Unavailable, "unexpected EOF"},
		"cut in a length":          {append(bytes.Clone(good), 0x80), Unavailable, "unexpected EOF"},
		"cut in a checksum":        {append(bytes.Clone(good), 5, 1, 2), Unavailable, "unexpected EOF"},
		"an error message instead": {append(bytes.Clone(good), "expanding series: block is gone, and so on and so forth, for a hundred bytes and more, until it is long enough\n"...), Unavailable, "broke off"},
		"a changed byte":           {changed, Unavailable, "wrong checksum"},
		"a huge frame":             {binary.AppendUvarint(nil, 1<<40), Unavailable, "frame of 1099511627776 bytes"},
		"a length of 11 bytes":     {bytes.Repeat([]byte{0xff}, 20), Unavailable, "broke off"},
		"no protobuf":              {frame([]byte{0x0a, 0xff}), Invalid, "protobuf"},
		"a histogram":              {odd(2, chunk), Invalid, `series {a="1"} is a native histogram`},
		"a float histogram":        {odd(6, chunk), Invalid, "native histogram"},
		"an encoding of tomorrow":  {odd(77, chunk), Unsupported, "encoding number 77"},
		"a chunk cut off":          {odd(encodingXOR, chunk[:len(chunk)-3]), Invalid, "broken chunk"},
		"a chunk of two bytes":     {odd(encodingXOR, chunk[:2]), Invalid, "chunk of 2 bytes"},
		"an XOR2 chunk of 3 bytes": {odd(encodingXOR2, []byte{0, 9, 0}), Invalid, "broken chunk"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decodeStream(c.body, nil)
			var reply *errReply
			kind := Unavailable
			if errors.As(err, &reply) {
				kind = reply.kind
			} else if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("error %T %v", err, err)
			}
			if kind != c.kind || !strings.Contains(err.Error(), c.text) {
				t.Errorf("kind %d, %v; want kind %d, %q", kind, err, c.kind, c.text)
			}
		})
	}
}

func TestReadRequest(t *testing.T) {
	t.Parallel()
	got := appendReadRequest(nil, Selector{{"__name__", Equal, "m"}, {"a", NotMatch, "x\n"}}, Window{-1, 2000})
	// The same, as the fields' numbers and values.
	want := []byte("\x0a\x27" + "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + "\x10\xd0\x0f" +
		"\x1a\x0f" + "\x08\x00" + "\x12\x08__name__" + "\x1a\x01m" +
		"\x1a\x09" + "\x08\x03" + "\x12\x01a" + "\x1a\x02x\n" +
		"\x10\x01")
	want[1] = byte(len(want) - 4)
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func FuzzStream(f *testing.F) {
	good := piece{labels: []string{"a", "1"}, chunks: [][]Sample{{{10, 1}, {20, 1.5}, {30, 99}}, {{40, math.NaN()}, {50, 7}}}}.encode(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{0x0a, 0x02, 0x12, 0x00})
	f.Fuzz(func(t *testing.T, msg []byte) {
		series, err := decodeStream(frame(msg), map[string]string{"a": "2"})
		for _, s := range series {
			for i, x := range s.Samples {
				if x.At < 0 || x.At > 1000 || (i > 0 && s.Samples[i-1].At >= x.At) {
					t.Fatalf("samples %v, %v", s.Samples, err)
				}
			}
		}
		if _, err := decodeStream(msg, nil); err != nil && strings.Contains(err.Error(), "panic") {
			t.Fatal(err)
		}
	})
}

func BenchmarkStream(b *testing.B) {
	samples := make([]Sample, 0, 122)
	for i := range 122 {
		samples = append(samples, Sample{int64(i) * 8, 12345.67 + 0.01*float64(i*i%1493)})
	}
	var body []byte
	for i := range 1000 {
		labels := []string{
			"__name__", "node_cpu_seconds_total", "cloud_project_name", "IDAaaS", "cpu", "7",
			"instance", string(protowire.AppendVarint([]byte("host-"), uint64(i))), "machine_name", "Muon", "mode", "idle",
		}
		body = append(body, frame(piece{labels: labels, chunks: [][]Sample{samples[:8], samples[8:]}}.encode(b))...)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	n := 0
	for b.Loop() {
		n = 0
		d := decoder{window: Window{0, 1000}, f: func(s *Series) error { n += len(s.Samples); return nil }}
		if err := d.stream(bytes.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/sample")
}

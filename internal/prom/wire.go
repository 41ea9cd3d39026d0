package prom

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of prometheus/prompb (remote.proto, types.proto) are read and
// written by hand on top of protowire: two small ones out, four small ones in.
// Their generated code copies every label and chunk, 214 MB for a slot of 65,000
// series.

// chunk encodings of prompb.Chunk.
const (
	encodingXOR  = 1
	encodingXOR2 = 4
)

// appendReadRequest appends a prompb.ReadRequest of one query that accepts
// streamed chunks alone.
func appendReadRequest(b []byte, sel Selector, w Window) []byte {
	var query []byte
	query = appendInt(query, 1, w.From)
	query = appendInt(query, 2, w.To)
	for _, m := range sel {
		matcher := appendInt(nil, 1, int64(m.Op))
		matcher = appendText(matcher, 2, m.Label)
		matcher = appendText(matcher, 3, m.Value)
		query = appendText(query, 3, string(matcher))
	}
	b = appendText(b, 1, string(query))
	const streamedXORChunks = 1
	return appendInt(b, 2, streamedXORChunks)
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func appendText(b []byte, field protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// fields calls bytes for each length-delimited field of a message and ints for
// each varint, in order; either may be nil. Other fields are skipped, as protobuf
// wants of readers.
func fields(msg []byte, bytes func(n protowire.Number, v []byte) error, ints func(n protowire.Number, v uint64)) error {
	for len(msg) > 0 {
		number, kind, n := protowire.ConsumeTag(msg)
		if n < 0 {
			return invalid("protobuf: %v", protowire.ParseError(n))
		}
		msg = msg[n:]
		switch {
		case kind == protowire.BytesType && bytes != nil:
			var v []byte
			if v, n = protowire.ConsumeBytes(msg); n >= 0 {
				if err := bytes(number, v); err != nil {
					return err
				}
			}
		case kind == protowire.VarintType && ints != nil:
			var v uint64
			if v, n = protowire.ConsumeVarint(msg); n >= 0 {
				ints(number, v)
			}
		default:
			n = protowire.ConsumeFieldValue(number, kind, msg)
		}
		if n < 0 {
			return invalid("protobuf: %v", protowire.ParseError(n))
		}
		msg = msg[n:]
	}
	return nil
}

// readLabel reads a prompb.Label.
func readLabel(msg []byte) (l label, err error) {
	err = fields(msg, func(n protowire.Number, v []byte) error {
		switch n {
		case 1:
			l.name = v
		case 2:
			l.value = v
		}
		return nil
	}, nil)
	return l, err
}

// readChunk reads a prompb.Chunk into samples, appending.
func (d *decoder) readChunk(msg []byte) error {
	var encoding uint64
	var data []byte
	err := fields(msg, func(n protowire.Number, v []byte) error {
		if n == 4 {
			data = v
		}
		return nil
	}, func(n protowire.Number, v uint64) {
		if n == 3 {
			encoding = v
		}
	})
	if err != nil {
		return err
	}
	return d.samples(encoding, data)
}

// encodingName returns the name of a chunk encoding in prompb.
func encodingName(encoding uint64) string {
	names := []string{"UNKNOWN", "XOR", "HISTOGRAM", "FLOAT_HISTOGRAM", "XOR2", "HISTOGRAM_ST", "FLOAT_HISTOGRAM_ST"}
	if encoding < uint64(len(names)) {
		return names[encoding]
	}
	return fmt.Sprintf("number %d", encoding)
}

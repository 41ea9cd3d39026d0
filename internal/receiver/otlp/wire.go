package otlp

import (
	"encoding/binary"
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// errWire says that bytes are not the wire format of protobuf.
var errWire = errors.New("not protobuf")

// message is what is left of a message on the wire. Its methods consume one
// field after the other; the first that is malformed sets bad, and the message
// ends there.
type message struct {
	data []byte
	bad  bool
}

// field is the number and the wire type of a field, as the wire has them
// together.
type field uint64

// next returns the tag of the next field, which stands before its value.
func (m *message) next() (field, bool) {
	if len(m.data) == 0 || m.bad {
		return 0, false
	}
	if b := m.data[0]; b < 0x80 && b >= 1<<3 { // numbers 1 to 15
		m.data = m.data[1:]
		return field(b), true
	}
	number, kind, n := protowire.ConsumeTag(m.data)
	if n < 0 {
		m.bad = true
		return 0, false
	}
	m.data = m.data[n:]
	return field(uint64(number)<<3 | uint64(kind)), true
}

// bytes consumes a value with a length before it. It aliases the message.
func (m *message) bytes() []byte {
	length, n := uint64(0), 0
	switch {
	case len(m.data) > 0 && m.data[0] < 0x80:
		length, n = uint64(m.data[0]), 1
	case len(m.data) > 1 && m.data[1] < 0x80:
		length, n = uint64(m.data[0]&0x7F)|uint64(m.data[1])<<7, 2
	default:
		length, n = protowire.ConsumeVarint(m.data)
	}
	if n <= 0 || length > uint64(len(m.data)-n) {
		m.bad = true
		return nil
	}
	end := n + int(length)
	value := m.data[n:end:end]
	m.data = m.data[end:]
	return value
}

func (m *message) varint() uint64 {
	if len(m.data) > 0 && m.data[0] < 0x80 {
		value := uint64(m.data[0])
		m.data = m.data[1:]
		return value
	}
	value, n := protowire.ConsumeVarint(m.data)
	if n < 0 {
		m.bad = true
		return 0
	}
	m.data = m.data[n:]
	return value
}

func (m *message) fixed64() uint64 {
	if len(m.data) < 8 {
		m.bad = true
		return 0
	}
	value := binary.LittleEndian.Uint64(m.data)
	m.data = m.data[8:]
	return value
}

func (m *message) fixed32() uint32 {
	if len(m.data) < 4 {
		m.bad = true
		return 0
	}
	value := binary.LittleEndian.Uint32(m.data)
	m.data = m.data[4:]
	return value
}

// skip consumes the value of a field that does not matter.
func (m *message) skip(f field) {
	if protowire.Type(f&7) == protowire.BytesType {
		m.bytes()
		return
	}
	n := protowire.ConsumeFieldValue(protowire.Number(f>>3), protowire.Type(f&7), m.data)
	if n < 0 {
		m.bad = true
		return
	}
	m.data = m.data[n:]
}

// err tells whether the message was malformed.
func (m *message) err() error {
	if m.bad {
		return errWire
	}
	return nil
}

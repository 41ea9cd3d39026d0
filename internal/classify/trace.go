package classify

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"github.com/dendro-carbon/dendro/internal/window"
)

// Trace returns the id of a trace that is named by a text: of 32 hexadecimal
// digits the 16 bytes, so that a trace is the same however it was reported; of
// any other text a hash. The empty text names none.
func Trace(text []byte) window.TraceID {
	var id window.TraceID
	if len(text) == 0 {
		return id
	}
	if len(text) == 2*len(id) {
		if _, err := hex.Decode(id[:], text); err == nil {
			return id
		}
	}
	low, high := hash(text, 0x9E3779B97F4A7C15), hash(text, 0xC2B2AE3D27D4EB4F)
	binary.LittleEndian.PutUint64(id[:8], low)
	binary.LittleEndian.PutUint64(id[8:], high|1) // never the id of no trace
	return id
}

// hash mixes a text into 64 bits, the same on every machine and in every run.
// It is no defence against texts made to collide: who can send those can send
// any count of traces.
func hash(text []byte, seed uint64) uint64 {
	const prime = 0xA0761D6478BD642F
	sum := seed ^ uint64(len(text))*prime
	for len(text) >= 8 {
		sum = mix(sum^binary.LittleEndian.Uint64(text), prime)
		text = text[8:]
	}
	var tail [8]byte
	copy(tail[:], text)
	return mix(mix(sum^binary.LittleEndian.Uint64(tail[:]), prime), seed)
}

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

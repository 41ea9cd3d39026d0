package relational

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
)

// TestColumns reads back what was written and looks at how many bytes it took:
// the usual columns of a slot are lines, or the same as another.
func TestColumns(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	noise := make([]int64, 1000)
	for i := range noise {
		noise[i] = r.Int64N(1 << 34)
	}
	tests := []struct {
		name    string
		columns [][]int64
		most    int // bytes, without format and checksum
	}{
		{"empty", [][]int64{nil, {}}, 6},
		{"one", [][]int64{{math.MinInt64}, {math.MaxInt64}, {0}}, 29},
		{"zero", [][]int64{make([]int64, 1000)}, 3},
		{"numbers", [][]int64{ascending(1000, 7, 3)}, 3},
		{"descending", [][]int64{ascending(1000, 0, -1)}, 3},
		{"same", [][]int64{noise, noise}, 5*1000 + 7},
		{"wide", [][]int64{{math.MinInt64, math.MaxInt64, 5}}, 11 + 3*8},
		{"narrow", [][]int64{{1 << 60, 1<<60 + 255, 1<<60 + 1}}, 10 + 3},
		{"negative", [][]int64{{-1, 1, -300}}, 3 + 3*2},
		{"wrapping line", [][]int64{{math.MaxInt64, math.MinInt64, math.MinInt64 + 1}}, 12},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := seal(appendColumns([]byte{blobFormat}, tt.columns), place{})
			if got := len(b) - 1 - checksumSize; got > tt.most {
				t.Errorf("%d bytes, want at most %d", got, tt.most)
			}
			readBack(t, b, tt.columns)
		})
	}
}

func ascending(n int, first, step int64) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = first + int64(i)*step
	}
	return out
}

func readBack(t *testing.T, blob []byte, want [][]int64) {
	t.Helper()
	var r columnReader
	for range 2 { // the second time with used memory
		if err := r.open(blob, place{}); err != nil {
			t.Fatal(err)
		}
		got, err := r.read(len(want), len(want[0]))
		if err = errors.Join(err, r.end()); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, slices.Equal[[]int64]) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// FuzzColumns cuts bytes into columns of integers and reads them back.
func FuzzColumns(f *testing.F) {
	f.Add([]byte("\x03\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x80"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, count uint8) {
		n := len(data) / 8 / (1 + int(count%5))
		var columns [][]int64
		for range 1 + count%5 {
			column := make([]int64, n)
			for i := range column {
				column[i] = int64(binary.LittleEndian.Uint64(data))
				data = data[8:]
			}
			columns = append(columns, column)
		}
		readBack(t, seal(appendColumns([]byte{blobFormat}, columns), place{}), columns)
	})
}

// FuzzBlob reads any bytes as each kind of blob: they are refused, or are what
// encoding them again says the same of.
func FuzzBlob(f *testing.F) {
	var e encoder
	p := place{}
	facts := []account.Fact{{To: 9, Busy: 5}, {Subject: 1, To: 9, Busy: 7}}
	entries := make([]account.Entry, 3)
	entries[1].Energy = 77
	var c chunk
	if err := c.add(5, account.Quantities{Energy: 4}); err != nil {
		f.Fatal(err)
	}
	for _, blob := range [][]byte{
		e.batch(p, facts, []int64{3, 9}, []int64{0}), e.entries(p, entries, []int64{1, 2, 3}, []int64{0, 0, 1}), e.chunk(p, &c),
	} {
		f.Add(blob[1 : len(blob)-checksumSize])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if n, _ := binary.Uvarint(body); n > 1<<12 {
			return // lines make much of few bytes, which is meant
		}
		blob := seal(append([]byte{blobFormat}, body...), p)
		var r columnReader
		if b, err := r.batch(p, blob); err == nil {
			again, err := r.batch(p, e.batch(p, b.facts, b.subjects, b.origins))
			if err != nil || !slices.Equal(again.facts, b.facts) || !slices.Equal(again.subjects, b.subjects) {
				t.Errorf("batch %+v became %+v, %v", b, again, err)
			}
		} else if !errors.Is(err, ErrBlob) {
			t.Error(err)
		}
		if _, err := r.entries(p, blob); err != nil && !errors.Is(err, ErrBlob) {
			t.Error(err)
		}
		if stored, err := r.chunk(p, blob); err == nil {
			var spread chunk
			stored.spread(&spread)
			if _, err := r.chunk(p, e.chunk(p, &spread)); err != nil {
				t.Error(err)
			}
		} else if !errors.Is(err, ErrBlob) {
			t.Error(err)
		}
	})
}

// TestSeal finds every changed bit, and a blob in the place of another.
func TestSeal(t *testing.T) {
	t.Parallel()
	var e encoder
	var r columnReader
	p := factsPlace(100, 1)
	blob := e.batch(p, []account.Fact{{To: 9, Busy: 5}}, []int64{3}, []int64{0})
	if _, err := r.batch(p, blob); err != nil {
		t.Fatal(err)
	}
	for i := range blob {
		for bit := range 8 {
			broken := slices.Clone(blob)
			broken[i] ^= 1 << bit
			if _, err := r.batch(p, broken); !errors.Is(err, ErrBlob) {
				t.Errorf("bit %d of byte %d: %v", bit, i, err)
			}
		}
		if _, err := r.batch(p, blob[:i]); !errors.Is(err, ErrBlob) {
			t.Errorf("%d bytes: %v", i, err)
		}
	}
	for _, other := range []place{factsPlace(100, 2), factsPlace(101, 1), entriesPlace(100, 1), sumsPlace(account.StepHour, 100, 1)} {
		if _, err := r.batch(other, blob); !errors.Is(err, ErrBlob) {
			t.Errorf("at %v: %v", other, err)
		}
	}
}

func TestRowChecksum(t *testing.T) {
	t.Parallel()
	sum := rowChecksum(int64(1), "ab", "c", nil)
	for _, other := range [][]any{{int64(2), "ab", "c", nil}, {int64(1), "a", "bc", nil}, {int64(1), "ab", "c", int64(0)}, {"1", "ab", "c", nil}} {
		if rowChecksum(other...) == sum {
			t.Errorf("%q has the checksum of another row", other)
		}
	}
}

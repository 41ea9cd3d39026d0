package relational

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
)

// A blob is columns of integers of one length:
//
//	format (1 byte) | header (varints) | columns | checksum (4 bytes)
//
// The checksum is the CRC-32C of the blob's place and of all before it, so that a
// blob that turns up in another row is found out too.
//
// and a column is a tag and what the tag asks for:
//
//	tagLine          first and step as varints: first, first+step, first+2·step…
//	tagSame + k      nothing: equal to column k of the same blob
//	tagPacked + w    the smallest value as a varint, then each value less the
//	                 smallest in w bytes, little-endian
//
// Most columns of a slot are lines (all zero, all the slot's length, 0 1 2 3…)
// or the same as another, and the rest needs as many bytes as the largest
// difference. Nothing is compressed beyond that: the times of processors are
// noise, and a reader of a year is bounded by decoding.
const (
	blobFormat = 1

	tagPacked = 0x00 // + width 1 to 8
	tagLine   = 0x10
	tagSame   = 0x20 // + index of the column

	checksumSize = 4
	// maxRows bounds what a header may make a reader allocate.
	maxRows = 1 << 22
)

// ErrBlob reports a blob that cannot be what was written.
var ErrBlob = errors.New("stored columns are damaged")

// castagnoli is the table of the checksum that processors have an instruction
// for.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// place says which blob it is: its table, or for sums its step, and the rest of
// its key.
type place [3]int64

func factsPlace(from, revision int64) place   { return place{1, from, revision} }
func entriesPlace(from, revision int64) place { return place{2, from, revision} }

func sumsPlace(step account.Step, from, number int64) place {
	return place{3 + int64(slices.Index(account.RollupSteps(), step)), from, number}
}

func (p place) checksum(b []byte) uint32 {
	var key []byte
	for _, v := range p {
		key = binary.LittleEndian.AppendUint64(key, uint64(v))
	}
	return crc32.Update(crc32.Checksum(key, castagnoli()), castagnoli(), b)
}

// seal ends a blob with its checksum.
func seal(b []byte, p place) []byte {
	return binary.LittleEndian.AppendUint32(b, p.checksum(b))
}

// unseal checks a blob and returns what is between its format and its checksum.
func unseal(b []byte, p place) ([]byte, error) {
	if len(b) < 1+checksumSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrBlob, len(b))
	}
	body := b[:len(b)-checksumSize]
	if got, want := p.checksum(body), binary.LittleEndian.Uint32(b[len(body):]); got != want {
		return nil, fmt.Errorf("%w: checksum is %08x, not %08x", ErrBlob, got, want)
	}
	if body[0] != blobFormat {
		return nil, fmt.Errorf("%w: format %d", ErrBlob, body[0])
	}
	return body[1:], nil
}

// rowChecksum is the CRC-32C of a row's values, which are integers, texts and
// NULL.
func rowChecksum(values ...any) int64 {
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			b = binary.LittleEndian.AppendUint64(append(b, 'i'), uint64(v))
		case string:
			b = append(binary.AppendUvarint(append(b, 't'), uint64(len(v))), v...)
		default:
			b = append(b, '0')
		}
	}
	return int64(crc32.Checksum(b, castagnoli()))
}

// checkRow returns an error unless a row has the checksum of its values.
func checkRow(table string, crc int64, values ...any) error {
	if got := rowChecksum(values...); got != crc {
		return fmt.Errorf("%w: row of %s: checksum is %08x, not %08x", ErrBlob, table, got, crc)
	}
	return nil
}

// appendColumns appends columns of one length.
func appendColumns(b []byte, columns [][]int64) []byte {
	for i, values := range columns {
		b = appendColumn(b, values, columns[:i])
	}
	return b
}

func appendColumn(b []byte, values []int64, earlier [][]int64) []byte {
	if first, step, ok := line(values); ok {
		return binary.AppendVarint(binary.AppendVarint(append(b, tagLine), first), step)
	}
	for k, other := range earlier {
		if equal(values, other) {
			return append(b, tagSame+byte(k))
		}
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	// The difference of two int64 fits a uint64, whatever their signs.
	width := (bits.Len64(uint64(high)-uint64(low)) + 7) / 8
	b = binary.AppendVarint(append(b, tagPacked+byte(width)), low)
	var word [8]byte
	for _, v := range values {
		binary.LittleEndian.PutUint64(word[:], uint64(v)-uint64(low))
		b = append(b, word[:width]...)
	}
	return b
}

// line reports whether values are first, first+step, first+2·step…
func line(values []int64) (first, step int64, ok bool) {
	if len(values) == 0 {
		return 0, 0, true
	}
	first = values[0]
	if len(values) > 1 {
		step = values[1] - first
	}
	want := first
	for _, v := range values {
		if v != want {
			return 0, 0, false
		}
		want += step
	}
	return first, step, true
}

// equal compares from the end as well, because sorted columns begin alike.
func equal(a, b []int64) bool {
	if a[len(a)-1] != b[len(b)-1] {
		return false
	}
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}

// columnReader reads the header and the columns of a blob. Its memory is used
// again by the next blob.
type columnReader struct {
	rest    []byte
	columns [][]int64
	spare   [][]int64
}

// open begins with a blob.
func (r *columnReader) open(blob []byte, p place) error {
	r.spare = append(r.spare, r.columns...)
	r.columns = r.columns[:0]
	var err error
	r.rest, err = unseal(blob, p)
	return err
}

// count reads how many of something there are.
func (r *columnReader) count() (int, error) {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > maxRows {
		return 0, fmt.Errorf("%w: count", ErrBlob)
	}
	r.rest = r.rest[size:]
	return int(n), nil
}

// word reads 8 bytes.
func (r *columnReader) word() (uint64, error) {
	if len(r.rest) < 8 {
		return 0, fmt.Errorf("%w: short", ErrBlob)
	}
	w := binary.LittleEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return w, nil
}

// read reads the next columns, each of n values. They are valid until the next
// open.
func (r *columnReader) read(columns, n int) ([][]int64, error) {
	begin := len(r.columns)
	for i := range columns {
		dst := r.memory(n)
		if err := r.column(dst, r.columns[begin:]); err != nil {
			return nil, fmt.Errorf("column %d: %w", i, err)
		}
		r.columns = append(r.columns, dst)
	}
	return r.columns[begin:], nil
}

// end holds that nothing is left.
func (r *columnReader) end() error {
	if len(r.rest) != 0 {
		return fmt.Errorf("%w: %d bytes too many", ErrBlob, len(r.rest))
	}
	return nil
}

func (r *columnReader) memory(n int) []int64 {
	var m []int64
	if last := len(r.spare) - 1; last >= 0 {
		m, r.spare = r.spare[last], r.spare[:last]
	}
	if cap(m) < n {
		m = make([]int64, n)
	}
	return m[:n]
}

func (r *columnReader) column(dst []int64, earlier [][]int64) error {
	if len(r.rest) == 0 {
		return fmt.Errorf("%w: no tag", ErrBlob)
	}
	tag := r.rest[0]
	r.rest = r.rest[1:]
	switch {
	case tag == tagLine:
		first, err := r.varint()
		if err != nil {
			return err
		}
		step, err := r.varint()
		for i := range dst {
			dst[i] = first
			first += step
		}
		return err
	case tag >= tagSame && int(tag-tagSame) < len(earlier):
		copy(dst, earlier[tag-tagSame])
		return nil
	case tag > tagPacked && tag <= tagPacked+8:
		return r.packed(dst, int(tag-tagPacked))
	}
	return fmt.Errorf("%w: tag %#x", ErrBlob, tag)
}

func (r *columnReader) varint() (int64, error) {
	v, size := binary.Varint(r.rest)
	if size <= 0 {
		return 0, fmt.Errorf("%w: varint", ErrBlob)
	}
	r.rest = r.rest[size:]
	return v, nil
}

// packed reads values of a width. It loads eight bytes at a time and masks off
// what is not of the value, which is a third of the time of a loop over bytes.
func (r *columnReader) packed(dst []int64, width int) error {
	low, err := r.varint()
	if err != nil {
		return err
	}
	size := len(dst) * width
	if len(r.rest) < size {
		return fmt.Errorf("%w: short", ErrBlob)
	}
	src, mask := r.rest, ^uint64(0)>>(64-8*width)
	i := 0
	for ; i < len(dst) && len(src) >= 8; i++ {
		dst[i] = low + int64(binary.LittleEndian.Uint64(src)&mask)
		src = src[width:]
	}
	for ; i < len(dst); i++ { // the last few bytes of a blob
		var word [8]byte
		copy(word[:], src[:width])
		dst[i] = low + int64(binary.LittleEndian.Uint64(word[:]))
		src = src[width:]
	}
	r.rest = r.rest[size:]
	return nil
}

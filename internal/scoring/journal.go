package scoring

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// The kinds of records, which are their first bytes.
const (
	recordHeader byte = iota + 1
	recordBatch
	recordClose
)

// A journal is one file for each window, journal-NUMBER.spans, of records:
//
//	length (4 bytes, little endian), CRC-32C of the rest (4 bytes), record
const (
	journalPrefix = "journal-"
	journalSuffix = ".spans"
	frameBytes    = 8
	// maxRecord bounds what a damaged length can have allocated.
	maxRecord = 256 << 20
)

// journal is the file of one window. It is for one goroutine at a time.
type journal struct {
	path   string
	number uint64
	file   *os.File
	size   int64 // of whole records; what lies behind is to be cut off
	dirty  bool  // something was written and not synced
	torn   bool  // something lies behind size
	frame  []byte
}

// createJournal begins the file of a window that begins at an instant.
func createJournal(dir string, number uint64, from int64) (*journal, error) {
	path := filepath.Join(dir, fmt.Sprintf("%s%012d%s", journalPrefix, number, journalSuffix))
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	j := &journal{path: path, number: number, file: file}
	err = j.write(binary.AppendVarint([]byte{recordHeader}, from))
	if err == nil {
		err = errors.Join(j.sync(), flushDir(dir))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(path))
	}
	return j, nil
}

func flushDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// castagnoli is the polynomial that processors compute.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// appendFrame appends a record with its frame.
func appendFrame(dst, record []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(record)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(record, castagnoli()))
	return append(dst, record...)
}

// write appends records, all or none of them.
func (j *journal) write(records ...[]byte) error {
	if j.torn {
		if err := j.file.Truncate(j.size); err != nil {
			return fmt.Errorf("cut off what a failed write left: %w", err)
		}
		j.torn = false
	}
	j.frame = j.frame[:0]
	for _, r := range records {
		j.frame = appendFrame(j.frame, r)
	}
	if _, err := j.file.WriteAt(j.frame, j.size); err != nil {
		j.torn = true
		return err
	}
	j.size += int64(len(j.frame))
	j.dirty = true
	return nil
}

// sync waits until what was written is on the disk.
func (j *journal) sync() error {
	if !j.dirty {
		return nil
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.dirty = false
	return nil
}

// undo takes back what was written since the size was another.
func (j *journal) undo(size int64) { j.size, j.torn = size, true }

// remove deletes the file: its window is in the archive.
func (j *journal) remove() error { return errors.Join(j.file.Close(), os.Remove(j.path)) }

// closing is what a journal notes before its window is archived: where it will be, and
// what cannot be asked for again. Meters give their energy once.
type closing struct {
	at       account.Mark
	to       int64
	refused  uint64
	readings []window.Reading
}

func (c closing) record() ([]byte, error) {
	dst := binary.AppendUvarint([]byte{recordClose}, c.at.File)
	dst = binary.AppendUvarint(dst, c.at.Seq)
	dst = binary.AppendVarint(dst, c.to)
	dst = binary.AppendUvarint(dst, c.refused)
	readings, err := json.Marshal(c.readings)
	return append(dst, readings...), err
}

// journals returns the files of a folder in order of their numbers.
func journals(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []uint64
	for _, e := range entries {
		name, begins := strings.CutPrefix(e.Name(), journalPrefix)
		name, ends := strings.CutSuffix(name, journalSuffix)
		if !begins || !ends {
			continue
		}
		if n, err := strconv.ParseUint(name, 10, 64); err == nil && e.Type().IsRegular() {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// replayed is what a journal says.
type replayed struct {
	*journal
	from   int64 // 0 if the file has no header
	last   int64 // when its last batch came
	closed *closing
	lost   int64 // bytes behind the last whole record
}

// replay reads a journal and calls take with the begin of its window and each batch. What lies behind the last
// whole record was never acknowledged, unless the disk lost it, and is cut off.
func replay(dir string, number uint64, take func(from int64, b *decoded)) (r replayed, err error) {
	path := filepath.Join(dir, fmt.Sprintf("%s%012d%s", journalPrefix, number, journalSuffix))
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return r, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	r.journal = &journal{path: path, number: number, file: file}
	info, err := file.Stat()
	if err != nil {
		return r, err
	}
	in := bufio.NewReaderSize(file, 1<<20)
	var batch decoded
	var record []byte
	for {
		var ok bool
		if record, ok, err = readFrame(in, record, info.Size()-r.size); err != nil {
			return r, err
		}
		if !ok || !r.note(record, &batch) {
			break
		}
		if record[0] == recordBatch {
			take(r.from, &batch)
		}
		r.size += frameBytes + int64(len(record))
	}
	r.lost = info.Size() - r.size
	r.torn = r.lost > 0
	return r, nil
}

// readFrame reads a record. ok is false where no whole one is left.
func readFrame(in io.Reader, record []byte, left int64) (_ []byte, ok bool, err error) {
	var head [frameBytes]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return record, false, nil
		}
		return record, false, err
	}
	n := int64(binary.LittleEndian.Uint32(head[:]))
	if n == 0 || n > maxRecord || n > left-frameBytes {
		return record, false, nil
	}
	record = slices.Grow(record[:0], int(n))[:n]
	if _, err := io.ReadFull(in, record); err != nil {
		return record, false, err
	}
	return record, crc32.Checksum(record, castagnoli()) == binary.LittleEndian.Uint32(head[4:]), nil
}

// note takes what a record says; false if it is none.
func (r *replayed) note(record []byte, batch *decoded) bool {
	c := &cursor{rest: record[1:]}
	switch record[0] {
	case recordHeader:
		r.from = c.int()
		r.last = r.from
	case recordBatch:
		if decodeBatch(record, batch) != nil {
			return false
		}
		r.last = max(r.last, batch.received)
	case recordClose:
		r.closed = &closing{at: account.Mark{File: c.uint(), Seq: c.uint()}, to: c.int(), refused: c.uint()}
		c.wrong = c.wrong || json.Unmarshal(c.rest, &r.closed.readings) != nil
	default:
		return false
	}
	return !c.wrong
}

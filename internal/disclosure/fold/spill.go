package fold

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// spill is a file of windows for which there is no room in memory. It has no name for longer than
// it takes to make it, where the system allows that.
type spill struct {
	dir    string
	once   sync.Once
	file   *os.File
	end    atomic.Int64
	failed atomic.Bool
}

// piece is a part of the file.
type piece struct {
	at    int64
	slots int
}

// slotBytes is how many bytes a window takes in the file.
const slotBytes = 12

// write moves the windows of a shard to the file. Without a place for one, they stay in memory,
// and it reports false.
func (s *spill) write(from *shard) bool {
	s.once.Do(s.open)
	if s.failed.Load() {
		return false
	}
	text := make([]byte, 0, from.used*slotBytes)
	for _, w := range from.slots {
		if w.owner != 0 {
			text = binary.LittleEndian.AppendUint32(text, w.low)
			text = binary.LittleEndian.AppendUint32(text, w.high)
			text = binary.LittleEndian.AppendUint32(text, w.owner)
		}
	}
	at := s.end.Add(int64(len(text))) - int64(len(text))
	if _, err := s.file.WriteAt(text, at); err != nil {
		s.failed.Store(true)
		return false
	}
	from.pieces = append(from.pieces, piece{at, len(text) / slotBytes})
	return true
}

func (s *spill) open() {
	file, err := os.CreateTemp(s.dir, "dendro-fold-*")
	if err != nil {
		s.failed.Store(true)
		return
	}
	s.file = file
	_ = os.Remove(file.Name()) // where that is refused, close does it
}

// read gives the windows of a piece.
func (s *spill) read(p piece, yield func(slot)) error {
	text := make([]byte, p.slots*slotBytes)
	if _, err := s.file.ReadAt(text, p.at); err != nil {
		return fmt.Errorf("read back the windows that were met: %w", err)
	}
	for ; len(text) > 0; text = text[slotBytes:] {
		yield(slot{binary.LittleEndian.Uint32(text), binary.LittleEndian.Uint32(text[4:]), binary.LittleEndian.Uint32(text[8:])})
	}
	return nil
}

// close leaves nothing behind.
func (s *spill) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}

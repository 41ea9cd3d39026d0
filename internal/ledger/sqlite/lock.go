package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/ledger"
)

// errHeld reports that somebody else has the lock of a file.
var errHeld = errors.New("the lock is held")

// maxHolder bounds what is read of a lock file.
const maxHolder = 4096

// lock is the right to write to a ledger. The operating system gives it up when
// the process ends, however it ends; the file's text only says who has it.
type lock struct {
	file *os.File
}

// holder is the text of a lock file.
type holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

// acquire takes the lock of a ledger. It returns [ledger.ErrLocked] with what is
// known of the holder when another process, or another store of this one, has it.
func acquire(path string) (*lock, error) {
	name := path + ".lock"
	file, err := openLocked(name)
	if errors.Is(err, errHeld) {
		return nil, fmt.Errorf("%w: %s: %s: stop it first, or ask it instead (--server); reading is possible meanwhile",
			ledger.ErrLocked, path, readHolder(name))
	}
	if err != nil {
		return nil, fmt.Errorf("lock of the ledger: %w", err)
	}
	l := &lock{file}
	if err := l.sign(); err != nil {
		return nil, fmt.Errorf("lock of the ledger: %w", errors.Join(err, file.Close()))
	}
	return l, nil
}

// sign writes who has the lock. Not knowing the host's name is no reason to
// stop.
func (l *lock) sign() error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	text, err := json.Marshal(holder{os.Getpid(), host, time.Now().UTC().Truncate(time.Second), strings.Join(os.Args, " ")})
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(text, '\n'), 0)
	return err
}

// release gives the lock up. The file stays, empty: removing it would let a
// third process lock a new file while a second one holds the old.
func (l *lock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

// readHolder describes who has a lock.
func readHolder(name string) string {
	file, err := os.Open(name)
	if err != nil {
		return "the holder is not known: " + err.Error()
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxHolder))
	var h holder
	if err != nil || json.Unmarshal(text, &h) != nil || h.PID == 0 {
		return "the holder has not said who it is"
	}
	return fmt.Sprintf("process %d on %s has it since %s: %s", h.PID, h.Host, h.Since.Format(time.RFC3339), h.Command)
}

// Package filelock lets one process at a time write to something on a disk, and says
// which one it is. What a reader would get wrong: the lock is not the file. The
// operating system gives a lock up when its process ends, however it ends; the file
// stays, and its text only says who has the lock.
package filelock

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// errTaken reports that somebody else has the lock of a file.
var errTaken = errors.New("the lock is taken")

// maxHolder bounds what is read of a lock file.
const maxHolder = 4096

// Lock is a lock that this process has.
type Lock struct {
	file *os.File
}

// TakenError reports that another process, or another part of this one, has the lock.
type TakenError struct {
	// Holder says to people who has it, as far as that is known.
	Holder string
}

// Error implements error.
func (e *TakenError) Error() string { return e.Holder }

// holder is the text of a lock file.
type holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

// Acquire takes the lock of a file, which it makes if need be. It returns a
// [*TakenError] when somebody has it; other errors are those of the file.
func Acquire(name string) (*Lock, error) {
	file, err := openLocked(name)
	if errors.Is(err, errTaken) {
		return nil, &TakenError{readHolder(name)}
	}
	if err != nil {
		return nil, err
	}
	l := &Lock{file}
	if err := l.sign(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// sign writes who has the lock. Not knowing the host's name is no reason to
// stop.
func (l *Lock) sign() error {
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

// Release gives the lock up. The file stays, empty: removing it would let a
// third process lock a new file while a second one holds the old.
func (l *Lock) Release() error {
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

//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package filelock

import (
	"errors"
	"os"
	"runtime"
)

// openLocked refuses: without a lock that ends with its process, two writers
// could meet.
func openLocked(name string) (*os.File, error) {
	return nil, &os.PathError{Op: "lock", Path: name, Err: errors.New("no file locks on " + runtime.GOOS)}
}

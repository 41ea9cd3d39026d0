//go:build unix

package sqlite_test

import (
	"os"
	"syscall"
)

// dropRights makes a process of root one of a user who may write nothing.
func dropRights() error {
	if os.Getuid() != 0 {
		return nil
	}
	return syscall.Setuid(65534)
}

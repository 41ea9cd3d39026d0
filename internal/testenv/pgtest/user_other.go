//go:build !unix

package pgtest

import (
	"errors"
	"syscall"
)

func handOver(string) (*syscall.SysProcAttr, error) {
	return nil, errors.New("servers of tests run on Unix alone")
}

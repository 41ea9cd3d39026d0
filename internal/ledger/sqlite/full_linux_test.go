package sqlite

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/dendro-carbon/dendro/internal/testenv"
)

// TestFullFileSystem fills a real file system of two megabytes, and then makes it
// larger.
func TestFullFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mount := func(flags uintptr, size string) error {
		return syscall.Mount("tmpfs", dir, "tmpfs", flags, "size="+size)
	}
	if err := mount(0, "2m"); err != nil {
		testenv.Skip(t, "tmpfs", "no file system can be mounted ("+err.Error()+"); run as root")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := openInternal(t, filepath.Join(dir, "ledger.db"), utc(t))
	fill(t, s, func() {
		if err := mount(syscall.MS_REMOUNT, "64m"); err != nil {
			t.Fatal(err)
		}
	}, func() {})
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/testenv"
)

// disk puts a small file system under the data of an installation, and returns what
// makes it read-only.
func disk(t *testing.T, p place) (readOnly func()) {
	t.Helper()
	const size = "size=16m"
	data := filepath.Join(filepath.Dir(p.config), "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, size); err != nil {
		testenv.Skip(t, "tmpfs", "no file system can be mounted ("+err.Error()+"); run as root")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(data, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return func() {
		t.Helper()
		if err := syscall.Mount("tmpfs", data, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, size); err != nil {
			t.Fatal(err)
		}
	}
}

// ballast fills the disk of an installation, and returns what makes room again.
func ballast(t *testing.T, p place) (room func()) {
	t.Helper()
	path := filepath.Join(filepath.Dir(p.config), "data", "ballast")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFullDisk holds that a disk without room is told by command and server, and that
// what was closed before stays; with room, the server goes on by itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	disk(t, f.place)
	f.run(t, "backfill", "--from", f.window[1], "--to", after(t, f.window[1], 30*60e9))
	room := ballast(t, f.place)
	said := f.fails(t, 1, append([]string{"backfill"}, f.window...)...)
	if !strings.Contains(said, "no room on the disk") || !strings.Contains(said, "make room in") {
		t.Errorf("it says\n%s", said)
	}
	room()
	f.run(t, append([]string{"backfill"}, f.window...)...)
	if diff := cmp.Diff(f.want, f.run(t, f.question()...)); diff != "" {
		t.Error(diff)
	}
}

// TestFullDiskUnderServer is [TestFullDisk] while a server runs.
func TestFullDiskUnderServer(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	disk(t, f.place)
	f.run(t, "backfill", "--from", f.window[1], "--to", after(t, f.window[1], 30*60e9))
	f.fail(faults()["failing"].how)
	s := f.serve(t)
	s.await(func() bool { return s.health().Driver.Waiting > 2 })
	room := ballast(t, f.place)
	f.fail(nil)
	s.await(func() bool { return strings.Contains(s.health().Driver.Troubles["close"].Error, "no room on the disk") })
	room()
	s.await(func() bool { return len(s.health().Driver.Troubles) == 0 })
	if diff := cmp.Diff(f.want, f.run(t, f.question()...)); diff != "" {
		t.Error(diff)
	}
	s.stop()
}

// TestReadOnlyDisk holds that who cannot write is told so, and can still ask.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	f := newFrail(t)
	readOnly := disk(t, f.place)
	f.run(t, append([]string{"backfill"}, f.window...)...)
	readOnly()
	for _, args := range [][]string{{"serve"}, append([]string{"backfill"}, f.window...)} {
		if said := f.fails(t, 1, args...); !strings.Contains(said, "no access") || !strings.Contains(said, "the right to read and write") {
			t.Errorf("%v says\n%s", args, said)
		}
	}
	if diff := cmp.Diff(f.want, f.run(t, f.question()...)); diff != "" {
		t.Error(diff)
	}
}

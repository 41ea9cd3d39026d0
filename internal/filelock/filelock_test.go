package filelock_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/filelock"
)

func TestAcquire(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "x.lock")
	first, err := filelock.Acquire(name)
	if err != nil {
		t.Fatal(err)
	}
	var taken *filelock.TakenError
	if _, err := filelock.Acquire(name); !errors.As(err, &taken) || !strings.HasPrefix(taken.Holder, fmt.Sprintf("process %d on ", os.Getpid())) {
		t.Errorf("a second lock: %v", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Size() != 0 {
		t.Errorf("after the release: %v, %v", info, err)
	}
	again, err := filelock.Acquire(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 0); err != nil { // as if its holder had not come to sign
		t.Fatal(err)
	}
	if _, err := filelock.Acquire(name); !errors.As(err, &taken) || taken.Holder != "the holder has not said who it is" {
		t.Errorf("an unsigned lock: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := filelock.Acquire(filepath.Join(t.TempDir(), "no", "x.lock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
}

// One at a time has a lock, and the others are told who.
func ExampleAcquire() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "ledger.lock")
	lock, err := filelock.Acquire(name)
	fmt.Println(err)
	_, err = filelock.Acquire(name)
	fmt.Println(strings.HasPrefix(err.Error(), "process "))
	fmt.Println(lock.Release())
	// Output:
	// <nil>
	// true
	// <nil>
}

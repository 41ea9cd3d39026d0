package sqlite_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
)

// childEnv holds the JSON of a task: the test binary is then a process that uses
// a ledger, and can be killed.
const childEnv = "DENDRO_SQLITE_CHILD"

// task is what a child does.
type task struct {
	Do   string // "hold", "commit", "open", "read"
	Path string
	Zone string
	Seed uint64
	// Weak makes a child of root a user who may write nothing; others stay who
	// they are.
	Weak bool
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		var do task
		err := json.Unmarshal([]byte(text), &do)
		if err == nil {
			err = do.run()
		}
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func (do task) run() error {
	zone, err := time.LoadLocation(do.Zone)
	if err != nil {
		return err
	}
	calendar, err := account.NewCalendar(account.DefaultStep, zone)
	if err != nil {
		return err
	}
	if do.Weak {
		if err := dropRights(); err != nil {
			return err
		}
	}
	s, err := sqlite.Open(context.Background(), sqlite.Config{Path: do.Path, Calendar: calendar, ReadOnly: do.Do == "read"})
	if err != nil {
		return err
	}
	fmt.Println("open")
	switch do.Do {
	case "hold":
		_, err = io.Copy(io.Discard, os.Stdin) // until the parent lets go
	case "commit":
		err = commitUntilKilled(s, do.Seed)
	case "read":
		var n int
		for _, err := range s.Slots(context.Background(), account.NewSpan(newYear(), newYear().AddDate(1, 0, 0))) {
			if err != nil {
				return err
			}
			n++
		}
		fmt.Println("slots", n)
	}
	if err != nil {
		return err
	}
	return s.Close()
}

// child is a process with a task.
type child struct {
	*exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

// start starts a child. Its processes end with the test.
func start(t testing.TB, do task) *child {
	t.Helper()
	text, err := json.Marshal(do)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd, stdin, bufio.NewScanner(stdout)}
	t.Cleanup(c.kill)
	return c
}

// kill ends the child as kill -9 does.
func (c *child) kill() {
	_ = c.Process.Kill()
	_ = c.Wait()
}

// say returns the child's next line, "" at its end.
func (c *child) say() string {
	if c.lines.Scan() {
		return c.lines.Text()
	}
	return ""
}

// await reads lines until one begins with a prefix.
func (c *child) await(t testing.TB, prefix string) string {
	t.Helper()
	var said []string
	for c.lines.Scan() {
		said = append(said, c.lines.Text())
		if strings.HasPrefix(c.lines.Text(), prefix) {
			return c.lines.Text()
		}
	}
	t.Fatalf("the child did not say %q but %q", prefix, said)
	return ""
}

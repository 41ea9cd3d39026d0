// Package pgtest runs a real PostgreSQL in tests: one server for a test binary,
// in a folder of its own and reached by a socket in it, and one database for
// each test. Where the programs of PostgreSQL are missing, tests are skipped under
// the name "postgres", see [testenv.Skip].
//
// A server dies with the process that started it, however that ends. The shared
// one ([Main]) does not wait for the disk; one that is to be killed ([Start]) does.
package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dendro-carbon/dendro/internal/testenv"
)

// socketEnv tells tests, and processes that they start, where the shared server is.
const socketEnv = "DENDRO_PGTEST_SOCKET"

// patience is how long a server may take on a busy machine.
const patience = 60 * time.Second

// Main runs the tests of a package with a server for all of them, and returns the
// status to exit with. A TestMain calls it.
func Main(m *testing.M) int {
	bin, err := programs()
	if err != nil {
		return m.Run() // each test says so
	}
	s := &Server{bin: bin}
	defer s.remove()
	if err = s.create(); err == nil {
		err = s.start(false)
	}
	if err == nil {
		err = os.Setenv(socketEnv, s.dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return 1
	}
	return m.Run()
}

// URL returns the address of a new database on the shared server. It is removed
// when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	dir := os.Getenv(socketEnv)
	if dir == "" {
		_, err := programs()
		testenv.Skip(t, "postgres", fmt.Sprint(err))
	}
	return database(t, dir)
}

// database creates a database.
func database(t testing.TB, dir string) string {
	t.Helper()
	name := "t" + strings.ToLower(rand.Text())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	if err := execute(ctx, dir, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		// A server that the test has killed takes its databases along.
		_ = execute(ctx, dir, "DROP DATABASE "+name+" WITH (FORCE)")
	})
	return address(dir, name)
}

// address is the URL of a database by the socket in a folder.
func address(dir, name string) string {
	u := url.URL{Scheme: "postgres", User: url.User("tester"), Path: "/" + name, RawQuery: url.Values{"host": {dir}}.Encode()}
	return u.String()
}

func execute(ctx context.Context, dir, text string) error {
	c, err := pgx.Connect(ctx, address(dir, "postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, text)
	return err
}

// programs returns the folder of the server's programs.
func programs() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		path, err := exec.LookPath("initdb")
		if err != nil {
			return "", errors.New("no program initdb; install the package postgresql")
		}
		found = []string{path}
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// Server is a server of one test.
type Server struct {
	bin, dir string
	cmd      *exec.Cmd
	log      bytes.Buffer
	leash    interface{ Close() error }
	done     chan error
}

// Start runs a server of its own for a test that kills it. It waits for the
// disk, as servers do.
func Start(t testing.TB) *Server {
	t.Helper()
	bin, err := programs()
	if err != nil {
		testenv.Skip(t, "postgres", err.Error())
	}
	s := &Server{bin: bin}
	t.Cleanup(s.remove)
	if err := s.create(); err != nil {
		t.Fatal(err)
	}
	if err := s.start(true); err != nil {
		t.Fatal(err)
	}
	return s
}

// URL returns the address of a new database.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	return database(t, s.dir)
}

// Kill ends the server as kill -9 does. Its processes end when they notice, so a
// transaction may still be committed.
func (s *Server) Kill() {
	if s.leash != nil {
		s.leash.Close()
		<-s.done
		s.leash = nil
	}
}

// Restart starts a server that was killed.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := s.start(true)
		if err == nil {
			return
		}
		s.Kill()
		// Processes of before may still be there, and a new server waits for none.
		if !strings.Contains(err.Error(), "still in use") || time.Since(begin) > patience {
			t.Fatal(err)
		}
	}
}

// create makes the folder and the files of a server.
func (s *Server) create() error {
	dir, err := os.MkdirTemp("", "pg") // short: the name of a socket has 107 bytes at most
	if err != nil {
		return err
	}
	s.dir = dir
	as, err := handOver(dir)
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(s.bin, "initdb"), "--no-sync", "-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C", "-D", filepath.Join(dir, "data"))
	cmd.SysProcAttr, cmd.Dir = as, dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// start starts the server and waits until it answers.
func (s *Server) start(sync bool) error {
	args := []string{
		"-D", filepath.Join(s.dir, "data"), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=64MB",
		"-c", "log_min_messages=fatal",
	}
	if !sync {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off")
	}
	// The shell ends the server when its standard input is closed, which the
	// kernel does when this process ends for whatever reason. It gives its
	// background commands an empty standard input, hence 3.
	const script = `exec 3<&0; "$@" 3<&- & p=$!; { cat <&3; kill -9 $p; } >/dev/null 2>&1 & wait $p; s=$?; kill $! 2>/dev/null; exit $s`
	as, err := handOver(s.dir)
	if err != nil {
		return err
	}
	s.log.Reset()
	s.cmd = exec.Command("sh", append([]string{"-c", script, "sh", filepath.Join(s.bin, "postgres")}, args...)...)
	s.cmd.SysProcAttr, s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = as, s.dir, &s.log, &s.log
	if s.leash, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.done = make(chan error, 1)
	go func() { s.done <- s.cmd.Wait() }()
	return s.await()
}

func (s *Server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := execute(ctx, s.dir, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case ended := <-s.done:
			s.done <- ended
			return fmt.Errorf("postgres ended: %w\n%s", ended, s.log.String())
		case <-ctx.Done():
			return fmt.Errorf("postgres was not ready after %v: %w", patience, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// remove ends the server and removes its folder.
func (s *Server) remove() {
	s.Kill()
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

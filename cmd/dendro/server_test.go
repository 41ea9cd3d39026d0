package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a running `dendro serve`.
type server struct {
	t       testing.TB
	URL     string
	token   string
	command *exec.Cmd
	log     *buffer
	ended   chan error
}

// buffer is what a process writes, which a test reads meanwhile.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (e *exactly) serve() *server { return e.place.serve(e.T) }

// serve starts a server and waits until it answers. It is killed at the end of the
// test if it still runs.
func (p place) serve(t testing.TB, args ...string) *server {
	t.Helper()
	s := &server{t: t, command: p.command(t.Context(), append([]string{"serve"}, args...)), log: &buffer{}, ended: make(chan error, 1)}
	s.command.Stdout, s.command.Stderr = s.log, s.log
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.command.Wait() }()
	t.Cleanup(func() { _ = s.command.Process.Kill() }) // in vain when it has ended
	s.await(func() bool { return s.find(p) && s.status("/healthz") == http.StatusOK })
	return s
}

// find reads where the server answers from the file that it leaves.
func (s *server) find(p place) bool {
	text, err := os.ReadFile(filepath.Join(filepath.Dir(p.config), "data", "server.json"))
	if err != nil {
		return false
	}
	var address struct {
		URL, Token string
		PID        int
	}
	if json.Unmarshal(text, &address) != nil || address.PID != s.command.Process.Pid {
		return false
	}
	s.URL, s.token = address.URL, address.Token
	return true
}

// await waits until something holds.
func (s *server) await(holds func() bool) {
	s.t.Helper()
	for until := time.Now().Add(60 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-s.ended:
			s.t.Fatalf("the server ended: %v\n%s", err, s.log)
		default:
		}
		if time.Now().After(until) {
			s.t.Fatalf("not in 60 seconds; the log:\n%s", s.log)
		}
	}
}

// get asks for a path.
func (s *server) get(path string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

func (s *server) status(path string) int {
	s.t.Helper()
	status, _ := s.get(path)
	return status
}

// stop asks the server to stop, and returns how long that takes.
func (s *server) stop() time.Duration {
	s.t.Helper()
	begin := time.Now()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := <-s.ended; err != nil {
		s.t.Fatalf("the server did not stop cleanly: %v\n%s", err, s.log)
	}
	return time.Since(begin)
}

// Package mongotest runs a real server of MongoDB's protocol in tests: FerretDB, as
// the program that internal/testenv/ferret builds, on a free port over an empty
// folder. A test whose machine cannot build it is skipped under the name "mongodb",
// see [testenv.Skip].
//
// DENDRO_FERRET names the program where it was built before, as CI does.
//
// The server ends when its standard input does, so it dies with the test process,
// however that ends.
package mongotest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv"
)

// Server is a running server.
type Server struct {
	// URI is its connection string, without a database.
	URI  string
	stop func()
}

// Stop ends the server before the test does. It is idempotent.
func (s *Server) Stop() { s.stop() }

// patience is how long a server may take to be ready on a busy machine.
const patience = time.Minute

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(program(t), t.TempDir())
	cmd.Stderr = &log
	leash, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	s := &Server{stop: func() {
		if !stopped {
			stopped = true
			leash.Close()
			cmd.Wait() // it says nothing that matters now
		}
	}}
	t.Cleanup(s.stop)
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		s.stop()
		t.Fatalf("ferret: no address: %v\n%s", err, &log)
	}
	s.URI = strings.TrimSpace(line)
	return s
}

// program returns the path of the server, which is built when its module has changed,
// and kept with what else Go builds.
func program(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("DENDRO_FERRET"); exists(path) {
		return path
	}
	module := filepath.Join(testenv.Root(t), "internal", "testenv", "ferret")
	digest := sha256.New()
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		content, err := os.ReadFile(filepath.Join(module, name))
		if err != nil {
			t.Fatal(err)
		}
		digest.Write(content)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		testenv.Skip(t, "mongodb", fmt.Sprintf("no folder for caches: %v", err))
	}
	path := filepath.Join(cache, "dendro-tests", fmt.Sprintf("ferret-%x", digest.Sum(nil)[:8]))
	if exists(path) {
		return path
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(path), "building")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fresh)
	built := filepath.Join(fresh, "ferret")
	build := exec.Command("go", "build", "-C", module, "-o", built, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		testenv.Skip(t, "mongodb", fmt.Sprintf("internal/testenv/ferret cannot be built: %v: %s", err, lastLine(out)))
	}
	if err := os.Rename(built, path); err != nil { // whoever is last wins, with the same program
		t.Fatal(err)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// Package promtest runs a real Prometheus in tests: on a free port, over a TSDB
// that promtool fills from OpenMetrics text. A test without the two programs is
// skipped under the name "prometheus", see [testenv.Skip]. Where there is a
// VictoriaMetrics it runs that too.
//
// A server dies with the test process, however that ends.
package promtest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/testenv"
)

// Options say what a server holds and how it is started.
type Options struct {
	// Text writes the samples as OpenMetrics text, see [Writer]. Nil leaves the
	// server empty.
	Text func(w io.Writer) error
	// Blocks is a folder of a TSDB as made by [Blocks], instead of Text. The
	// server writes into it.
	Blocks string
	// Config is the text of prometheus.yml; empty is a server that scrapes
	// nothing.
	Config string
	// Flags are added to the command line, such as
	// --web.route-prefix=/prometheus.
	Flags []string
	// Prefix is the path below which the API lies when Flags move it.
	Prefix string
}

// Server is a running Prometheus.
type Server struct {
	// URL is the address with the prefix, without a slash at the end.
	URL string
}

// patience is how long a server may take to be ready on a busy machine.
const patience = 30 * time.Second

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	program := find(t, "prometheus", "prometheus")
	dir := o.Blocks
	if dir == "" {
		dir = t.TempDir()
		if o.Text != nil {
			Blocks(t, dir, o.Text)
		}
	}
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(config, []byte(o.Config), 0o644); err != nil {
		t.Fatal(err)
	}
	flags := append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + dir,
		"--storage.tsdb.retention.time=100y", "--log.level=warn",
	}, o.Flags...)
	return run(t, command{program, "--web.listen-address=", flags, o.Prefix, "/-/ready"})
}

// StartVictoriaMetrics runs a VictoriaMetrics until the test ends and gives it the
// samples, as OpenMetrics text. Without the program the test is skipped under the
// name "victoriametrics".
func StartVictoriaMetrics(t testing.TB, text func(w io.Writer) error) *Server {
	t.Helper()
	program := find(t, "victoriametrics", "victoria-metrics")
	s := run(t, command{program, "-httpListenAddr=", []string{"-storageDataPath=" + t.TempDir(), "-retentionPeriod=100y"}, "", "/health"})
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(text(&milliseconds{w: writer})) }()
	for _, ask := range []struct {
		path string
		body io.Reader
	}{{"/api/v1/import/prometheus", reader}, {"/internal/force_flush", nil}} {
		resp, err := http.Post(s.URL+ask.path, "text/plain", ask.body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode >= 300 {
			t.Fatalf("victoria-metrics: %s: %s", ask.path, resp.Status)
		}
	}
	return s
}

// command is how a server is started.
type command struct {
	program string
	address string // the flag for the address
	flags   []string
	prefix  string
	ready   string // the path that answers once it is
}

func run(t testing.TB, c command) *Server {
	t.Helper()
	for range 5 { // another process may take the free port first
		if s := try(t, c); s != nil {
			return s
		}
	}
	t.Fatalf("%s: no free port in five attempts", c.program)
	return nil
}

// find returns the path of a program, or skips the test.
func find(t testing.TB, suite, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		testenv.Skip(t, suite, "no program "+name+" on the path; install the package prometheus or victoria-metrics")
	}
	return path
}

// try starts the server on a free port. It returns nil when the port was taken
// meanwhile.
func try(t testing.TB, c command) *Server {
	t.Helper()
	address := freeAddress(t)
	var log bytes.Buffer
	cmd := tied(c.program, append([]string{c.address + address}, c.flags...))
	cmd.Stdout, cmd.Stderr = &log, &log
	leash, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	s := &Server{URL: "http://" + address + c.prefix}
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-done:
			if strings.Contains(log.String(), "address already in use") {
				return nil
			}
			t.Fatalf("%s ended: %v\n%s", c.program, err, log.String())
		default:
		}
		if s.ready(c.ready) {
			t.Cleanup(func() { leash.Close(); <-done })
			return s
		}
	}
	leash.Close()
	<-done
	t.Fatalf("%s was not ready after %v:\n%s", c.program, patience, log.String())
	return nil
}

// tied returns a command that ends the program when its standard input is
// closed, which the kernel does when this process ends for whatever reason.
func tied(program string, args []string) *exec.Cmd {
	// A shell gives its background commands an empty standard input, hence 3.
	const script = `exec 3<&0; "$@" 3<&- & p=$!; { cat <&3; kill -9 $p; } >/dev/null 2>&1 & wait $p; s=$?; kill $! 2>/dev/null; exit $s`
	return exec.Command("sh", append([]string{"-c", script, "sh", program}, args...)...)
}

func (s *Server) ready(path string) bool {
	resp, err := http.Get(s.URL + path)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// freeAddress returns a local address on which nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Blocks fills the TSDB in dir with samples. It is the slow part, about 6 µs a
// sample, so benchmarks call it once for several servers.
func Blocks(t testing.TB, dir string, text func(w io.Writer) error) {
	t.Helper()
	promtool := find(t, "prometheus", "promtool")
	path := filepath.Join(t.TempDir(), "samples.om")
	if err := writeFile(path, text); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(promtool, "tsdb", "create-blocks-from", "--quiet", "openmetrics", path, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func writeFile(path string, text func(w io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := text(file); err != nil {
		file.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	return file.Close()
}

package files_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
)

func ExampleFiles_Table() {
	dir, err := os.MkdirTemp("", "files")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "tdp.csv"), []byte("name,tdp\nxeon,205\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	read := files.New(files.Options{Dir: dir, Offline: true})
	f, err := read.Table(context.Background(), "tdp.csv", builtin.Dialect{})
	fmt.Println(f.At(0, "name"), f.At(0, "tdp"), err)
	_, err = read.Table(context.Background(), "https://example.org/tdp.csv", builtin.Dialect{})
	fmt.Println(err)
	// Output:
	// xeon 205 <nil>
	// FetchingFileError: Failed fetching the file: https://example.org/tdp.csv.
	// the run is offline
	//   Try: download the file and give its path, or run without --offline
}

func ExampleFiles_Observations() {
	dir, err := os.MkdirTemp("", "files")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "rows.ndjson"), []byte(`{"duration":60,"energy":0.5}`), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	f, err := files.New(files.Options{Dir: dir}).Observations(context.Background(), "rows.ndjson")
	fmt.Println(f.At(0, "energy"), err)
	// Output: 0.5 <nil>
}

func write(t *testing.T, name, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// problem returns the first problem of an error.
func problem(t *testing.T, err error) *diag.Problem {
	t.Helper()
	var list diag.List
	if !errors.As(err, &list) {
		t.Fatalf("got %v, want a list of problems", err)
	}
	return list[0]
}

func TestLocalProblems(t *testing.T) {
	t.Parallel()
	dir := write(t, "bad.csv", "a,b\n1,2,3\n")
	read := files.New(files.Options{Dir: dir})
	for _, tc := range []struct {
		path    string
		dialect builtin.Dialect
		want    string
	}{
		{"/nope.csv", builtin.Dialect{CastLoosely: true}, "ReadFileError: Failed reading the file: /nope.csv. \n" +
			"Error: ENOENT: no such file or directory, open '/nope.csv'"},
		{".", builtin.Dialect{}, "ReadFileError: Failed reading the file: .. \nError: EISDIR: illegal operation on a directory, read"},
		{"bad.csv/x", builtin.Dialect{}, "ReadFileError: Failed reading the file: bad.csv/x. \nError: ENOTDIR: not a directory, open 'bad.csv/x'"},
		{"bad.csv", builtin.Dialect{}, "CSVParseError: bad.csv:2: 3 fields where the header names 2"},
		{"bad.csv", builtin.Dialect{CastLoosely: true}, "CSVParseError: Error: Invalid Record Length: columns length is 2, got 3 on line 2"},
		{"http://127.0.0.1:1/x.csv", builtin.Dialect{CastLoosely: true}, "TypeError: Cannot read properties of undefined (reading 'message')"},
	} {
		_, err := read.Table(context.Background(), tc.path, tc.dialect)
		if got := problem(t, err).Short(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.path, got, tc.want)
		}
	}
	if p := problem(t, second(read.Observations(context.Background(), "bad.txt"))); !strings.Contains(p.Error(), "Try: ") {
		t.Errorf("no advice in %v", p)
	}
}

func second(_ *frame.Frame, err error) error { return err }

func TestProblemsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	read := files.New(files.Options{Dir: write(t, "bad.csv", "a,b\n1\n")})
	first := problem(t, second(read.Table(context.Background(), "bad.csv", builtin.Dialect{})))
	first.Component = "changed"
	if again := problem(t, second(read.Table(context.Background(), "bad.csv", builtin.Dialect{}))); again.Component != "" {
		t.Errorf("a caller's change reached another: %v", again)
	}
}

func TestEachFileIsReadOnce(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		fmt.Fprint(w, "a\n1\n")
	}))
	defer server.Close()
	read := files.New(files.Options{})
	frames := make([]*frame.Frame, 50)
	var wg sync.WaitGroup
	for i := range frames {
		wg.Go(func() { frames[i], _ = read.Table(context.Background(), server.URL+"/x.csv", builtin.Dialect{}) })
	}
	wg.Wait()
	for _, f := range frames {
		if f == nil || f != frames[0] {
			t.Fatal("not all got the same frame")
		}
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

// Observations stream: those of earlier components are let go, and read again if
// somebody asks for them.
func TestObservationsAreLetGo(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	rows := "a,b\n" + strings.Repeat("1.5,2\n2.5,3\n", 1<<18) // 8 MB of cells
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		fmt.Fprint(w, rows)
	}))
	t.Cleanup(server.Close)
	read := files.New(files.Options{})
	get := func(name string, want int64) {
		t.Helper()
		f, err := read.Observations(context.Background(), server.URL+"/"+name+".csv")
		if err != nil || f.Len() != 1<<19 {
			t.Fatalf("%d rows, %v", f.Len(), err)
		}
		if n := requests.Load(); n != want {
			t.Fatalf("%s: %d requests, want %d", name, n, want)
		}
	}
	get("1", 1)
	for _, name := range []string{"2", "3", "4", "5"} {
		get("1", requests.Load()) // it is used all the time
		get(name, requests.Load()+1)
	}
	get("5", 5)
	get("2", 6)
	get("1", 6)
}

func TestDownloadProblems(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	if _, err := packer.Write(append([]byte("a\n"), bytes.Repeat([]byte("1\n"), 1<<20)...)); err != nil {
		t.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/missing.csv", http.NotFound)
	mux.HandleFunc("/loop.csv", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop.csv", http.StatusFound) })
	mux.HandleFunc("/slow.csv", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/announced.csv", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "5000") })
	mux.HandleFunc("/endless.csv", func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := fmt.Fprintln(w, strings.Repeat("a\n", 1000)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/bomb.csv.gz", func(w http.ResponseWriter, _ *http.Request) { w.Write(bomb.Bytes()) })
	mux.HandleFunc("/bad.csv", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a\n1,2\n") })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close) // after the parallel tests below
	t.Cleanup(server.CloseClientConnections)
	for path, want := range map[string]string{
		"/missing.csv":   "\nthe server answered 404 Not Found",
		"/loop.csv":      "\nredirected more than 5 times",
		"/slow.csv":      "\nnot done after 300ms",
		"/announced.csv": "\nlarger than 4096 bytes",
		"/endless.csv":   "\nlarger than 4096 bytes",
		"/bomb.csv.gz":   "\nlarger than 4096 bytes",
		"/bad.csv":       "/bad.csv:2: 2 fields where the header names 1",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			timeout := 30 * time.Second // others are not to be in time by luck
			if path == "/slow.csv" {
				timeout = 300 * time.Millisecond
			}
			read := files.New(files.Options{Timeout: timeout, MaxBytes: 4096})
			p := problem(t, second(read.Table(context.Background(), server.URL+path, builtin.Dialect{})))
			if !strings.HasSuffix(p.Text, want) {
				t.Errorf("got %q, want ...%q", p.Text, want)
			}
			if p.Class != "FetchingFileError" && path != "/bad.csv" {
				t.Errorf("class %s", p.Class)
			}
		})
	}
}

// TestAnswers holds that every answer of success counts, and that a byte order mark
// is not part of a downloaded table, in either dialect.
func TestAnswers(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/marked.csv", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "\ufeffa\n1\n") })
	mux.HandleFunc("/created.csv", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "a\n1\n")
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, path := range []string{"/marked.csv", "/created.csv"} {
		for _, dialect := range []builtin.Dialect{{}, {CastLoosely: true}} {
			f, err := files.New(files.Options{}).Table(context.Background(), server.URL+path, dialect)
			if err != nil || f.At(0, "a").String() != "1" {
				t.Errorf("%s, %+v: got %v, %v", path, dialect, f, err)
			}
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	read := files.New(files.Options{Timeout: time.Second})
	for url, want := range map[string]string{
		"ftp://example.org/x.csv":        "only http and https URLs can be read",
		"file:///etc/passwd":             "only http and https URLs can be read",
		"http://[::1/x.csv":              "missing ']' in host",
		"http://user:secret@127.0.0.1:1": "connection refused",
	} {
		p := problem(t, second(read.Table(context.Background(), url, builtin.Dialect{})))
		if !strings.Contains(p.Text, want) || strings.Contains(p.Text, "secret") {
			t.Errorf("%s: got %q", url, p.Text)
		}
		if p.Hint == "" {
			t.Errorf("%s: nothing to try", url)
		}
	}
	for _, path := range []string{`C:\x.csv`, "a/b://c.csv", "x.csv"} {
		if p := problem(t, second(read.Table(context.Background(), path, builtin.Dialect{}))); p.Class != "ReadFileError" {
			t.Errorf("%s was taken for a URL: %v", path, p)
		}
	}
}

func TestRedirectKeepsEncryption(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a\n1\n") }))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer secure.Close()
	read := files.New(files.Options{Transport: secure.Client().Transport})
	p := problem(t, second(read.Table(context.Background(), secure.URL, builtin.Dialect{})))
	if !strings.Contains(p.Text, "redirected from https to http") {
		t.Errorf("got %v", p)
	}
}

func TestCancelledRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("stopped by the user")
	cancel(stop)
	read := files.New(files.Options{Dir: write(t, "x.csv", "a\n1\n")})
	if _, err := read.Table(ctx, "x.csv", builtin.Dialect{}); !errors.Is(err, stop) && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

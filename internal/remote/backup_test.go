package remote_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/remote"
)

// ExampleClient_Backup asks a server for its ledger, whatever that is to it.
func ExampleClient_Backup() {
	data, err := os.MkdirTemp("", "dendro")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(data)
	mux := http.NewServeMux()
	remote.RegisterBackup(mux, data, func(_ context.Context, file string) error { return os.WriteFile(file, []byte("a ledger"), 0o600) })
	server := httptest.NewServer(mux)
	defer server.Close()

	client, err := remote.At(server.URL, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	err = client.Backup(context.Background(), &file, func(done, total int64) { fmt.Println(done, "of", total) })
	fmt.Println(file.String(), err)
	// Output:
	// 8 of 8
	// a ledger <nil>
}

// backing serves backups of a size.
func backing(t *testing.T, size int, during func()) (*http.ServeMux, string) {
	t.Helper()
	data := t.TempDir()
	mux := http.NewServeMux()
	remote.RegisterBackup(mux, data, func(_ context.Context, file string) error {
		during()
		return os.WriteFile(file, bytes.Repeat([]byte("0123456789abcdef"), size/16), 0o600)
	})
	return mux, data
}

func TestBackup(t *testing.T) {
	t.Parallel()
	mux, data := backing(t, 3<<20, func() {})
	left := filepath.Join(data, ".backup") // of a server that was killed
	if err := os.MkdirAll(filepath.Join(left, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := client(t, mux).Backup(t.Context(), &file, nil); err != nil || file.Len() != 3<<20 {
		t.Errorf("%d bytes, %v", file.Len(), err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
}

// TestBackupOnce holds that a second request does not make a second file.
func TestBackupOnce(t *testing.T) {
	t.Parallel()
	var c *remote.Client
	var second error
	mux, _ := backing(t, 16, func() { second = c.Backup(t.Context(), io.Discard, nil) })
	c = client(t, mux)
	if err := c.Backup(t.Context(), io.Discard, nil); err != nil {
		t.Error(err)
	}
	if e, ok := errors.AsType[*remote.Error](second); !ok || e.Status != http.StatusConflict {
		t.Errorf("the second ends with %v", second)
	}
}

// TestBackupFails holds that nothing but the whole file counts as one.
func TestBackupFails(t *testing.T) {
	t.Parallel()
	mux, _ := backing(t, 1<<20, func() {})
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"changed on the way": {func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, r)
			body := answer.Body.Bytes()
			body[7]++
			w.Header()["Repr-Digest"] = answer.Header()["Repr-Digest"]
			_, _ = w.Write(body)
		}, "is not what was sent"},
		"without a digest": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "x") }, "is not what was sent"},
		"cut off": {func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, r)
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			_, _ = w.Write(answer.Body.Bytes()[:1000])
		}, "was cut off"},
		"refused": {func(w http.ResponseWriter, r *http.Request) {
			r.URL.RawQuery = "from=2026"
			mux.ServeHTTP(w, r)
		}, "is not a parameter"},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: the server makes one backup at a time
			err := client(t, c.serve).Backup(t.Context(), io.Discard, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	full := errors.New("no room here")
	if err := client(t, mux).Backup(t.Context(), broken{full}, nil); !errors.Is(err, full) {
		t.Errorf("%v, want the writer's error", err)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

// TestBackupNotMade holds that the client is told why the server made none.
func TestBackupNotMade(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	remote.RegisterBackup(mux, t.TempDir(), func(context.Context, string) error { return errors.New("no room on the disk") })
	err := client(t, mux).Backup(t.Context(), io.Discard, nil)
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.Status != http.StatusServiceUnavailable || !strings.Contains(e.Text, "no room on the disk") {
		t.Errorf("%v", err)
	}
}

package fetch_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/fetch"
)

// A document is read below a base, with credentials that no error shows.
func ExampleClient() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "%s of %s", r.URL.Path, r.FormValue("zone"))
	}))
	defer server.Close()
	config := fetch.Config{URL: server.URL + "/base", Header: "Authorization: Bearer s3cret", Timeout: time.Second, MaxBytes: 1024}
	fmt.Println(config.Validate(), config.Header)
	fmt.Println(config.NameValue())
	c, err := fetch.New(config, server.Client())
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := c.Get(context.Background(), "latest", url.Values{"zone": {"DE"}})
	fmt.Printf("%s %v\n", text, err)
	fmt.Println(fetch.Excerpt([]byte("<html>\n  <body>not what was asked for")))
	// Output:
	// <nil> [redacted]
	// Authorization Bearer s3cret <nil>
	// /base/latest of DE <nil>
	// "<html> <body>not what was asked for"
}

func client(t *testing.T, h http.Handler, change func(*fetch.Config)) *fetch.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c := fetch.Config{URL: server.URL, Header: "X-Token: s3cret", Timeout: time.Second, MaxBytes: 1024}
	if change != nil {
		change(&c)
	}
	out, err := fetch.New(c, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFaults(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		reached bool
		says    string
	}{
		"redirect":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) }, 302, true, "redirects are not followed"},
		"not found": {http.NotFound, 404, true, "404 page not found"},
		"broken":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, 500, false, "status 500"},
		"too many":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, 429, false, "status 429"},
		"too long":  {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 5000)) }, 200, true, "longer than 1024 bytes"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50")
			w.Write([]byte("x"))
		}, 200, false, "cut off"},
		"no answer":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, false, "EOF"},
		"slow":       {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, false, "no answer within 50ms"},
		"slow reply": {func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush(); <-r.Context().Done() }, 200, false, "no answer within 50ms"},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := 30 * time.Second // others are not to be in time by luck
			if strings.HasPrefix(name, "slow") {
				timeout = 50 * time.Millisecond
			}
			_, err := client(t, c.handler, func(c *fetch.Config) { c.Timeout = timeout }).Get(t.Context(), "x", url.Values{"q": {"hidden"}})
			var fault *fetch.Error
			if !errors.As(err, &fault) || fault.Status != c.status || fault.Reached != c.reached || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%#v; want status %d, reached %v, %q", err, c.status, c.reached, c.says)
			}
			if strings.Contains(fmt.Sprint(err), "s3cret") || strings.Contains(fmt.Sprint(err), "hidden") {
				t.Errorf("%v shows what is secret", err)
			}
		})
	}
	if elsewhere.Load() > 0 {
		t.Error("another server was asked")
	}
}

func TestRetry(t *testing.T) {
	var asked atomic.Int32
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("now"))
	}), func(c *fetch.Config) { c.RetryFor = 5 * time.Second })
	if text, err := c.Get(t.Context(), "", nil); string(text) != "now" || err != nil || asked.Load() != 2 {
		t.Errorf("%q, %v after %d requests", text, err, asked.Load())
	}
}

// A server whose certificate no system knows is trusted by the file alone.
func TestCAFile(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) }))
	defer server.Close()
	server.Config.ErrorLog = nil
	path := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	config := fetch.Config{URL: server.URL, CAFile: path, Timeout: 5 * time.Second, MaxBytes: 1024}
	get := func(c fetch.Config) (string, error) {
		client, err := fetch.New(c, &http.Client{})
		if err != nil {
			return "", err
		}
		text, err := client.Get(t.Context(), "", nil)
		return string(text), err
	}
	if text, err := get(config); text != "ok" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	config.CAFile = ""
	if _, err := get(config); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("%v: an unknown certificate was trusted", err)
	}
	config.CAFile = filepath.Join(t.TempDir(), "none.pem")
	if _, err := get(config); err == nil {
		t.Error("no error without the file")
	}
}

func TestValidate(t *testing.T) {
	good := fetch.Config{URL: "http://localhost/x?y=z", Timeout: time.Second, MaxBytes: 1024}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for says, change := range map[string]func(*fetch.Config){
		"does not begin":   func(c *fetch.Config) { c.URL = "ftp://x" },
		"has no host":      func(c *fetch.Config) { c.URL = "http:///x" },
		"has a user":       func(c *fetch.Config) { c.URL = "http://a:s3cret@x" },
		"not a URL":        func(c *fetch.Config) { c.URL = "http://s3cret\x7f" },
		"NAME: VALUE":      func(c *fetch.Config) { c.Header = "s3cret" },
		"not a time":       func(c *fetch.Config) { c.Timeout = 0 },
		"is negative":      func(c *fetch.Config) { c.RetryFor = -1 },
		"at least 1024":    func(c *fetch.Config) { c.MaxBytes = 1 },
		"at most 8192 byt": func(c *fetch.Config) { c.Header = fetch.Secret("A: " + strings.Repeat("b", 9000)) },
	} {
		c := good
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v, want %q and no secret", err, says)
		}
	}
	if text, err := good.Header.MarshalText(); len(text) > 0 || err != nil || fmt.Sprintf("%#v %v", fetch.Secret("x"), fetch.Secret("x")) != "[redacted] [redacted]" {
		t.Errorf("%q %v", text, err)
	}
}

package metertest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/fetch"
)

// Page is a document that a server gives.
type Page struct {
	// Client reads it.
	Client *fetch.Client

	mu   sync.Mutex
	text string
}

// Serve serves a document until the test ends.
func Serve(t testing.TB, text string) *Page {
	t.Helper()
	p := &Page{text: text}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		w.Write([]byte(p.text))
	}))
	t.Cleanup(server.Close)
	p.Client = client(t, server.URL)
	return p
}

// Nowhere returns a client of a server that does not answer.
func Nowhere(t testing.TB) *fetch.Client { return client(t, "http://127.0.0.1:1") }

func client(t testing.TB, url string) *fetch.Client {
	t.Helper()
	c, err := fetch.New(fetch.Config{URL: url, Timeout: 5 * time.Second, MaxBytes: 1 << 16}, &http.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Set changes the document.
func (p *Page) Set(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
}

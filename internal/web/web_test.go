package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dendro-carbon/dendro/internal/web"
)

func built(t *testing.T) *httptest.Server {
	t.Helper()
	return serve(t, fstest.MapFS{
		"index.html":            {Data: []byte("<!doctype html>page")},
		"index.html.gz":         {Data: []byte("page gz")},
		"assets/app-abc.js":     {Data: []byte("let plain")},
		"assets/app-abc.js.br":  {Data: []byte("js br")},
		"assets/app-abc.js.gz":  {Data: []byte("js gz")},
		"assets/mark-abc.svg":   {Data: []byte("<svg/>")},
		".gitignore":            {Data: []byte("*")},
		"assets/app-abc.css":    {Data: []byte("p{}")},
		"assets/app-abc.css.br": {Data: []byte("css br")},
	})
}

func serve(t *testing.T, dist fstest.MapFS) *httptest.Server {
	t.Helper()
	site, err := web.Read(dist)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	site.Register(mux)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// ask sends a request as it is: no redirect is followed, nothing decompressed.
func ask(t *testing.T, s *httptest.Server, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Header = header; header == nil {
		r.Header = http.Header{"Accept-Encoding": {"identity"}}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestPagesAndFiles(t *testing.T) {
	s := built(t)
	tests := []struct {
		path, accept string
		status       int
		coding, body string
		contentType  string
	}{
		{"/ui/", "gzip, br", 200, "gzip", "page gz", "text/html; charset=utf-8"},
		{"/ui/", "", 200, "", "<!doctype html>page", "text/html; charset=utf-8"},
		{"/ui/explore", "", 200, "", "<!doctype html>page", "text/html; charset=utf-8"},
		{"/ui/assets/app-abc.js", "gzip, deflate, br, zstd", 200, "br", "js br", "text/javascript; charset=utf-8"},
		{"/ui/assets/app-abc.js", "gzip;q=0.5, br;q=0", 200, "gzip", "js gz", "text/javascript; charset=utf-8"},
		{"/ui/assets/app-abc.js", "gzip; q=0", 200, "", "let plain", "text/javascript; charset=utf-8"},
		{"/ui/assets/app-abc.css", "BR", 200, "br", "css br", "text/css; charset=utf-8"},
		{"/ui/assets/mark-abc.svg", "br", 200, "", "<svg/>", "image/svg+xml"},
		{"/ui/assets/none.js", "br", 404, "", "no such file\n", "text/plain; charset=utf-8"},
		{"/ui/.gitignore", "", 404, "", "no such file\n", "text/plain; charset=utf-8"},
		{"/ui/index.html.gz", "", 404, "", "no such file\n", "text/plain; charset=utf-8"},
	}
	for _, test := range tests {
		t.Run(test.path+" "+test.accept, func(t *testing.T) {
			r, body := ask(t, s, test.path, http.Header{"Accept-Encoding": {test.accept}})
			if r.StatusCode != test.status || r.Header.Get("Content-Encoding") != test.coding || body != test.body {
				t.Errorf("status %d, coding %q, body %q", r.StatusCode, r.Header.Get("Content-Encoding"), body)
			}
			if got := r.Header.Get("Content-Type"); got != test.contentType {
				t.Errorf("content type %q, want %q", got, test.contentType)
			}
		})
	}
}

func TestRedirectsAreRelative(t *testing.T) {
	s := built(t)
	for _, path := range []string{"/", "/ui"} {
		r, _ := ask(t, s, path, nil)
		if r.StatusCode != http.StatusFound || r.Header.Get("Location") != "ui/" {
			t.Errorf("%s: status %d to %q", path, r.StatusCode, r.Header.Get("Location"))
		}
	}
}

func TestHashedFilesAreKeptAndThePageIsAskedFor(t *testing.T) {
	s := built(t)
	page, _ := ask(t, s, "/ui/", nil)
	script, _ := ask(t, s, "/ui/assets/app-abc.js", nil)
	if got := page.Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("page: %q", got)
	}
	if got := script.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("script: %q", got)
	}
	again, body := ask(t, s, "/ui/", http.Header{"Accept-Encoding": {"identity"}, "If-None-Match": {`"other", W/` + page.Header.Get("ETag")}})
	if again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("the same page again: status %d, body %q", again.StatusCode, body)
	}
	zipped, _ := ask(t, s, "/ui/", http.Header{"Accept-Encoding": {"gzip"}})
	if zipped.Header.Get("ETag") == page.Header.Get("ETag") {
		t.Error("two forms have one tag")
	}
	same, _ := ask(t, s, "/ui/", http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {zipped.Header.Get("ETag")}})
	if same.StatusCode != http.StatusNotModified || same.Header.Get("Content-Encoding") != "" || same.Header.Get("ETag") != zipped.Header.Get("ETag") {
		t.Errorf("the same form again: status %d, %v", same.StatusCode, same.Header)
	}
}

func TestNothingFromElsewhere(t *testing.T) {
	r, _ := ask(t, built(t), "/ui/", nil)
	policy := r.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("policy %q", policy)
	}
	if len(r.Cookies()) != 0 {
		t.Errorf("cookies %v", r.Cookies())
	}
}

func TestWithoutABuildItSaysHow(t *testing.T) {
	s := serve(t, fstest.MapFS{".gitignore": {Data: []byte("*")}})
	r, body := ask(t, s, "/ui/", nil)
	if r.StatusCode != http.StatusNotFound || !strings.Contains(body, "make build") {
		t.Errorf("status %d: %s", r.StatusCode, body)
	}
}

// The embedded folder is read whether or not there was a build.
func TestEmbedded(t *testing.T) {
	if _, err := web.New(); err != nil {
		t.Error(err)
	}
}

// Package web serves the dashboard: the files that web/ is built into, embedded
// in the program, under /ui/, and a redirect to it from /.
//
// It holds no figures: the pages ask the API for them. What a reader would get
// wrong: the program builds without the dashboard, whose files are not in version
// control. It then says at /ui/ how to build it.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var embedded embed.FS

// root is where the dashboard is.
const root = "/ui/"

// index is the page that every path of the dashboard begins with.
const index = "index.html"

// policy allows what the dashboard needs and nothing from elsewhere: it works on
// a network that reaches nothing else, and what an account is called cannot
// become a script.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Site is the dashboard's files in memory. It is safe for concurrent use.
type Site struct{ files map[string]*file }

// file is one file with its ready-made compressed forms.
type file struct {
	contentType string
	// hash is of the plain content.
	hash  string
	forms []form
}

// form is a content coding of a file; the plain one has an empty name.
type form struct {
	coding string
	body   []byte
}

// New returns the dashboard that was embedded when the program was built.
func New() (*Site, error) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	return Read(dist)
}

// Read returns the dashboard of a folder. Beside a file, NAME.br and NAME.gz are
// its compressed forms.
func Read(dist fs.FS) (*Site, error) {
	s := &Site{files: map[string]*file{}}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") || compressed(name) {
			return err
		}
		f, err := read(dist, name)
		s.files[name] = f
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	return s, nil
}

// codings are the content codings that a build makes, best first, with the
// endings of their files.
func codings() [][2]string { return [][2]string{{"br", ".br"}, {"gzip", ".gz"}} }

func compressed(name string) bool {
	for _, c := range codings() {
		if strings.HasSuffix(name, c[1]) {
			return true
		}
	}
	return false
}

func read(dist fs.FS, name string) (*file, error) {
	plain, err := fs.ReadFile(dist, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	f := &file{contentType: contentType(name), hash: hex.EncodeToString(sum[:12])}
	for _, c := range codings() {
		if body, err := fs.ReadFile(dist, name+c[1]); err == nil {
			f.forms = append(f.forms, form{c[0], body})
		}
	}
	f.forms = append(f.forms, form{"", plain})
	return f, nil
}

// contentType names the few types that a build makes, so that they do not depend
// on the tables of the machine.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

// Built reports whether there is a dashboard.
func (s *Site) Built() bool { return s.files[index] != nil }

// Register adds the routes of the dashboard.
func (s *Site) Register(mux *http.ServeMux) {
	// The redirects are relative: a proxy may serve all this under a path.
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { redirect(w, "ui/") })
	mux.HandleFunc("GET /ui", func(w http.ResponseWriter, _ *http.Request) { redirect(w, "ui/") })
	mux.Handle("GET "+root, s)
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

// ServeHTTP serves a file, or the page for what is not named like a file: pages
// are told apart in the browser.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if !s.Built() {
		notBuilt(w)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, root)
	if !strings.Contains(name, "/") && path.Ext(name) == "" {
		name = index
	}
	f, ok := s.files[name]
	if !ok {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	if strings.HasPrefix(name, "assets/") {
		// The name holds a hash of the content.
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	f.serve(w, r)
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	chosen := f.choose(r.Header.Get("Accept-Encoding"))
	tag := `"` + f.hash + `"`
	if chosen.coding != "" {
		tag = `"` + f.hash + "-" + chosen.coding + `"`
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if chosen.coding != "" {
		h.Set("Content-Encoding", chosen.coding)
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(chosen.body)))
	if r.Method != http.MethodHead {
		_, _ = bytes.NewReader(chosen.body).WriteTo(w) // the client has gone
	}
}

// choose returns the best form that a client accepts; the plain one is last and
// always there.
func (f *file) choose(accept string) form {
	for _, one := range f.forms[:len(f.forms)-1] {
		if accepts(accept, one.coding) {
			return one
		}
	}
	return f.forms[len(f.forms)-1]
}

// accepts reports whether an Accept-Encoding header names a coding, and not with
// a weight of zero.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		weight, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !ok || (err == nil && q > 0)
	}
	return false
}

// matches reports whether an If-None-Match header names a tag.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// notBuilt says how the dashboard gets into the program.
func notBuilt(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprint(w, `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dendro</title></head><body>
<h1>Dendro runs. Its dashboard was not built.</h1>
<p>This program was built without Node. With Node 20.19 or newer installed,
<code>make build</code> builds the dashboard into it; then start it again.</p>
<p>The figures are at <a href="../api/v1/query?by=facility,group">api/v1/query</a>, described in
<a href="../api/v1/openapi.json">api/v1/openapi.json</a>, and on the command line: <code>dendro query</code>.</p>
</body></html>
`)
}

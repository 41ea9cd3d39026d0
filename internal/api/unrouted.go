package api

import (
	"net/http"
	"strings"
)

// routed serves requests by their routes. One that has none is told so in the words of
// this API, or of whoever has the other paths: the mux itself would answer with plain
// text, which no client of either reads.
func (s *Server) routed() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := s.mux.Handler(r)
		if pattern != "" {
			s.mux.ServeHTTP(w, r)
			return
		}
		var outcome verdict
		handler.ServeHTTP(&outcome, r)
		switch {
		case outcome.status != http.StatusNotFound && outcome.status != http.StatusMethodNotAllowed: // a path that is not clean
			handler.ServeHTTP(w, r)
			return
		case outcome.status == http.StatusMethodNotAllowed:
			w.Header().Set("Allow", outcome.Header().Get("Allow"))
		}
		if s.Unrouted != nil && r.URL.Path != "/api" && !strings.HasPrefix(r.URL.Path, "/api/") {
			s.Unrouted(w, outcome.status)
			return
		}
		detail := r.URL.Path + " is no path of this server; /api/v1/openapi.json lists those of the API"
		if allow := outcome.Header().Get("Allow"); allow != "" {
			detail = r.URL.Path + " takes " + allow + ", not " + r.Method
		}
		writeProblem(w, outcome.status, http.StatusText(outcome.status), detail)
	})
}

// verdict is an answer of which the status and the headers alone are kept.
type verdict struct {
	header http.Header
	status int
}

// Header implements [http.ResponseWriter].
func (v *verdict) Header() http.Header {
	if v.header == nil {
		v.header = http.Header{}
	}
	return v.header
}

// WriteHeader implements [http.ResponseWriter].
func (v *verdict) WriteHeader(status int) { v.status = status }

func (v *verdict) Write(b []byte) (int, error) { return len(b), nil }

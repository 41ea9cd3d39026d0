package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/api"
)

// TestUnrouted holds that a path or a method that nobody has is answered in the words of
// the API, and outside of it in those of whoever has the other paths.
func TestUnrouted(t *testing.T) {
	t.Parallel()
	s := api.New(api.Deps{Unrouted: func(w http.ResponseWriter, status int) { http.Error(w, "of others", status) }})
	for _, c := range []struct {
		method, path string
		status       int
		kind, says   string
	}{
		{"GET", "/api/v1/querry", 404, "application/problem+json", "/api/v1/querry is no path of this server"},
		{"GET", "/api", 404, "application/problem+json", "no path"},
		{"DELETE", "/api/v1/query", 405, "application/problem+json", "/api/v1/query takes GET, HEAD, not DELETE"},
		{"GET", "/elsewhere", 404, "text/plain", "of others"},
		{"POST", "/healthz", 405, "text/plain", "of others"},
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), c.method, c.path, http.NoBody))
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %v %s", c.method, c.path, w.Code, w.Header(), w.Body)
		}
		if allow := w.Header().Get("Allow"); (allow == "") != (c.status == 404) {
			t.Errorf("%s %s: Allow %q", c.method, c.path, allow)
		}
		var problem struct {
			Status int
			Title  string
		}
		if c.kind != "text/plain" && (json.Unmarshal(w.Body.Bytes(), &problem) != nil || problem.Status != c.status || problem.Title != http.StatusText(c.status)) {
			t.Errorf("%s %s: %s is no problem", c.method, c.path, w.Body)
		}
	}
}

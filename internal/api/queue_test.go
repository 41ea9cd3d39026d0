package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// TestQueue holds that no more answers are made at a time than there are places:
// the next one waits for a place, and is sent away when that takes too long.
func TestQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queue{make(chan struct{}, 1), patience}
		release := make(chan struct{})
		slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
		ask := func(path string) (*httptest.ResponseRecorder, chan struct{}) {
			w, done := httptest.NewRecorder(), make(chan struct{})
			go func() {
				defer close(done)
				q.serve(slow, w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
			}()
			synctest.Wait()
			return w, done
		}
		_, first := ask("/api/v1/query")
		waits, second := ask("/api/v1/query")
		_, third := ask("/healthz") // takes no place
		time.Sleep(patience + time.Second)
		<-second
		if waits.Code != http.StatusServiceUnavailable || waits.Header().Get("Retry-After") != "10" {
			t.Errorf("status %d, Retry-After %q", waits.Code, waits.Header().Get("Retry-After"))
		}
		close(release)
		<-first
		<-third
		patient, fourth := ask("/api/v1/query")
		if <-fourth; patient.Code != http.StatusOK {
			t.Errorf("status %d where there is a place", patient.Code)
		}
	})
}

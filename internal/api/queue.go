package api

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"
)

// patience is how long a request waits for a place, and after which time it is
// worth to ask again.
const patience = 10 * time.Second

// queue bounds how many answers are made at a time: each may read the whole ledger
// and hold much of it in memory. The others wait, and are sent away when that takes
// long.
type queue struct {
	places   chan struct{}
	patience time.Duration
}

func newQueue() queue {
	return queue{make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0))), patience}
}

// unqueued are the paths that take no place: they look at little, or last as long as
// somebody listens, or have bounds of their own.
func unqueued(path string) bool {
	switch path {
	case "/healthz", "/readyz", "/metrics", "/api/v1/events", "/api/v1/backfill", "/api/v1/reconcile", "/api/v1/backup":
		return true
	}
	return strings.HasPrefix(path, "/ui/")
}

// serve answers when there is a place.
func (q queue) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	if unqueued(r.URL.Path) {
		next.ServeHTTP(w, r)
		return
	}
	timer := time.NewTimer(q.patience)
	defer timer.Stop()
	select {
	case q.places <- struct{}{}:
		defer func() { <-q.places }()
		next.ServeHTTP(w, r)
	case <-timer.C:
		w.Header().Set("Retry-After", fmt.Sprint(int(patience.Seconds())))
		writeProblem(w, http.StatusServiceUnavailable, "too many questions at once", "ask again a little later, or ask for less")
	case <-r.Context().Done():
	}
}

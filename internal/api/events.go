package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// heartbeat is how often a quiet stream says that it is still there: proxies
// close what says nothing.
const heartbeat = 20 * time.Second

// events streams what happens as server-sent events at /api/v1/events: closed,
// restated, open and trouble, each with its JSON.
func (s *Server) events() {
	s.mux.HandleFunc("GET /api/v1/events", func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if err := control.SetWriteDeadline(time.Time{}); err != nil {
			writeProblem(w, http.StatusInternalServerError, "events cannot be streamed here", err.Error())
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		events, end := s.Driver.Subscribe()
		defer end()
		fmt.Fprint(w, ": dendro\n\n")
		beat := time.NewTicker(heartbeat)
		defer beat.Stop()
		for control.Flush() == nil {
			select {
			case <-r.Context().Done():
				return
			case <-s.Stopping:
				return
			case <-beat.C:
				fmt.Fprint(w, ": still here\n\n")
			case e, ok := <-events:
				if !ok {
					return
				}
				data, err := json.Marshal(e)
				if err != nil {
					s.Log.ErrorContext(r.Context(), "event not encoded", "error", err)
					continue
				}
				fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.Kind, data)
			}
		}
	})
}

package facility

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// refusal is an error that the client is told, with its status: 422 for a parameter of
// the original that it would refuse too (missing, not a number, out of range), 400 for
// what is well-formed and makes no sense, 404 for what nobody knows.
type refusal struct {
	status int
	detail string
}

func (r *refusal) Error() string { return r.detail }

func unprocessable(format string, of ...any) error {
	return &refusal{http.StatusUnprocessableEntity, fmt.Sprintf(format, of...)}
}

func senseless(format string, of ...any) error {
	return &refusal{http.StatusBadRequest, fmt.Sprintf(format, of...)}
}

func unknown(format string, of ...any) error {
	return &refusal{http.StatusNotFound, fmt.Sprintf(format, of...)}
}

// refuse writes {"detail": …}. What the client cannot repair is in the log, under a
// number.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, detail := http.StatusInternalServerError, ""
	if known, ok := errors.AsType[*refusal](err); ok {
		status, detail = known.status, known.detail
	} else if errors.Is(err, query.ErrQuestion) || errors.Is(err, unit.ErrOverflow) {
		status, detail = http.StatusBadRequest, err.Error()
	} else {
		id := s.failed.Add(1)
		s.Log.ErrorContext(r.Context(), "request failed", "id", id, "error", err)
		detail = fmt.Sprintf("something is wrong on this side; the log has it under facility id %d", id)
	}
	writeDetail(w, status, detail)
}

// Unrouted answers requests to paths that no route takes, with 404 or 405 as status, in
// the words of the original.
func (s *Server) Unrouted(w http.ResponseWriter, status int) {
	writeDetail(w, status, http.StatusText(status))
}

func writeDetail(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Detail string `json:"detail"`
	}{detail}) // the client may have gone
}

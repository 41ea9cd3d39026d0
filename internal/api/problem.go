package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

var errDeadline = errors.New("the answer took too long; ask for a shorter time or a longer step")

// statuses is the one table from errors to statuses; the first that fits holds.
func statuses() []struct {
	err    error
	status int
} {
	return []struct {
		err    error
		status int
	}{
		{query.ErrQuestion, http.StatusBadRequest},
		{query.ErrNoFigure, http.StatusNotFound},
		{ledger.ErrNoFigure, http.StatusNotFound},
		{ledger.ErrForgotten, http.StatusGone},
		{ledger.ErrUnavailable, http.StatusServiceUnavailable},
		{intensity.ErrRegion, http.StatusNotFound},
		{shelf.ErrNotFound, http.StatusNotFound},
		{shelf.ErrNoOther, http.StatusNotFound},
		{errNotThere, http.StatusNotFound},
		{shelf.ErrFolder, http.StatusServiceUnavailable},
		{errNoInputs, http.StatusBadRequest},
		{errBusy, http.StatusConflict},
		{unit.ErrOverflow, http.StatusBadRequest},
		{errDeadline, http.StatusServiceUnavailable},
		{ledger.ErrClosed, http.StatusServiceUnavailable},
		{context.Canceled, 499}, // the client has gone
	}
}

// failures numbers the errors whose details stay in the log.
type failures struct{ last atomic.Int64 }

// problem turns an error into what the client is told: what it can repair in
// full, anything else by a number under which the log has it.
func (s *Server) problem(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(cause, errDeadline) {
		err = cause
	}
	for _, row := range statuses() {
		if errors.Is(err, row.err) {
			return huma.NewError(row.status, err.Error(), details(err)...)
		}
	}
	id := s.failed.last.Add(1)
	s.Log.ErrorContext(ctx, "request failed", "id", id, "error", err)
	return huma.NewError(http.StatusInternalServerError, fmt.Sprintf("something is wrong on this side; the log has it under id %d", id))
}

// details lists what is wrong one by one, with what to do.
func details(err error) []error {
	var list diag.List
	list.Add(err)
	var out []error
	for _, p := range list {
		if p.Hint != "" {
			out = append(out, &huma.ErrorDetail{Message: p.Text + "; try: " + p.Hint})
		}
	}
	return out
}

// writeProblem writes a problem where huma is not asked.
func writeProblem(w http.ResponseWriter, status int, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": title, "detail": detail})
}

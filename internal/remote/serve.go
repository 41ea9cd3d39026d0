package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/slots"
)

// Worker is what does the work that commands ask for.
type Worker interface {
	Backfill(ctx context.Context, span account.Span, progress func(slots.Progress)) (slots.Progress, error)
	Reconcile(ctx context.Context, span account.Span, report func(slots.Reconciliation) bool) error
}

// line is one line of an answer. The last one has Done or Error.
type line struct {
	Progress *progress             `json:"progress,omitempty"`
	Slot     *slots.Reconciliation `json:"slot,omitempty"`
	Error    string                `json:"error,omitempty"`
	Done     bool                  `json:"done,omitempty"`
}

type progress struct {
	Done  int `json:"done"`
	Total int `json:"total"`
	Gone  int `json:"gone"`
}

// tasks answers requests for long work, one at a time.
type tasks struct {
	Worker
	calendar account.Calendar
	place    chan struct{} // holds something while somebody is at work
}

// Register adds the routes for long work to a server: POST /api/v1/backfill and
// /api/v1/reconcile with the window as parameters. They answer line by line
// while they work, and end the work when the client goes away.
func Register(mux *http.ServeMux, w Worker, c account.Calendar) {
	t := &tasks{Worker: w, calendar: c, place: make(chan struct{}, 1)}
	mux.HandleFunc("POST /api/v1/backfill", t.task(t.backfill))
	mux.HandleFunc("POST /api/v1/reconcile", t.task(t.reconcile))
}

// job is one kind of work.
type job func(ctx context.Context, span account.Span, out *lines) error

// task reads the window, makes sure that nothing else goes on, and does a job.
func (t *tasks) task(work job) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		span, err := t.span(r.URL.Query())
		if err != nil {
			refuse(w, http.StatusBadRequest, err)
			return
		}
		if !t.begin(r.Context()) {
			refuse(w, http.StatusConflict, errors.New("the server is at work on such a request already; wait for its end, or break it off"))
			return
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		ctx, cancel := context.WithCancelCause(r.Context())
		defer cancel(nil)
		out := &lines{control: http.NewResponseController(w), encoder: json.NewEncoder(w), cancel: cancel}
		last := line{Done: true}
		if err := t.work(ctx, span, out, work); err != nil {
			last = line{Error: err.Error()}
		}
		out.write(last)
	}
}

// ending is how long work that was broken off may take to end.
const ending = 2 * time.Second

// begin waits a little for the place, and reports whether it is taken now.
func (t *tasks) begin(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, ending)
	defer cancel()
	select {
	case t.place <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// work works and leaves the place before the client is told of the end.
func (t *tasks) work(ctx context.Context, span account.Span, out *lines, do job) error {
	defer func() { <-t.place }()
	return do(ctx, span, out)
}

// span reads the window; other parameters are refused.
func (t *tasks) span(values url.Values) (account.Span, error) {
	asked, err := query.FromValues(values)
	if err != nil {
		return account.Span{}, err
	}
	if asked.Window == (query.Window{}) {
		return account.Span{}, fmt.Errorf("%w: no window is given: say from and to", query.ErrQuestion)
	}
	return asked.Span(t.calendar, time.Now())
}

// refuse writes a problem of RFC 9457.
func refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": err.Error()})
}

// often is how often progress is told.
const often = 200 * time.Millisecond

func (t *tasks) backfill(ctx context.Context, span account.Span, out *lines) error {
	var next time.Time
	tell := func(p slots.Progress) {
		out.write(line{Progress: &progress{p.Done, p.Total, p.Gone}})
		next = time.Now().Add(often)
	}
	end, err := t.Backfill(ctx, span, func(p slots.Progress) {
		if !time.Now().Before(next) {
			tell(p)
		}
	})
	tell(end)
	return err
}

func (t *tasks) reconcile(ctx context.Context, span account.Span, out *lines) error {
	return t.Reconcile(ctx, span, func(r slots.Reconciliation) bool {
		out.write(line{Slot: &r})
		return ctx.Err() == nil
	})
}

// lines writes an answer line by line.
type lines struct {
	control *http.ResponseController
	encoder *json.Encoder
	cancel  context.CancelCauseFunc
}

// patience is how long a client may take to read a line.
const patience = 30 * time.Second

// write writes one line at once. A client that does not read ends the work: what
// was done stays done.
func (l *lines) write(one line) {
	_ = l.control.SetWriteDeadline(time.Now().Add(patience)) // not every connection has one
	err := l.encoder.Encode(one)
	if err == nil {
		err = l.control.Flush()
	}
	if err != nil {
		l.cancel(err)
	}
}

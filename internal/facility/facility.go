// Package facility serves the ledger in the words and shapes of the Ada platform's
// carbon API, at its original paths, so that the clients of that API go on working.
//
// Every number is rounded by itself (kWh to five decimals, grams and seconds to two), so
// shown parts need not add up to the shown total; those of /api/v1 do. What is not known
// is null and a status, never 0. Each answer of figures says in its headers which time it
// is of, how much of it was seen, and whether it is simulated: bodies have no fields
// for it, because a strict client would refuse them.
//
// The fact that a reader would get wrong: nothing is computed here. Figures come from
// package query, the same as those of the command line and of /api/v1.
package facility

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/unit"
)

// Driver is what is asked of the slot driver.
type Driver interface {
	Status() slots.Status
	Forecast(region string) []account.Intensity
}

// Deps are what the API serves from.
type Deps struct {
	Store  ledger.Store
	Engine *query.Engine
	Driver Driver
	// Directories know people and workspaces; there may be none.
	Directories []directory.Register
	Log         *slog.Logger
	Settings    Settings
	// Names, if given, shows labels under other values, such as pseudonyms. The
	// engine's own figures are renamed by the engine.
	Names account.Renamer
	// Now tells the time; nil is time.Now.
	Now func() time.Time
}

// Settings are what is shown of the configuration, and what follows from it.
type Settings struct {
	Version string
	// Region is the place whose intensity is the current one.
	Region string
	// Project, Machine and Host are the labels that are called cloud_project_name,
	// machine_name and hostname here.
	Project, Machine, Host string
	// PrometheusURL and MongoDatabase are empty where there is none. They hold no
	// secrets.
	PrometheusURL, MongoDatabase string
	// Busy and Idle are the default powers of a processor.
	Busy, Idle unit.Power
	// Tags are those by which workspaces are marked.
	Tags []string
	// IdentityHeader is the header of a request in which a proxy names the user of
	// /users/me; empty has no such user.
	IdentityHeader string
	// Personal allows names and e-mail addresses in answers.
	Personal  bool
	Simulated bool
}

// Server is the API. It is safe for use by several goroutines.
type Server struct {
	Deps
	now    func() time.Time
	failed atomic.Int64
	seen   almanac
}

// New returns the API. Call [Server.Register] to serve it.
func New(d Deps) *Server {
	s := &Server{Deps: d, now: d.Now}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// Register adds the routes to a mux.
func (s *Server) Register(mux *http.ServeMux) {
	for _, r := range routes() {
		mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, request *http.Request) {
			s.serve(w, request, r.answer)
		})
		// The original's framework leads from /groups/ to /groups.
		mux.HandleFunc(r.method+" "+r.path+"/{$}", withoutSlash)
	}
	mux.HandleFunc("GET /openapi.json", s.describe)
	mux.HandleFunc("GET /docs", s.document)
	mux.HandleFunc("GET /redoc", s.document)
}

// withoutSlash leads to the same path without the slash at its end. The way there is
// relative, because a proxy may serve all this under a path.
func withoutSlash(w http.ResponseWriter, r *http.Request) {
	at := strings.TrimSuffix(r.URL.EscapedPath(), "/")
	to := "../" + at[strings.LastIndexByte(at, '/')+1:]
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// asked is a request that is being answered.
type asked struct {
	*http.Request
	header http.Header // of the answer
	values params
}

// serve answers a request with JSON.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, answer func(*Server, *asked) (any, error)) {
	values, err := newParams(r.URL.RawQuery)
	var body any
	if err == nil {
		body, err = answer(s, &asked{r, w.Header(), values})
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // the client has gone
}

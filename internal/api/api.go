// Package api serves the ledger over HTTP: figures, explanations, intensities
// and what happens, under /api/v1, and what an operator's tools ask for at
// /metrics, /healthz and /readyz.
//
// Its description (OpenAPI 3.1, at /api/v1/openapi.json) is made of the types
// that are served. Errors are problems of RFC 9457. What a reader would get
// wrong: the package computes nothing. Figures come from package query, the
// same as those of the command line.
package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/unit"
)

// Driver is what the API asks of the slot driver.
type Driver interface {
	Status() slots.Status
	Subscribe() (<-chan slots.Event, func())
	Forecast(region string) []account.Intensity
}

// Deps are what the API serves from.
type Deps struct {
	Store  ledger.Store
	Engine *query.Engine
	Driver Driver
	Log    *slog.Logger
	// Version is that of the program.
	Version string
	// Levels are the labels of the usual view, by which /metrics divides energy and
	// carbon, those of people left out: users, PIs and what Personal names besides.
	Levels, Personal []string
	// MaxNames is how many names of a level /metrics tells apart; 0 is 1000.
	MaxNames int
	// Features are what this server offers beyond accounts, such as disclosures.
	Features []string
	// Services tells how receiving spans is doing, nil if the server does not.
	Services func() *Services
	// Windows tells of archived windows, nil if there is no archive.
	Windows Windows
	// Disclosures is the folder of disclosures, nil for none. Inputs fold the inputs of
	// those from a source, archives or ledger, again.
	Disclosures *shelf.Shelf
	Inputs      map[string]Refold
	// Region is the place whose forecast is served when none is named.
	Region string
	// Simulated marks status and answers as not measured.
	Simulated bool
	// Tokens are who may ask; nil lets everybody.
	Tokens *Tokens
	// Stopping is closed when the server begins to stop: streams end then, which
	// would go on for ever. Nil never is.
	Stopping <-chan struct{}
	// Unrouted answers requests outside /api that no route takes, with status 404 or
	// 405; nil has them answered as those inside.
	Unrouted func(w http.ResponseWriter, status int)
}

// maxBody is the most bytes of a request's body. No request needs one now.
const maxBody = 1 << 20

// Server is the API. It is safe for use by several goroutines.
type Server struct {
	Deps
	mux    *http.ServeMux
	api    huma.API
	failed failures
	queue  queue
	// refolding holds something while the inputs of a disclosure are read.
	refolding chan struct{}
}

// New returns the API.
func New(d Deps) *Server {
	s := &Server{Deps: d, mux: http.NewServeMux(), queue: newQueue(), refolding: make(chan struct{}, 1)}
	config := huma.DefaultConfig("Dendro", d.Version)
	config.Info.Description = "Carbon accounts of computing: figures with their coverage, explained and restatable."
	config.OpenAPIPath = "/api/v1/openapi"
	config.DocsPath = ""    // huma's page loads from another host
	config.SchemasPath = "" // the description holds them all
	config.CreateHooks = nil
	config.Formats = map[string]huma.Format{"application/json": {Marshal: marshal, Unmarshal: json.Unmarshal}, "json": {Marshal: marshal, Unmarshal: json.Unmarshal}}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	for _, quantity := range []any{unit.Energy(0), unit.Mass(0), unit.Duration(0), unit.Intensity(0), unit.Ratio(0), unit.Power(0), unit.Joules(0)} {
		config.Components.Schemas.RegisterTypeAlias(reflect.TypeOf(quantity), reflect.TypeFor[float64]())
	}
	config.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[account.Labels](), reflect.TypeFor[map[string]string]())
	config.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[json.Number](), reflect.TypeFor[float64]())
	s.api = humago.New(s.mux, config)
	s.api.UseMiddleware(s.onlyKnown)
	s.figures()
	s.labels()
	s.intensities()
	s.equivalencies()
	s.disclosures()
	s.services()
	s.state()
	s.events()
	s.operations()
	s.describeWork()
	return s
}

// Mux returns where routes are registered, for those that are not the API's own.
func (s *Server) Mux() *http.ServeMux { return s.mux }

// Handler returns the API with what guards it: tokens, limits, no requests from
// other sites' pages, and headers that keep answers what they are.
func (s *Server) Handler() http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(s.routed())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if !s.Tokens.allow(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeProblem(w, http.StatusUnauthorized, "a token is needed", s.Tokens.missing(r))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		s.queue.serve(guarded, w, r)
	})
}

// OpenAPI returns the description as JSON.
func (s *Server) OpenAPI() ([]byte, error) { return json.MarshalIndent(s.api.OpenAPI(), "", "  ") }

// marshal writes answers by their own writer, which is many times faster than
// reflection for the series of many nodes.
func marshal(w io.Writer, v any) error {
	if a, ok := v.(*query.Answer); ok {
		return a.WriteJSON(w)
	}
	return json.NewEncoder(w).Encode(v)
}

// schemaName names the schema of a type by its package too: two packages may
// have types of one name.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if pkg := path.Base(t.PkgPath()); t.Name() != "" && pkg != "." && pkg != "api" {
		return strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	return name
}

// get describes a GET operation.
func get(id, at, summary, description string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: "/api/v1/" + at, Summary: summary, Description: description}
}

// deadline is how long an answer may take.
const deadline = 60 * time.Second

func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, deadline, errDeadline)
}

package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// describeWork describes the routes for long work, which package remote serves: they
// answer line by line, which the library that describes the others does not know.
func (s *Server) describeWork() {
	one := func(id, summary, description, example string) {
		text := &huma.Schema{Type: huma.TypeString}
		var window []*huma.Param
		for _, p := range [][2]string{
			{"from", "First date, or instant, of the window"},
			{"to", "Last date (inclusive), or end (an instant, exclusive)"},
			{"month", "A month instead, such as 2026-01"},
			{"quarter", "A quarter instead, such as 2026-Q1"},
		} {
			window = append(window, &huma.Param{Name: p[0], In: "query", Description: p[1], Schema: text})
		}
		s.api.OpenAPI().AddOperation(&huma.Operation{
			OperationID: id, Method: http.MethodPost, Path: "/api/v1/" + id, Summary: summary, Description: description, Parameters: window,
			Responses: map[string]*huma.Response{
				"200": {Description: "Lines of JSON", Content: map[string]*huma.MediaType{
					"application/x-ndjson": {Schema: text, Example: example},
				}},
				"400": problem("The window is not valid"), "401": problem("A token of scope admin is needed"),
				"409": problem("The server is at such work already"),
			},
		})
	}
	const lines = " Each line is a JSON object, and the last one has `done` or `error`. The work ends when the client goes away; what is done stays done."
	one("backfill", "Close the slots of the past that the ledger does not have", "Lines have `progress`: how many slots are `done` of the `total`, "+
		"and of how many the source keeps nothing (`gone`)."+lines, "{\"progress\":{\"done\":8,\"total\":8,\"gone\":0}}\n{\"done\":true}\n")
	s.describePins()
	one("reconcile", "Compare closed slots with their source, read again", "Lines have `slot`: the totals of the ledger and of the source, and the hosts "+
		"that differ. Nothing is changed."+lines, "{\"done\":true}\n")
	s.describeBackup()
}

// problem describes an answer that is an error.
func problem(means string) *huma.Response {
	return &huma.Response{Description: means, Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/V2ErrorModel"}},
	}}
}

func (s *Server) describeBackup() {
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "backup", Method: http.MethodPost, Path: "/api/v1/backup", Summary: "The ledger as it is now, as a file",
		Description: "The file is a ledger in SQLite, whatever the store: `dendro restore` makes a ledger of it. The answer begins when it is written, " +
			"which takes as long as reading the ledger; the server goes on meanwhile.",
		Responses: map[string]*huma.Response{
			"200": {
				Description: "The file",
				Headers: map[string]*huma.Param{"Repr-Digest": {
					Description: "Its SHA-256 (RFC 9530)", Schema: &huma.Schema{Type: huma.TypeString}, Example: "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
				}},
				Content: map[string]*huma.MediaType{"application/vnd.sqlite3": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
			},
			"401": problem("A token of scope admin is needed"), "409": problem("The server is making a backup already"),
			"501": problem("The ledger is in the memory of the server"), "503": problem("The backup cannot be made, and why"),
		},
	})
}

// describePins describes how a disclosure has the facts of its period kept.
func (s *Server) describePins() {
	text := &huma.Schema{Type: huma.TypeString}
	var parameters []*huma.Param
	for _, p := range [][2]string{
		{"name", "What refers to the span, such as sha256:HASH of a disclosure; a name has one span"},
		{"from", "Begin of the span, an instant"},
		{"to", "End of the span, an instant, exclusive"},
	} {
		parameters = append(parameters, &huma.Param{Name: p[0], In: "query", Description: p[1], Required: true, Schema: text})
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "pin", Method: http.MethodPost, Path: "/api/v1/pins", Summary: "Keep the facts of a span for good",
		Description: "What dendro disclose asks of the server that runs on a ledger, so that the figures can be worked out again. It is idempotent.", Parameters: parameters,
		Responses: map[string]*huma.Response{
			"200": {Description: "The span is pinned"}, "400": {Description: "The name has another span, or one of the three is not valid"},
			"401": {Description: "A token of scope admin is needed"},
		},
	})
}

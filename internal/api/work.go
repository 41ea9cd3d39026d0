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
		problem := func(means string) *huma.Response {
			return &huma.Response{Description: means, Content: map[string]*huma.MediaType{
				"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/V2ErrorModel"}},
			}}
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
	one("reconcile", "Compare closed slots with their source, read again", "Lines have `slot`: the totals of the ledger and of the source, and the hosts "+
		"that differ. Nothing is changed."+lines, "{\"done\":true}\n")
}

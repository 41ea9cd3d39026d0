package facility

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

// route is one path of the API.
type route struct {
	method, path, summary string
	// parameters are those of the query with what they mean, and body those of the
	// JSON object that is sent.
	parameters, body []parameter
	answer           func(*Server, *asked) (any, error)
}

type parameter struct {
	name, kind string // string, number or integer
	required   bool
	means      string
}

func window() []parameter {
	return []parameter{
		{"from", "string", false, "First date, or instant, of the time asked for; without it, the last closed hour"},
		{"to", "string", false, "Last date (inclusive), or end (an instant, exclusive)"},
		policy(),
	}
}

func policy() parameter {
	return parameter{"policy", "string", false, "The policy by which wholes are divided, by name; by default the ledger's own"}
}

func placed(more ...parameter) []parameter {
	return append([]parameter{
		{"cloud_project_name", "string", false, "Keeps one project"}, {"machine_name", "string", false, "Keeps one type of machine"},
	}, more...)
}

func scoped(more ...parameter) []parameter {
	return placed(append([]parameter{
		{"group", "string", false, "Keeps one group"},
		{"username", "string", false, "Keeps one user"},
		{"experiment", "string", false, "Keeps one experiment"},
		policy(),
	}, more...)...)
}

func used() []parameter {
	return []parameter{
		{"busy_cpu_seconds", "number", true, "Busy processor time"},
		{"idle_cpu_seconds", "number", true, "Idle processor time"},
		{"busy_power_w", "number", false, "Power of a busy processor"},
		{"idle_power_w", "number", false, "Power of an idle processor"},
	}
}

// routes is the table of the API.
func routes() []route {
	return []route{
		{method: "GET", path: "/groups", summary: "Groups seen in the last 90 days", answer: (*Server).groups},
		{method: "GET", path: "/groups/{name}/usage", summary: "Use of a group", parameters: placed(window()...), answer: usage((*Server).group)},
		{method: "GET", path: "/groups/{name}/summary", summary: "Sum of a group", parameters: placed(window()...), answer: total((*Server).group)},
		{method: "GET", path: "/experiments", summary: "Experiments seen in the last 90 days", answer: (*Server).experiments},
		{method: "GET", path: "/experiments/{name}/usage", summary: "Use of an experiment", parameters: window(), answer: usage((*Server).experiment)},
		{method: "GET", path: "/experiments/{name}/summary", summary: "Sum of an experiment", parameters: window(), answer: total((*Server).experiment)},
		{method: "GET", path: "/users/me/usage", summary: "Workspaces of who asks", parameters: window(), answer: (*Server).userUsage},
		{method: "GET", path: "/users/me/summary", summary: "Sum of who asks", parameters: window(), answer: (*Server).userSummary},
		{method: "GET", path: "/users/{username}/usage", summary: "Workspaces of a user", parameters: window(), answer: (*Server).userUsage},
		{method: "GET", path: "/users/{username}/summary", summary: "Sum of a user", parameters: window(), answer: (*Server).userSummary},
		{method: "GET", path: "/workspaces/active", summary: "Workspaces that exist now", answer: (*Server).activeWorkspaces},
		{method: "GET", path: "/workspaces/summary", summary: "Sum of all workspaces", parameters: placed(window()...), answer: (*Server).workspaceSummary},
		{method: "GET", path: "/workspaces/{id}", summary: "Use of a workspace", parameters: window(), answer: (*Server).workspaceUsage},
		{method: "POST", path: "/workspaces/track", summary: "Use of all workspaces of a project in an hour", body: []parameter{
			{"cloud_project_name", "string", true, "The project"},
			{"machine_name", "string", false, "Keeps one type of machine"},
			{"timestamp", "string", false, "End of the hour; without it, the last closed hour"},
		}, answer: (*Server).track},
		{method: "GET", path: "/carbon/intensity/current", summary: "Carbon intensity of now", answer: (*Server).currentIntensity},
		{method: "GET", path: "/carbon/intensity/forecast", summary: "Forecast of the carbon intensity", parameters: []parameter{
			{"hours", "integer", false, "How far ahead, from 1 to 48; 24 by default"},
		}, answer: (*Server).forecast},
		{method: "POST", path: "/carbon/calculate", summary: "Energy and carbon of processor time", body: append(used(),
			parameter{"carbon_intensity_g_per_kwh", "number", false, "Without it, that of now"}), answer: (*Server).calculate},
		{method: "GET", path: "/carbon/equivalencies/{gco2eq}", summary: "What a mass of carbon compares with", parameters: []parameter{
			{"count", "integer", false, "How many, from 1 to 15; 5 by default"},
		}, answer: (*Server).equivalent},
		{method: "POST", path: "/carbon/equivalencies", summary: "What a mass of carbon compares with", body: []parameter{
			{"gco2eq", "number", true, "The mass in grams"}, {"count", "integer", false, "How many, from 1 to 15; 5 by default"},
		}, answer: (*Server).equivalents},
		{method: "GET", path: "/carbon/electricity/estimate", summary: "Energy of processor time", parameters: used(), answer: (*Server).estimate},
		{method: "GET", path: "/carbon/history", summary: "Energy or carbon of a day by hour, a month by day, a year by month", parameters: scoped(
			parameter{"view", "string", true, "day, month or year"}, parameter{"data_type", "string", true, "carbon or electricity"},
			parameter{"date", "string", false, "The day, YYYY-MM-DD; today by default"}, parameter{"month", "string", false, "The month, YYYY-MM"},
			parameter{"year", "integer", false, "The year"},
		), answer: (*Server).history},
		{method: "GET", path: "/carbon/heatmap", summary: "Carbon of each day of a year", parameters: scoped(
			parameter{"year", "integer", false, "The year; this one by default"},
		), answer: (*Server).heatmap},
		{method: "GET", path: "/health", summary: "Which parts work", answer: (*Server).health},
		{method: "GET", path: "/config", summary: "What is configured, without secrets", answer: (*Server).configuration},
	}
}

// describe writes the description of the API (OpenAPI 3.1), made of the table.
func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	paths := map[string]map[string]any{}
	for _, r := range routes() {
		if paths[r.path] == nil {
			paths[r.path] = map[string]any{}
		}
		paths[r.path][strings.ToLower(r.method)] = r.operation()
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"openapi": "3.1.0", "paths": paths,
		"info": map[string]string{"title": "Dendro: facility-compatible API", "version": s.Settings.Version},
	})
}

// operation describes a route.
func (r route) operation() map[string]any {
	list := []map[string]any{}
	for _, part := range strings.Split(r.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			list = append(list, map[string]any{
				"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true, "schema": map[string]string{"type": "string"},
			})
		}
	}
	for _, p := range r.parameters {
		list = append(list, map[string]any{
			"name": p.name, "in": "query", "required": p.required, "description": p.means, "schema": map[string]string{"type": p.kind},
		})
	}
	failed := map[string]any{
		"description": "What is wrong",
		"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{
			"type": "object", "required": []string{"detail"}, "properties": map[string]any{"detail": map[string]string{"type": "string"}},
		}}},
	}
	out := map[string]any{
		"summary": r.summary, "parameters": list,
		"responses": map[string]any{
			"200": map[string]any{"description": r.summary, "content": map[string]any{"application/json": map[string]any{}}},
			"400": failed, "404": failed, "422": failed, "500": failed,
		},
	}
	if len(r.body) > 0 {
		properties, required := map[string]any{}, []string{}
		for _, p := range r.body {
			properties[p.name] = map[string]string{"type": p.kind, "description": p.means}
			if p.required {
				required = append(required, p.name)
			}
		}
		out["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{
			"schema": map[string]any{"type": "object", "properties": properties, "required": required},
		}}}
	}
	return out
}

const page = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Facility-compatible API</title></head><body>
<h1>Facility-compatible API</h1>
<p>Its description for programs (OpenAPI 3.1): <a href="openapi.json">openapi.json</a>. The whole API is under /api/v1/.</p>
{{range .}}<h2><code>{{.Method}} {{.Path}}</code></h2><p>{{.Summary}}</p>
<ul>{{range .Parameters}}<li><code>{{.Name}}</code> {{.Kind}}{{if .Required}}, required{{end}}: {{.Means}}</li>{{end}}</ul>
{{end}}</body></html>
`

// shownRoute and shownParameter are what the page shows.
type shownRoute struct {
	Method, Path, Summary string
	Parameters            []shownParameter
}

type shownParameter struct {
	Name, Kind string
	Required   bool
	Means      string
}

// document writes the description for people, which loads nothing from elsewhere.
func (s *Server) document(w http.ResponseWriter, r *http.Request) {
	list := make([]shownRoute, 0, len(routes()))
	for _, one := range routes() {
		shown := shownRoute{Method: one.method, Path: one.path, Summary: one.summary}
		for _, p := range append(append([]parameter{}, one.parameters...), one.body...) {
			shown.Parameters = append(shown.Parameters, shownParameter{p.name, p.kind, p.required, p.means})
		}
		list = append(list, shown)
	}
	compiled, err := template.New("page").Parse(page)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = compiled.Execute(w, list) // the client has gone
}

// Package emapstest is a local server that speaks the JSON of the API of Electricity
// Maps, versions 3 and 4, with its quirks: nulls, estimates that become actuals, rows
// that are given twice, fields that only newer replies have, errors in two forms, and
// limits of plans and rates.
//
// Values follow a formula ([Intensity]), so a test works out what it must get.
package emapstest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Token is the key that the server accepts.
const Token = "t0ken"

// Quirks are documented or observed ways to answer.
type Quirks struct {
	// Newer adds the fields that newer replies have.
	Newer bool
	// EndExclusive leaves the end of a range out.
	EndExclusive bool
	// Doubled gives each row a second time, older and 5 lower.
	Doubled bool
	// Null has no value for these times.
	Null map[time.Time]bool
	// WrongZone answers for the zone of who asks.
	WrongZone bool
	// Free has neither forecast nor past-range.
	Free bool
}

// Server is a running server.
type Server struct {
	// URL is its base, with the version.
	URL string

	mu       sync.Mutex
	quirks   Quirks
	limited  int
	body     string
	requests []string
}

// Start starts a server, which ends with the test.
func Start(t testing.TB, q Quirks) *Server {
	t.Helper()
	s := &Server{quirks: q}
	mux := http.NewServeMux()
	for _, path := range []string{"latest", "history", "past-range", "forecast"} {
		mux.HandleFunc("GET /v3/carbon-intensity/"+path, s.answer)
		mux.HandleFunc("GET /v4/carbon-intensity/"+path, s.answer)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/v3"
	return s
}

// Limit has the server refuse the next requests because there were too many.
func (s *Server) Limit(requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limited = requests
}

// Say has the server answer with a body, whatever it is asked.
func (s *Server) Say(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body = body
}

// Requests returns the path and query of all requests.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// Intensity returns the value of a time in gCO2e/kWh. Direct factors are a third lower.
func Intensity(at time.Time, direct bool) int {
	v := 200 + int(at.Unix()/300%97)
	if direct {
		v = v * 2 / 3
	}
	return v
}

// Estimated reports whether a time's value is an estimate still: the last 20 hours.
func Estimated(at, now time.Time) bool { return at.After(now.Add(-20 * time.Hour)) }

// zones are those that the server has.
func zones() []string { return []string{"DE", "US-CAL-CISO"} }

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, strings.TrimPrefix(r.URL.RequestURI(), "/"))
	fail := func(status int, key, text string) {
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]string{key: text})
	}
	path := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	known := strings.Contains(" "+strings.Join(zones(), " ")+" ", " "+r.FormValue("zone")+" ")
	switch {
	case r.Header.Get("auth-token") != Token:
		fail(http.StatusUnauthorized, "error", "Invalid auth-token")
	case s.limited > 0:
		s.limited--
		w.Header().Set("Retry-After", "0")
		fail(http.StatusTooManyRequests, "message", "API rate limit exceeded")
	case s.body != "":
		w.Write([]byte(s.body))
	case !known:
		fail(http.StatusNotFound, "message", "Zone '"+r.FormValue("zone")+"' does not exist.")
	case s.quirks.Free && (path == "forecast" || path == "past-range"):
		fail(http.StatusForbidden, "error", "Your plan does not include this endpoint")
	default:
		s.give(w, r, path)
	}
}

// give answers a request that is valid.
func (s *Server) give(w http.ResponseWriter, r *http.Request, path string) {
	step := map[string]time.Duration{"": time.Hour, "hourly": time.Hour, "15_minutes": 15 * time.Minute, "5_minutes": 5 * time.Minute}[r.FormValue("temporalGranularity")]
	now := time.Now().UTC()
	present := now.Truncate(step)
	zone := r.FormValue("zone")
	if s.quirks.WrongZone {
		zone = "FR"
	}
	body := map[string]any{"zone": zone}
	switch path {
	case "latest":
		body = s.row(r, zone, present, now)
	case "history":
		body["history"] = s.rows(r, zone, step, present.Add(-24*time.Hour+step), present.Add(step))
	case "forecast":
		var rows []map[string]any
		for at := present; at.Before(present.Add(24 * time.Hour)); at = at.Add(step) {
			rows = append(rows, map[string]any{"carbonIntensity": Intensity(at, r.FormValue("emissionFactorType") == "direct") + 1, "datetime": at.Format("2006-01-02T15:04:05.000Z")})
		}
		body["forecast"], body["updatedAt"] = rows, now
	case "past-range":
		from, err1 := time.Parse(time.RFC3339, r.FormValue("start"))
		to, err2 := time.Parse(time.RFC3339, r.FormValue("end"))
		if err1 != nil || err2 != nil || to.Sub(from) > 10*24*time.Hour || to.After(present.Add(step)) {
			w.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(w).Encode(map[string]string{"error": "range is not valid"})
			return
		}
		if !s.quirks.EndExclusive {
			to = to.Add(time.Second)
		}
		if to.After(now) {
			to = now
		}
		body["data"] = s.rows(r, zone, step, from, to)
	}
	json.NewEncoder(w).Encode(body)
}

// rows returns the rows of a time, half-open.
func (s *Server) rows(r *http.Request, zone string, step time.Duration, from, to time.Time) []map[string]any {
	out := []map[string]any{}
	now := time.Now().UTC()
	for at := from; at.Before(to); at = at.Add(step) {
		row := s.row(r, zone, at, now)
		out = append(out, row)
		if v, ok := row["carbonIntensity"].(int); ok && s.quirks.Doubled {
			old := s.row(r, zone, at, now)
			old["carbonIntensity"], old["updatedAt"] = v-5, at.Add(time.Minute)
			out = append(out, old)
		}
	}
	return out
}

func (s *Server) row(r *http.Request, zone string, at, now time.Time) map[string]any {
	direct := r.FormValue("emissionFactorType") == "direct"
	row := map[string]any{
		"zone": zone, "carbonIntensity": Intensity(at, direct), "datetime": at.UTC().Format("2006-01-02T15:04:05.000Z"),
		"updatedAt": at.Add(18 * time.Hour), "createdAt": at.Add(-72 * time.Hour),
		"emissionFactorType": "lifecycle", "isEstimated": Estimated(at, now), "estimationMethod": nil,
	}
	if direct {
		row["emissionFactorType"] = "direct"
	}
	if Estimated(at, now) {
		row["estimationMethod"] = "TIME_SLICER_AVERAGE"
	}
	if s.quirks.Null[at] {
		row["carbonIntensity"] = nil
	}
	if s.quirks.Newer {
		row["flowTraced"] = true
		row["temporalGranularity"] = "hourly"
		if g := r.FormValue("temporalGranularity"); g != "" {
			row["temporalGranularity"] = g
		}
	}
	return row
}

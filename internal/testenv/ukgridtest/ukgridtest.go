// Package ukgridtest is a local server that speaks the JSON of the UK Carbon
// Intensity API with its quirks: times without seconds, ranges that begin with
// the half-hour before them, null actuals, two shapes of regions, errors in
// bodies. It can fail in many ways, see [Fault].
//
// The paths are those of /intensity and /regional/intensity with a range or
// fw24h/fw48h, and regionid or postcode for regions. Values follow a formula
// ([Forecast], [Actual]), so a test works out what it must get.
package ukgridtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// HalfHour is the length of all values.
const HalfHour = 30 * time.Minute

const layout = "2006-01-02T15:04Z"

// Begin is the first half-hour of which the server knows anything.
func Begin() time.Time { return time.Date(2018, 5, 10, 23, 30, 0, 0, time.UTC) }

// Quirks are odd but documented or observed ways to answer.
type Quirks struct {
	// ByEnd leaves out the last half-hour of a range, too: half-hours are chosen by
	// their ends.
	ByEnd bool
	// Array gives a single region as an array, as the documentation prints it.
	Array bool
	// Doubled gives every tenth half-hour twice, the second time with an actual
	// that is 5 lower.
	Doubled bool
	// Shuffled gives half-hours in no order.
	Shuffled bool
	// Lost gives no actual for these half-hours, and no value at all for those that
	// are mapped to true.
	Lost map[time.Time]bool
}

// Server is a running server.
type Server struct {
	// URL is its base.
	URL string

	mu       sync.Mutex
	now      func() time.Time
	delay    time.Duration
	quirks   Quirks
	faults   []Fault
	always   Fault
	requests []*http.Request
	actuals  map[time.Time]int
	stop     chan struct{}
}

// Start starts a server that stops with the test. Its clock is the machine's.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{now: time.Now, delay: HalfHour, actuals: map[time.Time]int{}, stop: make(chan struct{})}
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = h.URL
	t.Cleanup(func() {
		close(s.stop) // lets go of requests that hang
		h.Close()
	})
	return s
}

// SetNow sets the server's clock: actuals are known until then and forecasts for 48
// hours after.
func (s *Server) SetNow(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = func() time.Time { return t }
}

// SetDelay sets how long after the end of a half-hour its actual is known, 30
// minutes at first.
func (s *Server) SetDelay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// SetActual sets the actual of a half-hour, as when the API corrects one.
func (s *Server) SetActual(from time.Time, gPerKWh int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actuals[from.UTC()] = gPerKWh
}

// SetQuirks sets how the server answers.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}

// Fail lets the next requests fail, one after another; after them the server
// answers.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults
}

// FailAlways lets all requests fail, until it is called with nil.
func (s *Server) FailAlways(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = f
}

// Requests returns the requests that came, without their bodies.
func (s *Server) Requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.requests...)
}

// Forecast returns the forecast for a half-hour, in g/kWh, of a region by its number;
// 0 is the nation.
func Forecast(region int, from time.Time) int {
	slot := from.Unix() / int64(HalfHour/time.Second)
	day := slot % 48
	return 120 + 11*region + int(2*min(day, 48-day)) + int(slot*7919%31)
}

// Actual returns the nation's actual for a half-hour unless SetActual has set
// another one. Every 50th is a true zero.
func Actual(from time.Time) int {
	slot := from.Unix() / int64(HalfHour/time.Second)
	if slot%50 == 0 {
		return 0
	}
	return Forecast(0, from) + int(slot%9) - 4
}

// serve answers one request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	fault := s.always
	if fault == nil && len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	s.mu.Unlock()
	if fault == nil {
		s.answer(w, r)
		return
	}
	fault(s, w, r)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	q, err := s.parse(strings.Split(strings.Trim(r.URL.Path, "/"), "/"))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, map[string]any{"error": map[string]string{"code": "400 Bad Request", "message": err.Error()}})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	halfHours := s.halfHours(q)
	if q.region == 0 && q.postcode == "" {
		writeJSON(w, map[string]any{"data": halfHours})
		return
	}
	one := map[string]any{"regionid": q.number(), "dnoregion": "WPD", "shortname": "Somewhere", "data": halfHours}
	if q.postcode != "" {
		one["postcode"] = q.postcode
	}
	if s.quirks.Array {
		writeJSON(w, map[string]any{"data": []any{one}})
		return
	}
	writeJSON(w, map[string]any{"data": one})
}

func writeJSON(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

// query is what a path asks for.
type query struct {
	from, to time.Time
	region   int
	postcode string
}

// number returns the region: RG and OX postcodes are in South England, all others in
// London.
func (q query) number() int {
	switch {
	case q.region != 0:
		return q.region
	case strings.HasPrefix(q.postcode, "RG"), strings.HasPrefix(q.postcode, "OX"):
		return 12
	}
	return 13
}

// parse reads a path.
func (s *Server) parse(path []string) (query, error) {
	var q query
	regional := path[0] == "regional"
	if regional {
		path = path[1:]
	}
	if len(path) < 3 || path[0] != "intensity" || regional != (len(path) == 5) {
		return q, fmt.Errorf("no such path")
	}
	var err error
	if q.from, err = time.Parse(layout, path[1]); err != nil {
		return q, fmt.Errorf("please enter a valid from datetime in ISO8601 format YYYY-MM-DDThh:mmZ")
	}
	switch path[2] {
	case "fw24h":
		q.to = q.from.Add(24 * time.Hour)
	case "fw48h":
		q.to = q.from.Add(48 * time.Hour)
	default:
		if q.to, err = time.Parse(layout, path[2]); err != nil {
			return q, fmt.Errorf("please enter a valid to datetime in ISO8601 format YYYY-MM-DDThh:mmZ")
		}
	}
	if q.to.Sub(q.from) > 14*24*time.Hour || q.to.Before(q.from) {
		return q, fmt.Errorf("the date range must be positive and at most 14 days")
	}
	if !regional {
		return q, nil
	}
	if path[3] == "postcode" {
		q.postcode = path[4]
		if strings.HasPrefix(q.postcode, "ZZ") {
			return q, fmt.Errorf("please enter a valid postcode")
		}
		return q, nil
	}
	if q.region, err = strconv.Atoi(path[4]); err != nil || path[3] != "regionid" || q.region < 1 || q.region > 17 {
		return q, fmt.Errorf("please enter a valid region id")
	}
	return q, nil
}

// halfHour is a record of a reply.
type halfHour struct {
	From      string         `json:"from"`
	To        string         `json:"to"`
	Intensity map[string]any `json:"intensity"`
	Mix       []mix          `json:"generationmix,omitempty"`
}

type mix struct {
	Fuel string  `json:"fuel"`
	Perc float64 `json:"perc"`
}

// halfHours returns those of a query: every one that ends at from or later and
// begins before to.
func (s *Server) halfHours(q query) []halfHour {
	out := []halfHour{}
	last := q.to
	if s.quirks.ByEnd {
		last = q.to.Add(-HalfHour)
	}
	for t := q.from.Truncate(HalfHour).Add(-HalfHour); t.Before(last); t = t.Add(HalfHour) {
		if t.Before(Begin()) || !t.Before(s.now().Add(48*time.Hour)) {
			continue
		}
		h, ok := s.halfHour(q, t)
		if !ok {
			continue
		}
		out = append(out, h)
		if actual, ok := h.Intensity["actual"].(int); ok && s.quirks.Doubled && len(out)%10 == 0 {
			again := h
			again.Intensity = map[string]any{"forecast": h.Intensity["forecast"], "actual": max(0, actual-5), "index": "low"}
			out = append(out, again)
		}
	}
	if s.quirks.Shuffled {
		rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

func (s *Server) halfHour(q query, t time.Time) (halfHour, bool) {
	h := halfHour{From: t.Format(layout), To: t.Add(HalfHour).Format(layout)}
	gone, lost := s.quirks.Lost[t]
	regional := q.region != 0 || q.postcode != ""
	if regional {
		h.Intensity = map[string]any{"forecast": Forecast(q.number(), t), "index": "moderate"}
		h.Mix = []mix{{"biomass", 6.1}, {"coal", 0}, {"gas", 43.6}, {"nuclear", 18.2}, {"wind", 32.1}}
		return h, !gone
	}
	h.Intensity = map[string]any{"forecast": Forecast(0, t), "actual": nil, "index": "moderate"}
	if !lost && !t.Add(HalfHour+s.delay).After(s.now()) {
		h.Intensity["actual"] = Actual(t)
		if v, ok := s.actuals[t]; ok {
			h.Intensity["actual"] = v
		}
	}
	if gone {
		h.Intensity["forecast"] = nil
	}
	return h, true
}

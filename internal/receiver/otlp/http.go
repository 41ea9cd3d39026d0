package otlp

import (
	"context"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"time"
)

// Bounds of the HTTP server, beside those of the configuration.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	answerTime    = 5 * time.Second // for the answer of a request whose time is up
)

// newHTTP returns the HTTP server.
func (s *Server) newHTTP() *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", s.traces)
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       s.config.Timeout,
		WriteTimeout:      s.config.Timeout + answerTime,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// traces works on one request.
func (s *Server) traces(w http.ResponseWriter, r *http.Request) {
	s.counters.requests.Add(1)
	ctx, end := context.WithTimeout(r.Context(), s.config.Timeout)
	defer end()
	form, ok := formatOf(r.Header.Get("Content-Type"))
	if !ok {
		s.counters.malformed.Add(1)
		http.Error(w, "want application/x-protobuf or application/json", http.StatusUnsupportedMediaType)
		return
	}
	if !s.allowed(r.Header.Get("Authorization")) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		httpFault(w, form, &fault{kind: unauthorized, text: noToken})
		return
	}
	done, f := s.turn(ctx)
	if f != nil {
		httpFault(w, form, f)
		return
	}
	defer done()
	d := s.desks.Get().(*desk)
	defer s.leave(d)
	limit := s.config.MaxRequest
	var err error
	if d.body, err = d.inflate.read(http.MaxBytesReader(w, r.Body, int64(limit)), r, d.body, limit); err != nil {
		httpFault(w, form, s.unreadableBody(err))
		return
	}
	rejected, f := s.take(ctx, d, d.body, form)
	switch {
	case f != nil:
		httpFault(w, form, f)
	case form == jsonText:
		answer(w, form, http.StatusOK, responseJSON(rejected))
	default:
		answer(w, form, http.StatusOK, appendResponse(nil, rejected))
	}
}

// formatOf returns the format that a content type names.
func formatOf(contentType string) (format, bool) {
	switch contentType { // as senders write it
	case "application/x-protobuf":
		return protobuf, true
	case "application/json":
		return jsonText, true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || kind == contentType {
		return protobuf, false
	}
	return formatOf(kind)
}

// unreadableBody counts a request that could not be read, and says why.
func (s *Server) unreadableBody(err error) *fault {
	switch {
	case errors.Is(err, errTooLarge):
		s.counters.tooLarge.Add(1)
		return &fault{kind: tooLarge, text: errTooLarge.Error()}
	case errors.Is(err, errEncoding):
		s.counters.malformed.Add(1)
		return &fault{kind: malformed, text: err.Error()}
	}
	s.counters.failed.Add(1)
	return &fault{kind: unavailable, text: "the request broke off: " + err.Error()}
}

// httpFault answers with a fault in the words of HTTP.
func httpFault(w http.ResponseWriter, form format, f *fault) {
	code := http.StatusServiceUnavailable
	switch f.kind {
	case malformed:
		code = http.StatusBadRequest
	case tooLarge:
		code = http.StatusRequestEntityTooLarge
	case overloaded:
		code = http.StatusTooManyRequests
		w.Header().Set("Retry-After", wholeSeconds(f.after))
	case unauthorized:
		code = http.StatusUnauthorized
	}
	if form == jsonText {
		answer(w, form, code, statusJSON(f.code(), f.text))
	} else {
		answer(w, form, code, appendStatus(nil, f.code(), f.text))
	}
}

// answer writes an answer in the format of the request. Who has gone away does
// not miss it.
func answer(w http.ResponseWriter, form format, code int, data []byte) {
	kind := "application/x-protobuf"
	if form == jsonText {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write(data)
}

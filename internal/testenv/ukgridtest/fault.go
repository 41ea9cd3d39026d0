package ukgridtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// Fault is a way to fail one request.
type Fault func(s *Server, w http.ResponseWriter, r *http.Request)

// Down closes the connection without an answer.
func Down() Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close()
		}
	}
}

// Hang never answers.
func Hang() Fault {
	return func(s *Server, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-s.stop:
		}
	}
}

// Status answers with a status and the API's body of an error. A retryAfter that is
// not empty becomes the header of that name.
func Status(code int, retryAfter string) Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"error":{"code":"%d %s","message":"as the test wants it"}}`, code, http.StatusText(code))
	}
}

// Body answers with status 200 and a text.
func Body(text string) Fault {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// Replace answers as it should, with one text in place of another.
func Replace(old, new string) Fault {
	return func(s *Server, w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(bytes.Replace(s.record(r), []byte(old), []byte(new), 1))
	}
}

// CutOff promises the whole reply and closes the connection after half of it.
func CutOff() Fault {
	return func(s *Server, w http.ResponseWriter, r *http.Request) {
		text := s.record(r)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write(text[:len(text)/2])
	}
}

// Half answers with the first half of the reply, as if it were all.
func Half() Fault {
	return func(s *Server, w http.ResponseWriter, r *http.Request) {
		text := s.record(r)
		_, _ = w.Write(text[:len(text)/2])
	}
}

// Endless answers without end.
func Endless() Fault {
	return func(s *Server, w http.ResponseWriter, r *http.Request) {
		text := []byte(`{"data":[`)
		for r.Context().Err() == nil {
			if _, err := w.Write(text); err != nil {
				return
			}
			text = bytes.Repeat([]byte(`{"from":"2018-01-20T12:00Z"},`), 1000)
		}
	}
}

// record returns the reply as it should be.
func (s *Server) record(r *http.Request) []byte {
	rec := httptest.NewRecorder()
	s.answer(rec, r)
	return rec.Body.Bytes()
}

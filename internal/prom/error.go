package prom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/fetch"
)

// Kind says what an error means for who asked.
type Kind uint8

const (
	// Unavailable is a server that is down, slow, overloaded or was cut off.
	Unavailable Kind = iota
	// Refused is a request that the server will not answer as it is asked:
	// credentials, limits, an API that it does not have.
	Refused
	// TooMuch is a request for more samples or series than the server allows in
	// one; asking for less helps.
	TooMuch
	// Unsupported is a server without the feature asked for.
	Unsupported
	// Invalid is an answer that is not what the API documents.
	Invalid
	// Incomplete is an answer that the server itself calls partial, or with
	// which it gives a warning.
	Incomplete
)

// Error is a failed attempt: what was done, where, and what came back.
type Error struct {
	Kind Kind
	// Op is what was done, such as "read raw samples".
	Op string
	// URL is where, without credentials.
	URL string
	// Status is the HTTP status, 0 when there was none.
	Status int
	// Excerpt is what the server said, or the beginning of it.
	Excerpt string
	// Hint says what to do.
	Hint string
	// Err is the cause; it may be nil.
	Err error

	retry bool
	after time.Duration // as the server asks; 0 when it does not
}

// Error returns operation, place, status, cause and excerpt in one line, and the
// hint behind them.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Op, e.URL)
	if e.Status != 0 && e.Status != http.StatusOK {
		fmt.Fprintf(&b, ": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Excerpt != "" {
		fmt.Fprintf(&b, ": %q", e.Excerpt)
	}
	if e.Hint != "" {
		b.WriteString(" (try: " + e.Hint + ")")
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of an error of this package and whether it is one.
func KindOf(err error) (Kind, bool) {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind, true
	}
	return 0, false
}

// excerptBytes is how much of a body is quoted in a message.
const excerptBytes = 300

// fault returns the error of an attempt.
func (c *Client) fault(k call, resp *http.Response, kind Kind, err error) *Error {
	u := *k.url
	u.User, u.RawQuery = nil, ""
	e := &Error{Kind: kind, Op: k.op, URL: k.method + " " + u.String(), Err: err, retry: kind == Unavailable}
	if resp != nil {
		e.Status = resp.StatusCode
	}
	if kind == Unavailable {
		e.Hint = "check that the server runs and can be reached from here"
	}
	return e
}

// refused returns the error of a reply whose status is not 200.
func (c *Client) refused(k call, resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // an excerpt is all that is wanted of it
	e := c.fault(k, resp, Refused, nil)
	errorType, message := apiError(text)
	e.Excerpt = excerpt(message)
	e.after = fetch.RetryAfter(resp.Header.Get("Retry-After"), time.Now())
	switch status := resp.StatusCode; {
	case tooMuch(status, errorType, message):
		e.Kind, e.Hint = TooMuch, "raise the server's limit of samples for a query, or use shorter slots"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented:
		e.Kind, e.Hint = Unsupported, "check that the base URL is the one below which /api/v1 lies"
	case status == http.StatusTooManyRequests || status >= 500:
		e.Kind, e.retry, e.Hint = Unavailable, true, "look into the server's log"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Hint = "check user, password or token, and the tenant header"
	case status >= 300 && status < 400:
		e.Hint = "set the URL to where the server redirects: " + excerpt(resp.Header.Get("Location"))
	}
	return e
}

// apiError returns type and message of the API's error body, or the body as it
// is.
func apiError(text []byte) (errorType, message string) {
	var body struct{ ErrorType, Error string }
	if json.Unmarshal(text, &body) == nil && body.Error != "" {
		return body.ErrorType, body.Error
	}
	return "", string(text)
}

// excerpt returns the beginning of a text on one line.
func excerpt(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) > excerptBytes {
		text = strings.ToValidUTF8(text[:excerptBytes], "") + "…"
	}
	return text
}

// tooMuch recognises limits of samples, series and chunks. They have no code of
// their own: Prometheus answers 422 "query processing would load too many samples
// into memory", Thanos and Mimir 422 "exceeded the …", VictoriaMetrics 422 with the
// name of the flag, -search.max….
func tooMuch(status int, errorType, message string) bool {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return true
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		for _, part := range []string{"too many samples", "exceeded the", "exceeded sample", "exceeded series", "exceeds limit", "-search.max"} {
			if strings.Contains(message, part) {
				return errorType != "bad_data"
			}
		}
	}
	return false
}

// errReply is an answer that is not what the API documents.
type errReply struct {
	kind Kind
	text string
	hint string
}

func (e *errReply) Error() string { return e.text }

func invalid(format string, args ...any) error {
	return &errReply{kind: Invalid, text: fmt.Sprintf(format, args...)}
}

// unreadable returns the error of a body that could not be read to its end, or
// whose content is refused.
func (c *Client) unreadable(ctx context.Context, k call, resp *http.Response, body *watched, err error) error {
	var reply *errReply
	switch {
	case ctx.Err() != nil: // the caller's, or a stall
		return c.fault(k, resp, Unavailable, context.Cause(ctx))
	case body.err != nil || errors.Is(err, io.ErrUnexpectedEOF):
		return c.fault(k, resp, Unavailable, fmt.Errorf("the reply was cut off: %w", io.ErrUnexpectedEOF))
	case errors.As(err, &reply):
		e := c.fault(k, resp, reply.kind, reply)
		e.Hint, e.retry = reply.hint, reply.kind == Unavailable || reply.kind == Incomplete
		return e
	}
	var passed *passedOn
	if errors.As(err, &passed) {
		return passed.err
	}
	text := strings.ReplaceAll(err.Error(), "callback: ", "") // the JSON decoder's own nesting
	e := c.fault(k, resp, Invalid, errors.New(text))
	e.Hint = "check that the URL leads to the API, and not to a page before it"
	return e
}

// passedOn carries an error of the caller's own function through a decoder.
type passedOn struct{ err error }

func (p *passedOn) Error() string { return p.err.Error() }

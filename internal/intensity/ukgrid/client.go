package ukgrid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/intensity"
)

// The waits between attempts double from firstWait to longestWait. Each is drawn
// from the upper half of its range, so that many clients do not ask in step.
const (
	firstWait   = 250 * time.Millisecond
	longestWait = 20 * time.Second
)

// client asks the API.
type client struct {
	config Config
	base   *url.URL
	http   *http.Client
}

// request is a path and the time that is wanted of the reply.
type request struct {
	path string
	span account.Span
}

// fault is a failed attempt. It wraps one of the errors of the port.
type fault struct {
	kind  error
	url   string
	err   error
	retry bool
	after time.Duration // as the API asks; 0 when it does not
}

// Error returns kind, place and cause.
func (f *fault) Error() string { return fmt.Sprintf("%v: %s: %v", f.kind, f.url, f.err) }

// Unwrap returns kind and cause.
func (f *fault) Unwrap() []error { return []error{f.kind, f.err} }

// fetch asks until there is an answer, for as long as asking may help.
func (c *client) fetch(ctx context.Context, p place, r request) (series, error) {
	end := time.Now().Add(c.config.RetryFor)
	for n := 1; ; n++ {
		out, f := c.try(ctx, p, r)
		if f == nil {
			return out, nil
		}
		if ctx.Err() != nil {
			f.err = context.Cause(ctx)
			return nil, f
		}
		wait := max(backoff(n, rand.Float64()), f.after)
		if !f.retry || time.Now().Add(wait).After(end) {
			if n > 1 {
				return nil, fmt.Errorf("after %d attempts: %w", n, f)
			}
			return nil, f
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// backoff returns the wait after attempt n, counted from 1; chance is in [0, 1).
func backoff(n int, chance float64) time.Duration {
	longest := longestWait
	if n < 8 { // 2^8 × firstWait is longer than longestWait
		longest = min(longest, firstWait<<n)
	}
	return longest/2 + time.Duration(float64(longest/2)*chance)
}

// try makes one attempt.
func (c *client) try(ctx context.Context, p place, r request) (series, *fault) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, fmt.Errorf("no answer within %v", c.config.Timeout))
	defer cancel()
	at := c.base.JoinPath(r.path)
	status, header, text, f := c.get(ctx, at)
	if f == nil && status == http.StatusOK {
		var out series
		if out, f = c.parse(text, p, r); f == nil {
			return out, nil
		}
	} else if f == nil {
		kind, retry := judge(status, p)
		f = &fault{kind: kind, err: fmt.Errorf("status %d: %s", status, excerpt(text)), retry: retry}
		f.after = fetch.RetryAfter(header.Get("Retry-After"), time.Now())
	}
	f.url = at.Redacted()
	return nil, f
}

// get makes a request and reads the reply.
func (c *client) get(ctx context.Context, at *url.URL) (int, http.Header, []byte, *fault) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return 0, nil, nil, &fault{kind: intensity.ErrUnavailable, err: err}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "dendro/"+strings.TrimPrefix(buildinfo.Read().Version, "v"))
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, &fault{kind: intensity.ErrUnavailable, err: fetch.Reason(ctx, err), retry: true}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, c.config.MaxBytes+1))
	if err != nil {
		err = fmt.Errorf("the reply was cut off: %w", fetch.Reason(ctx, err))
		return 0, nil, nil, &fault{kind: intensity.ErrUnavailable, err: err, retry: true}
	}
	if int64(len(text)) > c.config.MaxBytes {
		err = fmt.Errorf("the reply is longer than %d bytes", c.config.MaxBytes)
		return 0, nil, nil, &fault{kind: intensity.ErrReply, err: err}
	}
	return resp.StatusCode, resp.Header, text, nil
}

// parse reads a reply of status 200.
func (c *client) parse(text []byte, p place, r request) (series, *fault) {
	out, err := read(text, p, r.span)
	var said *apiError
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &said): // errors come with status 200, too
		status, _ := strconv.Atoi(said.Code[:min(3, len(said.Code))])
		kind, retry := judge(status, p)
		return nil, &fault{kind: kind, err: said, retry: retry}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &fault{kind: intensity.ErrUnavailable, err: errors.New("the reply ends early"), retry: true}
	}
	return nil, &fault{kind: intensity.ErrReply, err: fmt.Errorf("the reply is not as documented: %w", err)}
}

// judge says what a status means for who asked, and whether to ask again.
func judge(status int, p place) (kind error, retry bool) {
	switch {
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout:
		return intensity.ErrUnavailable, true
	case status == http.StatusForbidden || status == http.StatusUnauthorized: // a proxy, or a limit on who asks
		return intensity.ErrUnavailable, false
	case p.postcode != "" && (status == http.StatusBadRequest || status == http.StatusNotFound):
		return intensity.ErrRegion, false // the times are right, so it is the postcode
	}
	return intensity.ErrReply, false
}

// excerpt returns what the API says in an error, or the beginning of it.
func excerpt(text []byte) string {
	var b body
	if json.Unmarshal(text, &b) == nil && b.Error != nil {
		return b.Error.Message
	}
	return fetch.Excerpt(text)
}

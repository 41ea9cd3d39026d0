package remote

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/slots"
)

// Client asks one server. Its methods may be called from several goroutines.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// At returns a client of the server at an address such as
// http://127.0.0.1:8420. The token may be empty.
func At(address, token string) (*Client, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the address of a server, such as http://127.0.0.1:8420", address)
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	// A command asks once or twice: nothing is gained by keeping connections.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	return &Client{base: base, token: token, http: &http.Client{Transport: transport}}, nil
}

// URL returns the server's address.
func (c *Client) URL() string { return c.base.String() }

// Error is an answer that is none: what the server refused, or that it cannot be
// reached.
type Error struct {
	Status int // of HTTP; 0 without an answer
	Text   string
	// Advice says what to do.
	Advice string
	cause  error
}

// Error returns what the server said.
func (e *Error) Error() string { return e.Text }

// Hint returns what to do.
func (e *Error) Hint() string { return e.Advice }

// Unwrap returns what the answer means to the local packages, or why there is
// none.
func (e *Error) Unwrap() error { return e.cause }

// Query asks for the figures of a view.
func (c *Client) Query(ctx context.Context, asked query.Asked) (*query.Answer, error) {
	a := &query.Answer{}
	return a, c.get(ctx, "/api/v1/query", asked.Values(), a)
}

// Figure names figures in the words of the flags of dendro explain. Account is
// matches key=value; AsKnownAt and Policy may be empty.
type Figure struct {
	Account               []string
	At, AsKnownAt, Policy string
	Pseudonyms            bool
}

// Explain asks how figures came to be.
func (c *Client) Explain(ctx context.Context, f Figure) (*query.Explained, error) {
	values := url.Values{"account": f.Account, "at": {f.At}}
	for name, value := range map[string]string{"as_known_at": f.AsKnownAt, "policy": f.Policy} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if f.Pseudonyms {
		values.Set("pseudonyms", "true")
	}
	x := &query.Explained{}
	return x, c.get(ctx, "/api/v1/explain", values, x)
}

// get asks for JSON.
func (c *Client) get(ctx context.Context, path string, values url.Values, into any) error {
	resp, err := c.send(ctx, http.MethodGet, path, values)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return c.cutOff(ctx, err)
	}
	return nil
}

// Backfill has the server fill in a window, and calls progress now and then,
// unless it is nil.
func (c *Client) Backfill(ctx context.Context, w query.Window, progress func(slots.Progress)) (slots.Progress, error) {
	var last slots.Progress
	err := c.stream(ctx, "/api/v1/backfill", w, func(l line) bool {
		if l.Progress != nil {
			last = slots.Progress{Done: l.Progress.Done, Total: l.Progress.Total, Gone: l.Progress.Gone}
			if progress != nil {
				progress(last)
			}
		}
		return true
	})
	return last, err
}

// Reconcile has the server compare a window with its sources, and calls report for
// each slot in order until that returns false.
func (c *Client) Reconcile(ctx context.Context, w query.Window, report func(slots.Reconciliation) bool) error {
	return c.stream(ctx, "/api/v1/reconcile", w, func(l line) bool { return l.Slot == nil || report(*l.Slot) })
}

// stream asks for work and reads its lines until take returns false.
func (c *Client) stream(ctx context.Context, path string, w query.Window, take func(line) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	resp, err := c.send(ctx, http.MethodPost, path, query.Asked{Window: w}.Values())
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := json.NewDecoder(resp.Body)
	for {
		var l line
		if err := lines.Decode(&l); err != nil {
			return c.cutOff(ctx, err)
		}
		switch {
		case l.Error != "":
			return &Error{Status: resp.StatusCode, Text: l.Error}
		case l.Done:
			return nil
		case !take(l):
			return nil
		}
	}
}

// cutOff returns the error of an answer that ended before its end.
func (c *Client) cutOff(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &Error{
		Text: fmt.Sprintf("the answer of %s was cut off: %v", c.base, err), Advice: "look into the server's log; what it had done stays done", cause: err,
	}
}

// send makes a request and returns the response of a good one.
func (c *Client) send(ctx context.Context, method, path string, values url.Values) (*http.Response, error) {
	u := *c.base
	u.Path += path
	u.RawQuery = values.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", c.base, err)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err // the URL holds the question
		}
		return nil, &Error{Text: fmt.Sprintf("ask %s: %v", c.base, err), Advice: "check that a server runs there", cause: err}
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, c.refused(resp)
	}
	return resp, nil
}

// problem is an error as the API tells it (RFC 9457).
type problem struct {
	Title, Detail string
	Errors        []struct{ Message string }
}

// refused returns the error of a response that is not good.
func (c *Client) refused(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // what there is of it is all that can be told
	var p problem
	e := &Error{Status: resp.StatusCode}
	if json.Unmarshal(text, &p) == nil {
		e.Text = cmp.Or(p.Detail, p.Title)
		for _, more := range p.Errors {
			if text, _, _ := strings.Cut(more.Message, "; try: "); !strings.Contains(e.Text, text) {
				e.Text += "\n" + more.Message
			}
		}
	}
	if e.Text = strings.TrimSpace(e.Text); e.Text == "" {
		e.Text = strings.TrimSpace(string(bytes.ToValidUTF8(text[:min(len(text), 300)], []byte("?"))))
	}
	said := e.Text
	e.Text = fmt.Sprintf("%s: %s", c.base, cmp.Or(said, resp.Status))
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnprocessableEntity: // as without a server
		e.Text, e.cause = cmp.Or(said, e.Text), query.ErrQuestion
	case http.StatusNotFound:
		e.Text, e.cause = cmp.Or(said, e.Text), query.ErrNoFigure
	case http.StatusUnauthorized, http.StatusForbidden:
		e.Advice = "give a token of the server by the variable DENDRO_TOKEN"
	}
	return e
}

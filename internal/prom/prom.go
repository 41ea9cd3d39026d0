// Package prom is a client of the HTTP API that Prometheus has and Thanos,
// Mimir and VictoriaMetrics share: raw samples by remote read or by range
// selectors, results of expressions, values of labels.
//
// Everything streams: no reply is held as a whole. Nothing incomplete passes for
// complete: a reply that was cut off, is partial or carries a warning is an error
// ([Error]), and series that were handed over before it are to be thrown away.
//
// The fact that a reader would get wrong: read methods make one attempt. Wrap
// what belongs to an attempt, its partial results included, in [Client.Retry].
package prom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/secret"
)

// Secret is a text that is not printed.
type Secret = secret.Text

// Config says how to reach a server.
type Config struct {
	// URL is the base below which /api/v1 lies, such as
	// https://thanos.example.org/prometheus. It may hold user and password.
	URL string
	// User and Password are for basic authentication, BearerToken for the
	// other customary one; at most one of the two is given.
	User        string
	Password    Secret
	BearerToken Secret
	// Header is sent along, such as X-Scope-OrgID.
	Header map[string]Secret
	// Compress asks for replies in gzip. It is for slow networks: to compress
	// samples takes a server three times as long as to find them.
	Compress bool
	// Stall is the longest wait for the next byte of a reply.
	Stall time.Duration
	// RetryFor is how long attempts are repeated, from the first on.
	RetryFor time.Duration
}

// Defaults returns a config to which only the URL has to be added.
func Defaults() Config {
	return Config{Stall: time.Minute, RetryFor: 90 * time.Second}
}

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	if _, err := c.base(); err != nil {
		list = append(list, diag.New("", "url: %v", err).WithHint("write the address below which /api/v1 lies, such as http://localhost:9090"))
	}
	if c.BearerToken != "" && c.User != "" {
		list = append(list, diag.New("", "bearer_token: given beside user").WithHint("keep one of the two"))
	}
	if c.Password != "" && c.User == "" {
		list = append(list, diag.New("", "user: missing, but there is a password"))
	}
	if c.Stall <= 0 {
		list = append(list, diag.New("", "stall: %v is not a time to wait", c.Stall))
	}
	if c.RetryFor < 0 {
		list = append(list, diag.New("", "retry_for: %v is negative", c.RetryFor))
	}
	return list.Err()
}

// base returns the parsed URL.
func (c Config) base() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		return nil, errors.New("required")
	case err != nil:
		return nil, errors.Unwrap(err) // the outer one repeats the URL with its password
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q is not http or https", u.Scheme)
	case u.Host == "":
		return nil, errors.New("no host")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("has a query or a fragment")
	}
	return u, nil
}

// Client asks one server. It is safe for concurrent use.
type Client struct {
	config Config
	base   *url.URL
	http   *http.Client
}

// New returns a client. TLS, proxies and limits of connections are those of h; it
// is copied and does not follow redirects, which would lose the body of a
// request or carry headers elsewhere. New returns the error of [Config.Validate].
func New(c Config, h *http.Client) (*Client, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	base, err := c.base()
	if err != nil {
		return nil, err
	}
	own := *h
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{config: c, base: base, http: &own}, nil
}

// endpoint returns the URL of a path below /api/v1.
func (c *Client) endpoint(segments ...string) *url.URL {
	return c.base.JoinPath(append([]string{"api", "v1"}, segments...)...)
}

// call is one request and how its reply is read.
type call struct {
	op          string // what is done, for messages
	url         *url.URL
	method      string
	body        string
	contentType string
	header      map[string]string
	read        func(*http.Response, io.Reader) error
}

// errStalled ends a request whose reply does not come on.
var errStalled = errors.New("no byte came for too long")

// do makes one attempt. A status other than 200 is an error; of 200 the body is
// given to call.read, whose errors come back with what was asked and where.
func (c *Client) do(ctx context.Context, k call) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.config.Stall, func() { cancel(fmt.Errorf("%w (%v)", errStalled, c.config.Stall)) })
	defer watch.Stop()

	req, err := http.NewRequestWithContext(ctx, k.method, k.url.String(), strings.NewReader(k.body))
	if err != nil {
		return c.fault(k, nil, Unavailable, err)
	}
	c.dress(req, k)
	resp, err := c.http.Do(req)
	if err != nil {
		return c.fault(k, nil, Unavailable, fetch.Reason(ctx, err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return c.refused(k, resp)
	}
	body := &watched{r: resp.Body, watch: watch, stall: c.config.Stall}
	if err := k.read(resp, body); err != nil {
		return c.unreadable(ctx, k, resp, body, err)
	}
	return nil
}

// dress adds headers and credentials.
func (c *Client) dress(req *http.Request, k call) {
	req.Header.Set("User-Agent", "dendro")
	if !c.config.Compress { // left out, the transport asks for gzip
		req.Header.Set("Accept-Encoding", "identity")
	}
	if k.contentType != "" {
		req.Header.Set("Content-Type", k.contentType)
	}
	for name, value := range k.header {
		req.Header.Set(name, value)
	}
	for name, value := range c.config.Header {
		req.Header.Set(name, string(value))
	}
	switch {
	case c.config.User != "":
		req.SetBasicAuth(c.config.User, string(c.config.Password))
	case c.config.BearerToken != "":
		req.Header.Set("Authorization", "Bearer "+string(c.config.BearerToken))
	}
}

// watched is a body that keeps the watch over stalls from firing and remembers
// how it ended.
type watched struct {
	r     io.Reader
	watch *time.Timer
	stall time.Duration
	err   error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.watch.Reset(w.stall)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

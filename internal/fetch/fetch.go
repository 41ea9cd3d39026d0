// Package fetch reads small documents over HTTP from servers that need not be trusted:
// meters, and services that tell intensities.
//
// Redirects are not followed, so that credentials go nowhere but where they were
// configured for. Replies are bounded in size and time. No error shows a header, or a
// password in an address.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/secret"
)

// Secret is a text that is never shown.
type Secret = secret.Text

// Config says where a server is and how long to wait for it.
type Config struct {
	// URL is the base, whose path is kept.
	URL string
	// Header is sent with each request, "Name: value"; "" for none.
	Header Secret
	// CAFile holds the PEM certificates that the server may be signed by, beside those
	// of the system; "" for none.
	CAFile string
	// Timeout is the longest time for one attempt, and RetryFor how long a request is
	// repeated that may succeed later; 0 for never.
	Timeout, RetryFor time.Duration
	// MaxBytes is the longest reply.
	MaxBytes int64
}

// maxHeader is the longest header, in bytes.
const maxHeader = 8 << 10

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, diag.New("", format, args...))
		}
	}
	if _, err := c.base(); err != nil {
		wrong(true, "url: %v", err)
	}
	if _, _, err := c.NameValue(); err != nil {
		wrong(true, "header: %v", err)
	}
	wrong(c.Timeout <= 0, "timeout: %v is not a time to wait", c.Timeout)
	wrong(c.RetryFor < 0, "retry_for: %v is negative", c.RetryFor)
	wrong(c.MaxBytes < 1024, "max_bytes: %d: at least 1024", c.MaxBytes)
	return list.Err()
}

func (c Config) base() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, errors.New("not a URL")
	case u.User != nil:
		return nil, errors.New("has a user in it: give credentials as a header")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q does not begin with http:// or https://", u.Redacted())
	case u.Host == "" || u.Fragment != "":
		return nil, fmt.Errorf("%q has no host, or a fragment", u.Redacted())
	}
	return u, nil
}

// NameValue returns name and value of the header. Errors do not show it.
func (c Config) NameValue() (name, value string, err error) {
	if c.Header == "" {
		return "", "", nil
	}
	name, value, ok := strings.Cut(string(c.Header), ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || name == "" || strings.ContainsAny(name, " \t\r\n") || strings.ContainsAny(value, "\r\n") || len(c.Header) > maxHeader {
		return "", "", fmt.Errorf("not of the form NAME: VALUE with at most %d bytes", maxHeader)
	}
	return name, value, nil
}

// Error is a failed request.
type Error struct {
	// URL is without query, and Status is 0 if there was no answer.
	URL    string
	Status int
	// Reached is whether an answer came that will not change by asking again.
	Reached bool
	// Err is the cause.
	Err error

	after time.Duration
}

// Error returns place and cause.
func (e *Error) Error() string { return e.URL + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Client reads from one server. It is safe for concurrent use.
type Client struct {
	config      Config
	base        *url.URL
	name, value string
	http        *http.Client
}

// New returns a client; proxies and limits of connections are those of h. It returns
// the error of [Config.Validate], or what is wrong with the file of certificates.
func New(c Config, h *http.Client) (*Client, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	out := &Client{config: c}
	var err error
	if out.base, err = c.base(); err != nil {
		return nil, err
	}
	if out.name, out.value, err = c.NameValue(); err != nil {
		return nil, err
	}
	mine := *h
	mine.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.CAFile != "" {
		if mine.Transport, err = trusting(h.Transport, c.CAFile); err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
	}
	out.http = &mine
	return out, nil
}

// trusting returns a transport that also trusts the certificates of a file.
func trusting(t http.RoundTripper, path string) (http.RoundTripper, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", path)
	}
	own, ok := t.(*http.Transport)
	if !ok {
		own = &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	own = own.Clone()
	if own.TLSClientConfig == nil {
		own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	own.TLSClientConfig.RootCAs = pool
	return own, nil
}

// Get returns the document at a path below the base, "" for the base itself, with a
// query, or an [*Error]. A status other than 200 is an error.
func (c *Client) Get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	at := *c.base
	if path != "" {
		at = *c.base.JoinPath(path)
	}
	if len(query) > 0 {
		at.RawQuery = query.Encode()
	}
	end := time.Now().Add(c.config.RetryFor)
	for n := 1; ; n++ {
		text, fault := c.try(ctx, &at)
		if fault == nil {
			return text, nil
		}
		wait := max(backoff(n), fault.after)
		if fault.Reached || ctx.Err() != nil || time.Now().Add(wait).After(end) {
			return nil, fault
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			fault.Err = context.Cause(ctx)
			return nil, fault
		}
	}
}

// backoff returns the wait after attempt n, counted from 1. It is drawn from the upper
// half of its range, so that many clients do not ask in step.
func backoff(n int) time.Duration {
	longest := 250 * time.Millisecond << min(n, 6)
	return longest/2 + rand.N(longest/2)
}

// try makes one attempt.
func (c *Client) try(ctx context.Context, at *url.URL) ([]byte, *Error) {
	shown := *at
	shown.RawQuery = ""
	fault := &Error{URL: shown.Redacted()}
	ctx, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, fmt.Errorf("no answer within %v", c.config.Timeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		fault.Err = errors.New("cannot be asked for")
		return nil, fault
	}
	req.Header.Set("User-Agent", "dendro/"+strings.TrimPrefix(buildinfo.Read().Version, "v"))
	if c.name != "" {
		req.Header.Set(c.name, c.value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		fault.Err = Reason(ctx, err)
		return nil, fault
	}
	defer resp.Body.Close()
	fault.Status = resp.StatusCode
	text, err := io.ReadAll(io.LimitReader(resp.Body, c.config.MaxBytes+1))
	switch {
	case err != nil:
		fault.Err = fmt.Errorf("the reply was cut off: %w", Reason(ctx, err))
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		fault.Reached, fault.Err = true, fmt.Errorf("status %d: redirects are not followed; give the address that is meant", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		fault.Reached = resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout
		fault.after = RetryAfter(resp.Header.Get("Retry-After"), time.Now())
		fault.Err = fmt.Errorf("status %d: %s", resp.StatusCode, Excerpt(text))
	case int64(len(text)) > c.config.MaxBytes:
		fault.Reached, fault.Err = true, fmt.Errorf("the reply is longer than %d bytes", c.config.MaxBytes)
	default:
		return text, nil
	}
	return nil, fault
}

// Reason returns why a request failed: the cause of a context that ended, and else the
// error of [http.Client.Do] without its URL, which may hold a secret.
func Reason(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}

// longestAsked is the longest that a server may ask to wait for, in seconds.
const longestAsked = 7 * 24 * 3600

// RetryAfter reads the header of that name: seconds, or a date. What is neither, or
// longer than a week, is no time at all.
func RetryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil && seconds <= longestAsked {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// Excerpt returns the begin of a document on one line, quoted, for an error.
func Excerpt(text []byte) string {
	const most = 200
	line := strings.Join(strings.Fields(string(text[:min(len(text), 4*most)])), " ")
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + "…"
	}
	return fmt.Sprintf("%q", line)
}

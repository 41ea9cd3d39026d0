package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
)

const classFetch = "FetchingFileError"

// maxRedirects is how often a download may be sent elsewhere.
const maxRedirects = 5

// isURL reports whether a path is a URL. A letter and a colon begin a path of
// Windows, not a URL.
func isURL(path string) bool {
	scheme, _, ok := strings.Cut(path, "://")
	return ok && len(scheme) > 1 && !strings.ContainsAny(scheme, `/\.`)
}

var errScheme = errors.New("only http and https URLs can be read")

// fetch downloads a table.
func (f *Files) fetch(ctx context.Context, r request) (*frame.Frame, error) {
	u, err := url.Parse(r.path)
	switch {
	case err != nil:
		return nil, r.unanswered(r.path, errors.Unwrap(err), "correct the URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, r.unanswered(u.Redacted(), errScheme, "download the file and give its path")
	case f.options.Offline:
		return nil, r.unanswered(u.Redacted(), errors.New("the run is offline"),
			"download the file and give its path, or run without --offline")
	}
	timeout := fmt.Errorf("not done after %v", f.options.Timeout)
	limited, cancel := context.WithTimeoutCause(ctx, f.options.Timeout, timeout)
	defer cancel()
	rows, err := f.get(limited, u, r)
	return rows, r.located(ctx, err, func(err error) error {
		if limited.Err() != nil {
			err = context.Cause(limited)
		}
		return f.explain(u, r, err)
	})
}

func (f *Files) get(ctx context.Context, u *url.URL, r request) (*frame.Frame, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/csv, text/plain, application/x-ndjson, */*")
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode < http.StatusOK || resp.StatusCode >= http.StatusMultipleChoices {
		return nil, refusal(resp.Status)
	}
	// A size that is announced is refused before it is downloaded.
	if resp.ContentLength > f.options.MaxBytes {
		return nil, table.ErrTooLarge
	}
	r.table.MaxBytes = f.options.MaxBytes
	return table.Read(ctx, u.Redacted(), withoutMark(resp.Body), r.table)
}

// withoutMark returns a text without the byte order mark that it may begin with.
// In a file the mark is part of the first column's name to Impact Framework; of a
// download it has been taken off.
func withoutMark(r io.Reader) io.Reader {
	const mark = "\xef\xbb\xbf"
	buffered := bufio.NewReader(r)
	if begin, _ := buffered.Peek(len(mark)); string(begin) == mark { // an error comes again when the text is read
		buffered.Discard(len(mark))
	}
	return buffered
}

// refusal is an answer that has no table, by its status.
type refusal string

func (r refusal) Error() string { return "the server answered " + string(r) }

// explain returns the problem of a download that failed.
func (f *Files) explain(u *url.URL, r request, err error) error {
	hint := "check the URL and that its server can be reached, or download the file and give its path"
	var refused refusal
	var redirected *url.Error
	switch {
	case errors.Is(err, table.ErrTooLarge):
		return unfetched(u.Redacted(), fmt.Errorf("larger than %d bytes", f.options.MaxBytes),
			"raise the limit of size, or download the file and give its path")
	case errors.As(err, &refused):
		return unfetched(u.Redacted(), err, hint)
	case errors.As(err, &redirected):
		err = redirected.Err // without the URL, which stands before it
	}
	return r.unanswered(u.Redacted(), err, hint)
}

// unanswered returns the problem of a download that got no answer. Impact
// Framework looks for the answer's message all the same.
func (r request) unanswered(path string, err error, hint string) error {
	if !r.table.Loose {
		return unfetched(path, err, hint)
	}
	p := diag.New("TypeError", "Cannot read properties of undefined (reading 'message')")
	p.Outside = true
	return diag.List{p.WithHint("fetching %s failed, %v: %s", path, err, hint)}
}

func unfetched(path string, err error, hint string) error {
	p := diag.New(classFetch, "Failed fetching the file: %s.\n%v", path, err)
	p.Hint = hint
	return diag.List{p}
}

// checkRedirect limits redirects and keeps them from leaving encryption.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("redirected more than %d times", maxRedirects)
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("redirected from https to %s", req.URL.Scheme)
	}
	return nil
}

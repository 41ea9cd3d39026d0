// Package files reads the tables that a manifest refers to, from local files
// and from the web.
//
// A table of a plugin is read once per run, however many components refer to it
// and however many of them at once: what [Files] returns is shared. Observations
// are as many as the run has, so only the last of them are kept; a file that is
// referred to again later is read again. A manifest can come
// from anybody, so downloads are limited in time, size and redirects, and can
// be forbidden.
package files

import (
	"container/list"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
)

// The limits of a download that [Options] do not set.
const (
	DefaultTimeout  = 30 * time.Second
	DefaultMaxBytes = 64 << 20
)

// Options say what may be read. The zero value allows local files of any size,
// and downloads within the default limits.
type Options struct {
	// Dir is the folder that relative paths start from, by default the working
	// directory.
	Dir string
	// Offline forbids downloads.
	Offline bool
	// Timeout limits a whole download; 0 is [DefaultTimeout].
	Timeout time.Duration
	// MaxBytes limits the size of a download after decompression; 0 is
	// [DefaultMaxBytes].
	MaxBytes int64
	// MaxLocalBytes limits the size of a local file after decompression; 0 is no
	// limit.
	MaxLocalBytes int64
	// Transport makes the requests; nil is a transport of net/http's defaults,
	// which knows the proxy variables of the environment.
	Transport http.RoundTripper
}

// Files reads tables. Make one per run. It is safe for use by several
// goroutines at once.
type Files struct {
	options Options
	client  *http.Client

	mu    sync.Mutex
	reads map[request]*result // guarded by mu
	kept  list.List           // guarded by mu; requests of observations that have been read, the one used last at the end
	size  int                 // guarded by mu; bytes of what is kept
}

// keepBytes is how many bytes of observations are kept for other components that
// refer to the same file.
const keepBytes = 32 << 20

// request is one way to read one path.
type request struct {
	path  string
	table table.Options
}

// result is a read under way or done.
type result struct {
	done  chan struct{} // closed when frame and err are set
	frame *frame.Frame
	err   error

	kept *list.Element // guarded by Files.mu; nil unless it is in Files.kept
	size int           // guarded by Files.mu; what it counts there
}

// New returns a reader for one run.
func New(o Options) *Files {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	return &Files{
		options: o,
		client:  &http.Client{Transport: o.Transport, CheckRedirect: checkRedirect},
		reads:   make(map[request]*result),
	}
}

// Table returns the records of a CSV file. It implements [builtin.Files]; the
// error is a diag.List in Impact Framework's classes and wording.
func (f *Files) Table(ctx context.Context, path string, dialect builtin.Dialect) (*frame.Frame, error) {
	return f.once(ctx, request{path, table.Options{Format: table.CSV, Loose: dialect.CastLoosely}})
}

// Observations returns the rows of a CSV or NDJSON file, plain or compressed
// with gzip; its name's ending tells which. The error is a diag.List.
func (f *Files) Observations(ctx context.Context, path string) (*frame.Frame, error) {
	r := request{path, table.Options{}}
	rows, err := f.once(ctx, r)
	f.keep(r, rows.Size())
	return rows, err
}

// keep notes that observations were used, and lets go of those that were used
// longest ago, as far as there are too many.
func (f *Files) keep(r request, size int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	used, ok := f.reads[r]
	switch {
	case !ok: // another has let go of them
		return
	case used.kept != nil:
		f.kept.MoveToBack(used.kept)
	default:
		used.kept, used.size = f.kept.PushBack(r), size
		f.size += size
	}
	for f.size > keepBytes && f.kept.Len() > 1 {
		oldest := f.kept.Remove(f.kept.Front()).(request)
		f.size -= f.reads[oldest].size
		delete(f.reads, oldest)
	}
}

// once reads what has not been read, and waits for what somebody else reads.
func (f *Files) once(ctx context.Context, r request) (*frame.Frame, error) {
	f.mu.Lock()
	found, ok := f.reads[r]
	if !ok {
		found = &result{done: make(chan struct{})}
		f.reads[r] = found
	}
	f.mu.Unlock()
	if !ok {
		found.frame, found.err = f.read(ctx, r)
		close(found.done)
	}
	select {
	case <-found.done:
		return found.frame, ownProblems(found.err)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (f *Files) read(ctx context.Context, r request) (*frame.Frame, error) {
	if isURL(r.path) {
		return f.fetch(ctx, r)
	}
	return f.open(ctx, r)
}

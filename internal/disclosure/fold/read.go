package fold

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/canon"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/window"
)

var (
	// ErrNoWindows reports inputs of which nothing lies in the period.
	ErrNoWindows = errors.New("no window lies in the period: check the dates and the inputs")
	// ErrUnattributed reports a window of whose services nothing is known, where that was
	// asked to be an error.
	ErrUnattributed = errors.New("a window has no operations by service")
)

// Archive is a file of windows. Package archive makes them of files and folders.
type Archive struct {
	// Name is how the file is called in what is published.
	Name string
	// Read calls read with the content, uncompressed, and writes all bytes of the file as
	// it is stored to stored.
	Read func(stored io.Writer, read func(content io.Reader) error) error
	// Lines and Head are how many lines the file should have at least, and the hash of the
	// last of these; 0 is not known.
	Lines uint64
	Head  string
	// Findings are what is known to be wrong with the file, or with the archive
	// that it is of.
	Findings []disclosure.Finding
}

// Config says what is folded.
type Config struct {
	// Span is the period.
	Span account.Span
	// Zone is that of the days which are counted; nil is UTC.
	Zone *time.Location
	// Workers is how many lines are read at once; 0 is one a processor. It changes
	// nothing in the result.
	Workers int
	// By are the labels of rows: service, region and environment; service and region if
	// there are none.
	By []string
	// Strict has a window of whose services nothing is known end the fold, with
	// [ErrUnattributed].
	Strict bool
	// Remember is how many windows are known again without a file; 0 is a quarter of a million, in 6 MB.
	Remember int
	// Scratch is the folder for a temporary file; "" is the one of the system.
	Scratch string
	// Progress, unless nil, is told how many bytes of content were read in all, from several
	// goroutines.
	Progress func(total int64)
}

// Archives adds the windows of archives up that lie in a period. Its memory depends neither on how
// long files are nor on how many windows there are: it knows a quarter of a million of them again, and puts
// others into a temporary file. Only if that turns out to hold one of them twice, the archives are
// read once more.
//
// Bad lines and damaged ends of files cost themselves. An error is of a file that
// cannot be opened, of the context, or wraps [ErrNoWindows] or [ErrUnattributed].
func Archives(ctx context.Context, c Config, archives []Archive) (*disclosure.Period, error) {
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	archives = slices.Clone(archives)
	slices.SortStableFunc(archives, func(a, b Archive) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	r := newRun(c, archives, newSeen(len(archives), cmp.Or(c.Remember, maxSeen), c.Scratch))
	defer r.seen.spill.close()
	total, err := r.all(ctx)
	if err != nil {
		return nil, err
	}
	if known, err := r.seen.twice(); err != nil {
		return nil, err
	} else if known != nil {
		r = newRun(c, archives, known)
		if total, err = r.all(ctx); err != nil {
			return nil, err
		}
	}
	if c.Strict && !total.unattributedAt.IsZero() {
		return nil, fmt.Errorf("%w: that of %s", ErrUnattributed, total.unattributedAt.Format(time.RFC3339Nano))
	}
	return r.period(total)
}

func newRun(c Config, archives []Archive, s *seen) *run {
	r := &run{Config: c, blocks: make(chan *block, c.Workers), free: make(chan *block, blocksEach*c.Workers), seen: s, seed: maphash.MakeSeed()}
	for range cap(r.free) {
		r.free <- nil
	}
	for i := range archives {
		a := &archives[i]
		r.files = append(r.files, &fileFold{
			archive: a, number: i, input: disclosure.Input{Name: a.Name}, chain: newChain(a.Lines), waiting: map[int]*block{},
		})
	}
	return r
}

// run is a fold under way: readers cut files into blocks of lines, workers read the lines
// of a block, and each file puts its blocks back in order for its chain.
type run struct {
	Config
	files  []*fileFold
	next   atomic.Int64 // the file that is read next
	blocks chan *block
	free   chan *block // to be used, nil for one that is to be made: there are no more than these
	seen   *seen
	seed   maphash.Seed
	read   atomic.Int64
}

func (r *run) all(ctx context.Context) (*folder, error) {
	readers, ctx := errgroup.WithContext(ctx)
	for range min(r.Workers, len(r.files)) {
		readers.Go(func() error { return r.readFiles(ctx) })
	}
	folders := make([]*folder, r.Workers)
	var workers sync.WaitGroup
	for i := range folders {
		folders[i] = newFolder(r.Span, r.Zone, r.seed)
		workers.Go(func() { r.work(folders[i]) })
	}
	err := readers.Wait()
	close(r.blocks)
	workers.Wait()
	if err != nil {
		return nil, err
	}
	for _, f := range folders[1:] {
		folders[0].merge(f)
	}
	return folders[0], nil
}

// readFiles reads files until there are none left.
func (r *run) readFiles(ctx context.Context) error {
	for {
		i := r.next.Add(1) - 1
		if i >= int64(len(r.files)) {
			return nil
		}
		f := r.files[i]
		err := f.archive.Read(&f.stored, func(content io.Reader) error { return r.cut(ctx, f, content) })
		if path := (*fs.PathError)(nil); errors.As(err, &path) || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		f.damage = err
	}
}

// fileFold is a file that is read.
type fileFold struct {
	archive *Archive
	number  int
	stored  storedBytes
	damage  error // of its content

	mu      sync.Mutex
	input   disclosure.Input // but for duplicates and the chain
	chain   *chain
	waiting map[int]*block // read before those in front of them were
	turn    int
}

// storedBytes takes what a file has on the disk.
type storedBytes struct {
	digest hash.Hash
	bytes  int64
}

func (s *storedBytes) Write(p []byte) (int, error) {
	if s.digest == nil {
		s.digest = sha256.New()
	}
	s.bytes += int64(len(p))
	return s.digest.Write(p)
}

func (s *storedBytes) sum() string {
	if s.digest == nil {
		s.digest = sha256.New()
	}
	return hex.EncodeToString(s.digest.Sum(nil))
}

// finish puts blocks back in order.
func (f *fileFold) finish(b *block, give func(*block)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting[b.turn] = b
	for b := f.waiting[f.turn]; b != nil; b = f.waiting[f.turn] {
		delete(f.waiting, f.turn)
		f.turn++
		for i := range b.links {
			f.chain.next(&b.links[i])
		}
		f.input.Lines += uint64(len(b.links))
		mergeWindows(&f.input.Windows, &b.windows)
		if !b.first.IsZero() && (f.input.First.IsZero() || b.first.Before(f.input.First)) {
			f.input.First = b.first
		}
		if b.last.After(f.input.Last) {
			f.input.Last = b.last
		}
		give(b)
	}
}

// work reads blocks until there are no more.
func (r *run) work(into *folder) {
	w := &worker{run: r, folder: into, decoder: window.Decoder{Values: true}}
	for b := range r.blocks {
		w.block(b)
		b.file.finish(b, r.give)
	}
}

// worker reads lines. Its memory is used again.
type worker struct {
	run      *run
	folder   *folder
	decoder  window.Decoder
	verifier window.Verifier
	canon    canon.Canonicalizer
	report   []byte
	line     window.Line
}

func (w *worker) block(b *block) {
	for text := b.text; len(text) > 0; {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		if line = bytes.TrimSpace(line); len(line) > 0 {
			w.one(b, line)
		}
	}
	if b.tooLong {
		b.windows.Malformed++
		w.folder.windows.Malformed++
		b.links = append(b.links, link{inScope: true})
	}
}

// one reads a line.
func (w *worker) one(b *block, text []byte) {
	l := &w.line
	fault := w.decoder.Decode(text, l)
	next := newLink(&w.verifier, text, &l.Envelope, fault)
	at := l.Time
	if fault == nil {
		at = begins(l)
	}
	next.inScope = !next.json || l.Time.IsZero() || w.run.Span.Contains(at)
	b.links = append(b.links, next)
	count := func(what func(*disclosure.Windows)) {
		what(&b.windows)
		what(&w.folder.windows)
	}
	switch {
	case fault != nil:
		count(func(c *disclosure.Windows) { c.Malformed++ })
		return
	case !next.inScope:
		count(func(c *disclosure.Windows) { c.Outside++ })
		return
	}
	b.see(l)
	if !w.run.seen.first(l.Time, w.identity(l, next.verbatim), b.file.number) {
		return
	}
	w.folder.add(l)
}

// identity returns the text of a report by which it is known again: its canonical text, which a line
// that is hashed as it stands has.
func (w *worker) identity(l *window.Line, verbatim bool) []byte {
	if verbatim {
		return l.Report
	}
	text, err := w.canon.Append(w.report[:0], l.Report)
	if err != nil {
		return l.Report
	}
	w.report = text
	return text
}

// block is a piece of a file, of whole lines.
type block struct {
	file    *fileFold
	turn    int
	text    []byte
	tooLong bool // a line that is too long stood behind it

	links       []link
	windows     disclosure.Windows
	first, last time.Time
}

// see notes a window of the period, one that is met again too.
func (b *block) see(l *window.Line) {
	b.windows.Counted++
	if g := &l.Window.Green; len(g.ServiceCarbonKg) > 0 && len(g.ServiceEnergyKWh) > 0 {
		b.windows.Runtime++
	} else {
		b.windows.Fallback++
	}
	if b.first.IsZero() || l.Time.Before(b.first) {
		b.first = l.Time
	}
	if l.Time.After(b.last) {
		b.last = l.Time
	}
}

// The sizes of blocks and of the longest line, in bytes, and how many blocks there are for each worker:
// one that it reads, one that is filled for it, and some that wait for those before them.
const (
	blockSize  = 256 << 10
	maxLine    = 64 << 20
	blocksEach = 8
)

// take returns a block to be filled. It waits for one, so that blocks which are behind one that takes
// long do not pile up. There always is one to come: what a block waits for is before it, and on its way.
func (r *run) take(ctx context.Context, f *fileFold, turn int) (*block, error) {
	var b *block
	select {
	case b = <-r.free:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if b == nil {
		b = &block{text: make([]byte, 0, blockSize)}
	}
	*b = block{file: f, turn: turn, text: b.text[:0], links: b.links[:0]}
	return b, nil
}

// give takes a block back, and makes room for another one if a long line has made it large.
func (r *run) give(b *block) {
	if cap(b.text) > 4*blockSize {
		b = nil
	}
	r.free <- b
}

// cut cuts content into blocks.
func (r *run) cut(ctx context.Context, f *fileFold, content io.Reader) error {
	b, err := r.take(ctx, f, 0)
	if err != nil {
		return err
	}
	send := func(next *block) error {
		select {
		case r.blocks <- b:
			b = next
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for {
		fault := r.fill(b, content)
		if fault != nil {
			if err := send(nil); err != nil || errors.Is(fault, io.EOF) {
				return err
			}
			return fault
		}
		end := bytes.LastIndexByte(b.text, '\n') + 1
		if end > 0 {
			next, err := r.take(ctx, f, b.turn+1)
			if err != nil {
				return err
			}
			next.text = append(next.text, b.text[end:]...)
			b.text = b.text[:end]
			if err := send(next); err != nil {
				return err
			}
			continue
		}
		if len(b.text) < maxLine {
			b.text = slices.Grow(b.text, min(len(b.text), maxLine-len(b.text)))
			continue
		}
		if err := r.skipLine(b, content); err != nil {
			return errors.Join(send(nil), ignoreEOF(err))
		}
		next, err := r.take(ctx, f, b.turn+1)
		if err != nil {
			return err
		}
		next.text = append(next.text, b.text...)
		b.text = b.text[:0]
		if err := send(next); err != nil {
			return err
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// fill reads until a block is full, or the content ends.
func (r *run) fill(b *block, content io.Reader) error {
	for len(b.text) < cap(b.text) {
		n, err := content.Read(b.text[len(b.text):cap(b.text)])
		b.text = b.text[:len(b.text)+n]
		if total := r.read.Add(int64(n)); r.Progress != nil && n > 0 {
			r.Progress(total)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// skipLine passes over the rest of a line that is too long. What stands behind it is left in
// the block.
func (r *run) skipLine(b *block, content io.Reader) error {
	b.tooLong = true
	for {
		b.text = b.text[:0]
		err := r.fill(b, content)
		if end := bytes.IndexByte(b.text, '\n'); end >= 0 {
			b.text = b.text[:copy(b.text, b.text[end+1:])]
			return err
		}
		if err != nil {
			b.text = b.text[:0]
			return err
		}
	}
}

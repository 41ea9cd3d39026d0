package emit

import (
	"io"
	"sync/atomic"
)

// chunkSize is about how many bytes are rendered at a time: small enough to
// stay in a processor's cache, large enough for one write.
const chunkSize = 256 << 10

// rowSource renders rows of observations. It is used by several goroutines at
// once.
type rowSource interface {
	// appendRows appends rows [from, to), each with what sets it apart from what
	// stands before it.
	appendRows(dst []byte, from, to int) []byte
	// rowSize is about how many bytes a row takes.
	rowSize() int
}

// chunk is a part of the output that is rendered on its own: texts, each with
// rows behind it. Chunks are used again and again.
type chunk struct {
	texts []byte // all texts, one after another
	items []item
	size  int // about how many bytes it will be
	out   []byte
	ready chan struct{} // told when out is rendered
}

type item struct {
	textEnd  int // in texts
	rows     rowSource
	from, to int
}

func (c *chunk) render() {
	c.out = c.out[:0]
	start := 0
	for _, it := range c.items {
		c.out = append(c.out, c.texts[start:it.textEnd]...)
		start = it.textEnd
		if it.rows != nil {
			c.out = it.rows.appendRows(c.out, it.from, it.to)
		}
	}
}

func (c *chunk) reset() { c.texts, c.items, c.size = c.texts[:0], c.items[:0], 0 }

// pipeline takes the parts of a document in order, renders them on several
// goroutines and writes them in order. A fixed number of chunks is in flight,
// so what it holds does not grow with the document.
type pipeline struct {
	w    io.Writer
	cur  *chunk
	err  error       // owned by the goroutine that writes
	fail atomic.Bool // err is set: nothing more needs to be rendered

	free, work, order chan *chunk // nil when the caller's goroutine does everything
}

// run calls produce with a pipeline and writes what it is given. It returns the
// first error of w.
func run(w io.Writer, workers int, produce func(*pipeline)) error {
	p := &pipeline{w: w, cur: &chunk{}}
	if workers < 2 {
		produce(p)
		p.flush()
		return p.err
	}
	inFlight := 2*workers + 2
	p.free, p.work, p.order = make(chan *chunk, inFlight), make(chan *chunk, inFlight), make(chan *chunk, inFlight)
	for range inFlight {
		p.free <- &chunk{ready: make(chan struct{}, 1)}
	}
	p.cur = <-p.free
	for range workers {
		go p.renderAll()
	}
	go func() {
		produce(p)
		p.flush()
		close(p.work)
		close(p.order)
	}()
	p.writeAll()
	return p.err
}

func (p *pipeline) renderAll() {
	for c := range p.work {
		if !p.fail.Load() {
			c.render()
		}
		c.ready <- struct{}{}
	}
}

func (p *pipeline) writeAll() {
	for c := range p.order {
		<-c.ready
		p.write(c)
		c.reset()
		p.free <- c
	}
}

func (p *pipeline) write(c *chunk) {
	if p.err != nil || len(c.out) == 0 {
		return
	}
	if _, p.err = p.w.Write(c.out); p.err != nil {
		p.fail.Store(true)
	}
}

// text adds bytes, which it copies.
func (p *pipeline) text(b []byte) {
	if p.fail.Load() {
		return
	}
	p.cur.texts = append(p.cur.texts, b...)
	p.cur.size += len(b)
	if n := len(p.cur.items); n > 0 && p.cur.items[n-1].rows == nil {
		p.cur.items[n-1].textEnd = len(p.cur.texts)
	} else {
		p.cur.items = append(p.cur.items, item{textEnd: len(p.cur.texts)})
	}
	p.flushIfFull()
}

// rows adds rows [from, to) of a source, a chunk at a time.
func (p *pipeline) rows(source rowSource, from, to int) {
	size := max(1, source.rowSize())
	for from < to && !p.fail.Load() {
		n := min(to-from, max(1, (chunkSize-p.cur.size)/size))
		p.cur.items = append(p.cur.items, item{textEnd: len(p.cur.texts), rows: source, from: from, to: from + n})
		p.cur.size += n * size
		from += n
		p.flushIfFull()
	}
}

func (p *pipeline) flushIfFull() {
	if p.cur.size >= chunkSize*9/10 { // what is left would make a chunk of its own
		p.flush()
	}
}

// flush hands the current chunk over and takes a free one.
func (p *pipeline) flush() {
	c := p.cur
	if p.free == nil {
		c.render()
		p.write(c)
		c.reset()
		return
	}
	p.work <- c
	p.order <- c
	p.cur = <-p.free
}

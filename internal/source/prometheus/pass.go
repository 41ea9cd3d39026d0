package prometheus

import (
	"context"
	"sync"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/source"
)

// pass reads the series of one selector, host by host, and gives a tally of each
// to a sink. Processors and meters are read by the same pass.
type pass struct {
	source   *Source
	windows  windows
	selector prom.Selector
	host     string // the label of the host
	// apart are the labels that tell the series of one target apart.
	apart []string
	// boots is whether the counters begin at zero when the host boots.
	boots bool
	// gauge is whether samples are power, and divisor how many of their unit
	// make a watt or joule.
	gauge    bool
	divisor  float64
	external map[string]string
	// sink makes what takes the tallies of a shard, and join takes it over once
	// the shard is done. Joins do not overlap.
	sink func() (sink, error)
	join func(sink) error

	mu       sync.Mutex
	warnings map[string]source.Warning
}

// sink takes the tally of each series of some hosts.
type sink interface {
	// bins returns the bins of a host, by its key.
	bins(key string) *energy.Bins
	// take gets each series once. The tally is valid during the call only.
	take(series, *energy.Tally) error
	// faults notes samples of a series that were skipped.
	faults(series string, f energy.Faults)
}

// target is what was scraped: the labels of series without those that tell the
// series of one target apart.
type target struct {
	raw    string // the host's label as it came
	key    string // of the host
	labels account.Labels
}

// series is one series of a target.
type series struct {
	*target
	mode string
}

// run reads all hosts, several shards at once.
func (p *pass) run(ctx context.Context, hosts []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := newQueue(p.source.config, hosts, p.source.ranged.Load())
	var workers sync.WaitGroup
	for range p.source.config.Parallel {
		workers.Go(func() {
			for shard := queue.next(); len(shard) > 0; shard = queue.next() {
				if err := p.shard(ctx, queue, shard); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// shard reads some hosts and joins what was found, or gives them back in smaller
// shards when the server calls them too much.
func (p *pass) shard(ctx context.Context, queue *queue, hosts []string) error {
	var done *shard
	err := p.source.client.Retry(ctx, func(ctx context.Context) (err error) {
		done, err = p.near(ctx, hosts)
		return err
	})
	if isTooMuch(err) && len(hosts) > 1 {
		queue.split(hosts)
		return nil
	}
	if err != nil {
		return err
	}
	queue.learn(len(hosts), done.samples)
	if err := done.around(ctx, queue); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.join(done.sink)
}

func isTooMuch(err error) bool {
	kind, ours := prom.KindOf(err)
	return ours && kind == prom.TooMuch
}

// warn notes something once for each code and subject, and counts it.
func (p *pass) warn(w source.Warning) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note(w)
}

// note is warn for those who hold the lock, as join does.
func (p *pass) note(w source.Warning) {
	if p.warnings == nil {
		p.warnings = map[string]source.Warning{}
	}
	key := w.Code + " " + w.Subject
	w.Count = p.warnings[key].Count + 1
	p.warnings[key] = w
}

// read reads raw samples of some hosts by the way that the server offers. It
// makes one attempt.
func (p *pass) read(ctx context.Context, sel prom.Selector, w prom.Window, f func(*prom.Series) error) error {
	if !p.source.ranged.Load() {
		return p.source.client.RemoteRead(ctx, sel, w, p.external, f)
	}
	infos, err := p.source.client.RangeRead(ctx, sel, w, f)
	for _, text := range infos {
		p.warn(source.Warning{Code: "server-remark", Subject: text, Text: "the server remarks: " + text})
	}
	return err
}

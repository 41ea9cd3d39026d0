package scoring

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// Times of a gate.
const (
	// gateKeeps is how long an account is remembered that nobody reports any more.
	gateKeeps = 24 * time.Hour
	// gateTidies is how often those are looked for when there is no room.
	gateTidies = time.Minute
)

// gateRegions is how many accounts of other services there may be beside all others.
const gateRegions = 256

// gate bounds the accounts of services over many windows, so that names which are made
// up anew all the time fill neither the archive nor the memory nor the ledger.
type gate struct {
	limit int
	// configured are services that the configuration names, for which there is as much
	// room again: nobody who makes up names takes it from them.
	configured map[string]struct{}

	mu     sync.Mutex
	seen   map[string]time.Time // when an account was last asked for
	key    []byte
	tidied time.Time
}

// newGate returns a gate that knows what is in a book, which may be nil: who was there
// before goes before who comes, all of them, with the rests of their regions, which would
// take the place of one of them otherwise.
func newGate(c Config, book *Book) *gate {
	g := &gate{limit: c.Accounts, seen: map[string]time.Time{}, configured: map[string]struct{}{}}
	for _, names := range []iter.Seq[string]{slices.Values(c.Scoring.Metered), maps.Keys(c.Scoring.ServiceRegions), maps.Keys(c.Scoring.Calibration)} {
		for name := range names {
			g.configured[window.Fold(name)] = struct{}{}
		}
	}
	if book != nil {
		now := time.Now()
		book.accounts(func(service, region, environment string) {
			g.name(service, region, environment)
			g.seen[string(g.key)] = now
		})
	}
	return g
}

// admit reports whether there is room for an account, and if not, whether there is for
// its region among the others'.
func (g *gate) admit(service, region, environment string) (names, place bool) {
	limit := g.limit
	if _, ours := g.configured[service]; ours {
		limit *= 2
	}
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.room(now, limit, service, region, environment) {
		return true, true
	}
	return false, g.room(now, g.limit+gateRegions, "", region, "")
}

// room reports whether a combination of names is known or there are fewer than a limit,
// and then remembers it. It is called with the lock held.
func (g *gate) room(now time.Time, limit int, names ...string) bool {
	g.name(names...)
	if _, known := g.seen[string(g.key)]; !known && len(g.seen) >= limit {
		if now.Sub(g.tidied) < gateTidies {
			return false
		}
		g.tidied = now
		maps.DeleteFunc(g.seen, func(_ string, last time.Time) bool { return now.Sub(last) > gateKeeps })
		if len(g.seen) >= limit {
			return false
		}
	}
	g.seen[string(g.key)] = now
	return true
}

// name sets the key to that of a combination of names.
func (g *gate) name(names ...string) {
	g.key = g.key[:0]
	for _, name := range names {
		g.key = append(append(g.key, name...), 0)
	}
}

// accounts tells of the accounts of services in memory.
func (b *Book) accounts(tell func(service, region, environment string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.pages {
		for key := range p.cells {
			if key.meter == "" {
				tell(key.service, key.region, key.environment)
			}
		}
	}
}

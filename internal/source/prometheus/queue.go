package prometheus

import "sync"

const (
	// firstShard is small: nothing is known yet of how many series a host has.
	firstShard = 4
	// largestShard keeps the selector of a shard's hosts below about 100 kB.
	largestShard = 2000
)

// queue hands out shards of hosts. With remote read, which streams, there is one
// for each worker; with range selectors they hold what a reply may.
type queue struct {
	mu      sync.Mutex
	hosts   []string
	halves  [][]string
	size    int
	budget  int     // samples in a reply; 0 is no limit
	perHost float64 // samples of a host in the near window
}

func newQueue(c Config, hosts []string, ranged bool) *queue {
	if ranged {
		return &queue{hosts: hosts, size: firstShard, budget: c.SamplesPerReply}
	}
	return &queue{hosts: hosts, size: min(largestShard, (len(hosts)+c.Parallel-1)/c.Parallel)}
}

// next returns hosts to read, none when all were handed out.
func (q *queue) next() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.halves); n > 0 {
		shard := q.halves[n-1]
		q.halves = q.halves[:n-1]
		return shard
	}
	n := min(q.size, len(q.hosts))
	shard := q.hosts[:n]
	q.hosts = q.hosts[n:]
	return shard
}

// split hands hosts out again in two halves, and makes later shards smaller.
func (q *queue) split(hosts []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(hosts) / 2
	q.halves = append(q.halves, hosts[:n], hosts[n:])
	q.size = max(1, min(q.size, n))
	if q.budget > 0 {
		q.budget = max(1, q.budget/2)
	}
}

// learn sizes the next shards by what the hosts of one had.
func (q *queue) learn(hosts, samples int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.budget > 0 {
		q.perHost = max(q.perHost/2, float64(samples)/float64(hosts), 1)
		q.size = max(1, min(largestShard, int(float64(q.budget)/q.perHost)))
	}
}

// fits returns how many hosts a reply may hold in a window that is longer than
// the near one by a factor.
func (q *queue) fits(factor float64) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.budget == 0 {
		return largestShard
	}
	return max(1, min(largestShard, int(float64(q.budget)/float64(q.perHost*max(factor, 1)))))
}

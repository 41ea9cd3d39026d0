package window

import (
	"cmp"
	"math"

	"github.com/dendro-carbon/dendro/internal/distinct"
)

// unnamed is the service of spans that do not name one.
const unnamed = "unknown"

// undated is the time of spans without one.
const undated int64 = math.MinInt64

// Scorer counts the spans of a window. It is not safe for concurrent use; two
// scorers over parts of a stream count what one counts over all of it.
type Scorer struct {
	config Config

	services, regions, environments, endpoints names

	homes   []home              // by the number of the service
	metered map[string]struct{} // services that have meters

	cells    []cell
	index    map[cellKey]int32
	lastKey  cellKey
	lastCell int32

	calls     []calls
	callIndex map[callKey]int32
	roots     uint64

	// Only with DistinctTraces.
	traces    map[TraceID]uint32 // by number
	lastTrace TraceID            // spans of a trace tend to come together
	lastID    uint32
	visits    distinct.Pairs // a trace that touched an endpoint, by their numbers

	spans       uint64
	folded      uint64 // spans of services, regions, environments or times beyond the limits
	namedRegion bool   // a span names its region
}

// home is what is known of a service beforehand.
type home struct {
	region int32 // of its spans that name none; -1 until there is one
	grid   int64 // the steps of time that its operations are counted in
}

// cellKey is what a span is counted under. Its time is the begin of a step, or of a
// tick for a metered service, or undated.
type cellKey struct {
	service, region, environment int32
	time                         int64
}

// cell is what was counted.
type cell struct {
	key        cellKey
	ops        [classes]uint64
	others     uint64 // spans that are no operations
	otherNanos uint64 // and how long they took
	bytes      uint64 // carried to other regions
	first      int64  // when the first dated operation began
}

// when returns when the cell began: its first operation, if that has a time.
func (c *cell) when() int64 {
	if c.first < math.MaxInt64 && c.key.time != undated {
		return c.first
	}
	return c.key.time
}

// operations returns how many operations were counted.
func (c *cell) operations() uint64 {
	var n uint64
	for _, count := range c.ops {
		n += count
	}
	return n
}

type callKey struct{ service, endpoint int32 }

// calls is what was counted for an endpoint.
type calls struct {
	key         callKey
	ops, traces uint64
}

// maxEnvironments bounds environments: there are few unless somebody errs.
const maxEnvironments = 64

// New returns a scorer with an open window, or the error of [Config.Validate].
func New(c Config) (*Scorer, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Scorer{
		config:   c.normal(),
		services: newNames(c.Limits.Services, maxName, true), regions: newNames(c.Limits.Regions, maxName, true),
		environments: newNames(maxEnvironments, maxName, true), endpoints: newNames(c.Limits.Endpoints, maxEndpoint, false),
		metered: map[string]struct{}{}, index: map[cellKey]int32{}, callIndex: map[callKey]int32{},
		traces: map[TraceID]uint32{},
	}
	for _, name := range c.Metered {
		s.metered[string(s.services.key(name))] = struct{}{}
	}
	s.reset()
	return s, nil
}

// reset opens the next window and keeps the memory of the last one.
func (s *Scorer) reset() {
	for _, n := range []*names{&s.services, &s.regions, &s.environments, &s.endpoints} {
		n.reset()
	}
	clear(s.index)
	clear(s.callIndex)
	s.visits.Reset()
	clear(s.traces)
	s.homes, s.cells, s.calls = s.homes[:0], s.cells[:0], s.calls[:0]
	s.lastCell, s.lastTrace = -1, TraceID{}
	s.roots, s.spans, s.folded, s.namedRegion = 0, 0, 0, false
}

// Len returns how many spans were counted in the open window.
func (s *Scorer) Len() uint64 { return s.spans }

// Add counts a span in the open window. It keeps neither the span nor its texts, and
// allocates nothing for names and times that it has seen.
func (s *Scorer) Add(span *Span) {
	s.spans++
	service := s.service(span.Service)
	region := s.region(service, span.Region)
	c := s.cell(cellKey{service, region, s.environments.id(span.Environment), s.timeOf(service, span.Start)})
	if span.LocalRoot {
		s.roots++
	}
	if span.Kind == KindOther || span.Kind > KindMessaging {
		c.others++
		c.otherNanos = addUp(c.otherNanos, span.Duration)
		return
	}
	c.ops[s.config.Factors.classOf(span)]++
	if span.Start > 0 {
		c.first = min(c.first, span.Start)
	}
	if span.Kind == KindHTTP && span.ResponseBytes > 0 && s.leaves(region, span.Callee) {
		c.bytes = addUp(c.bytes, span.ResponseBytes)
	}
	s.call(service, span)
}

// addUp adds an amount that is not negative, and stays at the largest sum.
func addUp(sum uint64, x int64) uint64 {
	if x < 0 {
		return sum
	}
	if more := sum + uint64(x); more >= sum {
		return more
	}
	return math.MaxUint64
}

// service returns the number of a service, and notes where it is at home.
func (s *Scorer) service(name string) int32 {
	id := s.services.id(cmp.Or(name, unnamed))
	for next := len(s.homes); next <= int(id); next++ {
		h := home{region: -1, grid: int64(s.config.Step)}
		if _, ok := s.metered[s.services.list[next]]; ok && next != int(otherName) {
			h.grid = int64(s.config.Tick)
		}
		s.homes = append(s.homes, h)
	}
	return id
}

// region returns the number of the region that a span names, else of its service's.
func (s *Scorer) region(service int32, name string) int32 {
	if name != "" {
		s.namedRegion = true
		return s.regions.id(name)
	}
	h := &s.homes[service]
	if h.region < 0 {
		region := s.config.DefaultRegion
		if service != otherName { // not the service that is called so
			region = cmp.Or(s.config.ServiceRegions[s.services.list[service]], region)
		}
		h.region = s.regions.id(region)
	}
	return h.region
}

// timeOf returns the begin of the step of time that a span is counted in.
func (s *Scorer) timeOf(service int32, start int64) int64 {
	if start <= 0 {
		return undated
	}
	return start - start%s.homes[service].grid
}

// leaves reports whether a response comes from another region than the caller's.
func (s *Scorer) leaves(region int32, callee string) bool {
	if region < firstName || callee == "" || len(s.config.ServiceRegions) == 0 {
		return false
	}
	to, ok := s.config.ServiceRegions[callee]
	if !ok {
		to, ok = s.config.ServiceRegions[string(s.services.key(callee))]
	}
	return ok && to != s.regions.list[region]
}

// cell returns the cell of a key. Beyond the limit cells lose environment and
// time; beyond twice the limit service and region, too.
func (s *Scorer) cell(key cellKey) *cell {
	if key == s.lastKey && s.lastCell >= 0 {
		return s.counted(s.lastCell)
	}
	at, ok := s.index[key]
	if !ok && s.config.Admit != nil {
		if names, place := s.config.Admit(s.services.list[key.service], s.regions.list[key.region], s.environments.list[key.environment]); !names {
			key.service, key.environment = otherName, otherName
			if !place {
				key.region = otherName
			}
			at, ok = s.index[key]
		}
	}
	if limit := s.config.Limits.Cells; !ok && len(s.cells) >= limit {
		key.environment, key.time = otherName, undated
		if len(s.cells) >= 2*limit {
			key.service, key.region = otherName, otherName
		}
		at, ok = s.index[key]
	}
	if !ok {
		at = int32(len(s.cells))
		s.cells = append(s.cells, cell{key: key, first: math.MaxInt64})
		s.index[key] = at
	}
	s.lastKey, s.lastCell = key, at
	return s.counted(at)
}

// counted returns a cell, and takes note if something was folded into it.
func (s *Scorer) counted(at int32) *cell {
	c := &s.cells[at]
	if k := c.key; k.service == otherName || k.region == otherName || k.environment == otherName {
		s.folded++
	}
	return c
}

// call counts an operation for its endpoint and its trace.
func (s *Scorer) call(service int32, span *Span) {
	key := callKey{service, s.endpoints.id(span.Endpoint)}
	at, ok := s.callIndex[key]
	if !ok {
		if len(s.calls) >= 2*s.config.Limits.Endpoints {
			key = callKey{otherName, otherName}
			at, ok = s.callIndex[key]
		}
		if !ok {
			at = int32(len(s.calls))
			s.calls = append(s.calls, calls{key: key})
			s.callIndex[key] = at
		}
	}
	s.calls[at].ops++
	if s.config.Traces != DistinctTraces || span.Trace == (TraceID{}) {
		return
	}
	if s.visits.Add(s.trace(span.Trace), uint32(at)) {
		s.calls[at].traces++
	}
}

// trace returns the number of a trace.
func (s *Scorer) trace(id TraceID) uint32 {
	if id == s.lastTrace {
		return s.lastID
	}
	number, ok := s.traces[id]
	if !ok {
		number = uint32(len(s.traces))
		s.traces[id] = number
	}
	s.lastTrace, s.lastID = id, number
	return number
}

// countedTraces returns how many traces the window has.
func (s *Scorer) countedTraces() uint64 {
	if s.config.Traces == LocalRoots {
		return s.roots
	}
	return uint64(len(s.traces))
}

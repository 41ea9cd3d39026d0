package fold

import (
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/window"
)

// unattributedName stands for no service in the original's windows and reports.
const unattributedName = "_unattributed"

// service adds up what belongs to a service.
type service struct {
	seen           bool // whether anything was added
	named          bool // whether the original's report has a row of it
	ops, requests  uint64
	energy, carbon sum // kWh, and kg of whatever the window has by service
	endpoints      map[uint64]struct{}
	patterns       map[string]*disclosure.Pattern
	models         tags
	ratio          sum
	ratios         uint64
	cells          []*cell
	rest           *cell // those beyond the limit
}

// row returns the sums of a service, by name.
func (f *folder) row(name string) *service {
	s := f.named(name)
	s.named = true
	return s
}

// recent is a service that was met not long ago.
type recent struct {
	name string
	sums *service
}

// named returns the sums of a service, those of the rest for one beyond the limit.
func (f *folder) named(name string) *service {
	if name == "" || name == unattributedName {
		f.nobody.seen = true
		return &f.nobody
	}
	slot := &f.recent[(len(name)*31+int(name[0])*7+int(name[len(name)-1]))%len(f.recent)]
	if slot.name != name {
		*slot = recent{name, f.known(name)}
	}
	slot.sums.seen = true
	return slot.sums
}

// known returns the sums of a service that has a name.
func (f *folder) known(name string) *service {
	if s, ok := f.services[name]; ok {
		return s
	}
	left := f.names.insert(name)
	if left == name {
		return &f.other
	}
	if left != "" {
		f.other.merge(f.services[left])
		delete(f.services, left)
		f.recent = [len(f.recent)]recent{}
	}
	s := &service{}
	f.services[strings.Clone(name)] = s
	return s
}

// amountOf is an amount of operations of a service.
type amountOf struct {
	service string
	ops     uint64
}

// operations returns the operations by service, which endpoints have. Endpoints mostly come
// in the order of services.
func (f *folder) operations(endpoints []window.EndpointOps) (total uint64) {
	f.io = f.io[:0]
	for _, e := range endpoints {
		total = plus(total, e.Ops)
		i := len(f.io) - 1
		if i < 0 || f.io[i].service != e.Service {
			i = slices.IndexFunc(f.io, func(a amountOf) bool { return a.service == e.Service })
		}
		if i < 0 {
			f.io, i = append(f.io, amountOf{service: e.Service}), len(f.io)
		}
		f.io[i].ops = plus(f.io[i].ops, e.Ops)
	}
	return total
}

// runtime adds a window that says the figures of its services.
func (f *folder) runtime(w *window.Window, v *windowFigures) {
	g := &w.Green
	f.operations(w.Endpoints)
	for _, a := range g.ServiceCarbonKg {
		s := f.row(a.Service)
		s.carbon.addFloat(f.amount(a.Value))
		if energy, ok := g.ServiceEnergyKWh.Get(a.Service); ok {
			s.energy.addFloat(f.amount(energy))
		}
		i := slices.IndexFunc(f.io, func(o amountOf) bool { return o.service == a.Service })
		if i < 0 {
			continue
		}
		s.ops = plus(s.ops, f.io[i].ops)
		if g.TotalOps > 0 {
			share := float64(f.io[i].ops) / float64(g.TotalOps)
			s.requests = plus(s.requests, uint64(math.Round(float64(w.Analysis.Traces)*min(share, 1))))
		}
	}
}

// fallback divides a window by operations, and reports whether nobody is known to have any.
// As in the original, services whose endpoints have no operations have rows, and nothing
// in them.
func (f *folder) fallback(w *window.Window, v *windowFigures) (nobody bool) {
	total := f.operations(w.Endpoints)
	if total == 0 {
		f.windows.Unattributed++
	}
	if len(f.io) == 0 {
		if f.unattributedAt.IsZero() || v.at.Before(f.unattributedAt) {
			f.unattributedAt = v.at
		}
		s := f.row(unattributedName)
		s.ops, s.requests = plus(s.ops, w.Green.TotalOps), plus(s.requests, w.Analysis.Traces)
		s.energy.addFloat(v.energy)
		s.carbon.addFloat(v.carbon / 1000)
		return true
	}
	for _, a := range f.io {
		share := float64(a.ops) / float64(max(total, 1))
		s := f.row(a.service)
		s.ops = plus(s.ops, a.ops)
		s.requests = plus(s.requests, uint64(math.Round(float64(w.Analysis.Traces)*share)))
		s.energy.addFloat(v.energy * share)
		s.carbon.addFloat(v.carbon / 1000 * share)
	}
	return false
}

// ratios adds what is known of measurement and of models, by service.
func (f *folder) ratios(g *window.Green) {
	for _, a := range g.ServiceMeasuredRatio {
		s := f.named(a.Service)
		s.ratio.addFloat(f.amount(min(a.Value, 1)))
		s.ratios++
	}
	for _, l := range g.ServiceModel {
		if tag, calibrated, ok := cleanTag(l.Value); ok {
			f.report.calibrated = f.report.calibrated || calibrated
			f.report.models.insert(tag)
			f.named(l.Service).model(tag)
		} else if l.Value != "" {
			f.repairs.Tags++
		}
	}
}

func (s *service) model(tag string) {
	if s.models.limit == 0 {
		s.models = newTags(maxTags)
	}
	s.models.insert(tag)
}

// cleanTag returns the tag of an energy model without the mark of calibration, and whether
// it is of a length to be published. That of "+cal" alone is empty, as in the original.
func cleanTag(tag string) (clean string, calibrated, ok bool) {
	if tag == "" || len(tag) > maxTag {
		return "", false, false
	}
	clean, calibrated = strings.CutSuffix(tag, "+cal")
	return clean, calibrated, true
}

// endpoints notes the endpoints of services.
func (f *folder) endpoints(list []window.EndpointOps) {
	for _, e := range list {
		f.named(e.Service).endpoint(maphash.String(f.seed, e.Endpoint))
	}
}

func (s *service) endpoint(hash uint64) {
	if s.endpoints == nil {
		s.endpoints = map[uint64]struct{}{}
	}
	if len(s.endpoints) < maxEndpoints {
		s.endpoints[hash] = struct{}{}
	}
}

// findings adds the anti-patterns of a window. As in the original, those of a window of whose
// services nothing is known have none either.
func (f *folder) findings(list []window.Finding, at time.Time, nobody bool) {
	for i := range list {
		name := list[i].Service
		if name == "" || nobody {
			name = unattributedName
		}
		f.row(name).finding(&list[i], at)
	}
}

// finding adds an anti-pattern. One finding is one occurrence, as in the original.
func (s *service) finding(p *window.Finding, at time.Time) {
	kind := p.Kind
	if s.patterns[kind] == nil && !slices.Contains(disclosure.Patterns(), kind) {
		kind = "other"
	}
	add := disclosure.Pattern{Type: kind, Occurrences: 1, First: at, Last: at}
	if avoidable(kind) && p.Occurrences > 0 {
		add.Avoidable = p.Occurrences - 1
	}
	s.pattern(&add)
}

// pattern adds what is known of a kind of anti-patterns.
func (s *service) pattern(add *disclosure.Pattern) {
	have := s.patterns[add.Type]
	if have == nil {
		if s.patterns == nil {
			s.patterns = map[string]*disclosure.Pattern{}
		}
		first := *add
		s.patterns[add.Type] = &first
		return
	}
	have.Occurrences, have.Avoidable = plus(have.Occurrences, add.Occurrences), plus(have.Avoidable, add.Avoidable)
	if add.First.Before(have.First) {
		have.First = add.First
	}
	if add.Last.After(have.Last) {
		have.Last = add.Last
	}
}

// avoidable reports whether all but one of the operations of a pattern need not be.
func avoidable(kind string) bool {
	return strings.HasPrefix(kind, "n_plus_one_") || strings.HasPrefix(kind, "redundant_")
}

// merge adds the sums of another service, or of the same one elsewhere.
func (s *service) merge(o *service) {
	s.seen, s.named = s.seen || o.seen, s.named || o.named
	s.ops, s.requests = plus(s.ops, o.ops), plus(s.requests, o.requests)
	s.energy.add(&o.energy)
	s.carbon.add(&o.carbon)
	s.ratio.add(&o.ratio)
	s.ratios += o.ratios
	for hash := range o.endpoints {
		s.endpoint(hash)
	}
	for _, p := range o.patterns {
		s.pattern(p)
	}
	for _, tag := range o.models.sorted {
		s.model(tag)
	}
	for _, c := range o.cells {
		s.cell(c.key).merge(c)
	}
	if o.rest != nil {
		s.beyond().merge(o.rest)
	}
}

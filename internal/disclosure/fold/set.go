package fold

import (
	"slices"
	"sort"
)

// nameSet is a set of the smallest names, up to a limit. Which ones are in it in the end
// does not depend on the order in which they came: a name that is refused or put out
// would be so in any order.
type nameSet struct {
	limit  int
	sorted []string
}

// insert adds a name. It returns the one that leaves for it, which may be itself, and
// "" if none does.
func (n *nameSet) insert(name string) (left string) {
	i, found := slices.BinarySearch(n.sorted, name)
	if found {
		return ""
	}
	if len(n.sorted) < n.limit {
		n.sorted = slices.Insert(n.sorted, i, name)
		return ""
	}
	if i == len(n.sorted) {
		return name
	}
	left = n.sorted[len(n.sorted)-1]
	copy(n.sorted[i+1:], n.sorted[i:])
	n.sorted[i] = name
	return left
}

// tags is a set of words, at most limit of them: the smallest.
type tags struct {
	nameSet
	over bool   // whether one was left out
	last string // that was inserted: mostly the one that comes next
}

func newTags(limit int) tags { return tags{nameSet: nameSet{limit: limit}} }

func (t *tags) insert(tag string) {
	if tag == t.last && tag != "" {
		return
	}
	t.last = tag
	if t.nameSet.insert(tag) != "" {
		t.over = true
	}
}

func (t *tags) merge(o *tags) {
	for _, tag := range o.sorted {
		t.insert(tag)
	}
	t.over = t.over || o.over
}

// intervals is a set of stretches of time, disjoint and sorted, in nanoseconds since the
// Unix epoch. It holds as many as there are gaps in what was observed.
type intervals struct{ list [][2]int64 }

// add adds a stretch, half-open.
func (v *intervals) add(from, to int64) {
	if from >= to {
		return
	}
	// The stretches that touch it are those of [i, j).
	i := sort.Search(len(v.list), func(k int) bool { return v.list[k][1] >= from })
	j := i
	for j < len(v.list) && v.list[j][0] <= to {
		from, to = min(from, v.list[j][0]), max(to, v.list[j][1])
		j++
	}
	v.list = slices.Replace(v.list, i, j, [2]int64{from, to})
}

func (v *intervals) merge(o *intervals) {
	for _, s := range o.list {
		v.add(s[0], s[1])
	}
}

// length returns the time in the set, in nanoseconds.
func (v *intervals) length() int64 {
	total := int64(0)
	for _, s := range v.list {
		total += s[1] - s[0]
	}
	return total
}

// addSource adds energy to that of a source. Words that are not known are one source,
// so that there are few.
func addSource(sources map[string]*sum, name string, kwh float64) {
	s := sources[name]
	if s == nil && !slices.Contains(knownSources(), name) {
		name = "other"
		s = sources[name]
	}
	if s == nil {
		s = &sum{}
		sources[name] = s
	}
	s.addFloat(kwh)
}

func knownSources() []string {
	return []string{
		"io_proxy", "io_proxy_v1", "io_proxy_v2", "io_proxy_v3", "io_proxy+cal", "io_proxy_v1+cal", "io_proxy_v2+cal",
		"io_proxy_v3+cal", "duration_proxy", "cloud_specpower", "redfish_bmc", "kepler_ebpf", "scaphandre_rapl",
		"alumet_rapl", "electricity_maps_api", "unknown", "annual", "hourly", "monthly_hourly", "real_time",
	}
}

func mergeSources(into, from map[string]*sum) {
	for name, s := range from {
		if have := into[name]; have != nil {
			have.add(s)
			continue
		}
		into[name] = s
	}
}

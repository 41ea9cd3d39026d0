// Package metric knows how each named quantity is added up: its unit, and the
// method by which it is aggregated over time and over components.
//
// What a reader would get wrong: the two methods of a metric differ as often as
// they agree. An SCI score is averaged over time and summed over components; a
// functional unit that is shared is summed over time and copied over components.
package metric

import (
	"fmt"
	"iter"
	"strings"
)

// Method is a way to make one value of many.
type Method uint8

// The methods, named as in manifests. None leaves the metric out.
const (
	None Method = iota
	Sum
	Avg
	Copy
)

var names = [...]string{None: "none", Sum: "sum", Avg: "avg", Copy: "copy"} //archtest:table names of the methods

// String returns the method's name in a manifest.
func (m Method) String() string { return names[m] }

// ParseMethod reads a method's name.
func ParseMethod(s string) (Method, error) {
	for m, name := range names {
		if name == s {
			return Method(m), nil
		}
	}
	return None, fmt.Errorf("aggregation method %q: not one of sum, avg, copy, none", s)
}

// Info describes one metric, or a family of them.
type Info struct {
	// Name is the metric's name. "*/energy" stands for the family of all names
	// that end in "/energy".
	Name        string
	Unit        string
	Description string
	Time        Method // over the rows of one component
	Component   Method // over the components of one time step
	// Builtin is true for what [Builtin] knows, which no plugin and no manifest
	// has said.
	Builtin bool
}

// familyMark begins the name of a family.
const familyMark = "*/"

// Registry maps names of metrics to what is known of them. The zero value is
// empty and ready to use. It may be read by several goroutines at once.
type Registry struct {
	infos map[string]Info
	order []string
}

// Set adds a metric or a family, in place of what was known under its name: the
// last to speak is right. The place in the listing is that of the first.
func (r *Registry) Set(info Info) {
	if r.infos == nil {
		r.infos = make(map[string]Info)
	}
	if _, known := r.infos[info.Name]; !known {
		r.order = append(r.order, info.Name)
	}
	r.infos[info.Name] = info
}

// Lookup returns what is known of a metric: under its own name, else under its
// family, which is what stands behind the last slash of the name. The info's
// name is the one asked for.
func (r *Registry) Lookup(name string) (Info, bool) {
	if info, ok := r.infos[name]; ok {
		return info, true
	}
	slash := strings.LastIndexByte(name, '/')
	if slash < 0 {
		return Info{}, false
	}
	info, ok := r.infos[familyMark+name[slash+1:]]
	info.Name = name
	return info, ok
}

// All ranges over metrics and families in the order in which they were first
// set.
func (r *Registry) All() iter.Seq[Info] {
	return func(yield func(Info) bool) {
		for _, name := range r.order {
			if !yield(r.infos[name]) {
				return
			}
		}
	}
}

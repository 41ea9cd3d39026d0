// Package metric knows how each named quantity is added up: its unit, and the
// method by which it is aggregated over time and over components.
//
// What a reader would get wrong: the two methods of a metric differ as often as
// they agree. The power of a machine is averaged over time and summed over
// components.
package metric

import "fmt"

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

// Info describes one metric.
type Info struct {
	Name        string
	Unit        string
	Description string
	Time        Method // over the rows of one component
	Component   Method // over the components of one time step
}

// Registry maps names of metrics to what is known of them. The zero value is
// empty and ready to use.
type Registry struct {
	infos map[string]Info
}

// Set adds a metric, in place of what was known under its name.
func (r *Registry) Set(info Info) {
	if r.infos == nil {
		r.infos = make(map[string]Info)
	}
	r.infos[info.Name] = info
}

// Lookup returns what is known of a metric.
func (r *Registry) Lookup(name string) (Info, bool) {
	info, ok := r.infos[name]
	return info, ok
}

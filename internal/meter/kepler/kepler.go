// Package kepler reads Kepler: joules of containers, pods or processes, as it divides
// what the counters of processors tell.
//
// The facts that a reader would get wrong: newer versions give a row for each zone of
// the processor, of which "core" and "uncore" are parts of "package" and "psys" is all
// of them, so only some are added up; and the names of processes are cut to 15 bytes by
// the kernel.
package kepler

import (
	"context"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Kind is what energy is told of.
type Kind string

// The kinds, whose names are told by the labels container_name, pod_name and comm.
const (
	Containers Kind = "container"
	Pods       Kind = "pod"
	Processes  Kind = "process"
)

// maxComm is how much the kernel keeps of the name of a process, in bytes.
const maxComm = 15

// Config says what belongs to which services.
type Config struct {
	// Name is how messages call the meter.
	Name string
	// Every is how often it is read.
	Every time.Duration
	Kind  Kind
	// Metric is another name of the metric, for older versions; "" for that of the kind.
	Metric string
	// Zones are added up where rows have a zone.
	Zones   []string
	Targets []Target
}

// Target is a container, pod or process, by name.
type Target struct {
	Value    string
	Services []string
}

// Defaults returns the config of containers, without targets.
func Defaults() Config {
	return Config{Name: "kepler", Every: 5 * time.Second, Kind: Containers, Zones: []string{"package", "dram"}}
}

// Source is a [meter.Source]. It is safe for concurrent use.
type Source struct {
	config  Config
	label   string
	readers []exposition.Reader
	byValue map[string]int
}

// New returns a source of some exporters, one for each node, or what is wrong with the
// config, as a [diag.List].
func New(c Config, readers ...exposition.Reader) (*Source, error) {
	var list diag.List
	wrong := func(format string, args ...any) { list = append(list, diag.New("", format, args...)) }
	s := &Source{config: c, readers: readers, byValue: map[string]int{}}
	switch c.Kind {
	case Containers, Pods:
		s.label = string(c.Kind) + "_name"
	case Processes:
		s.label = "comm"
	default:
		wrong("kind: %q: use container, pod or process", c.Kind)
	}
	if s.config.Metric == "" {
		s.config.Metric = "kepler_" + string(c.Kind) + "_cpu_joules_total"
	}
	for i, t := range c.Targets {
		if _, twice := s.byValue[t.Value]; twice || t.Value == "" {
			wrong("targets[%d]: %q: give each name once, with all services that share it", i, t.Value)
		}
		if c.Kind == Processes && len(t.Value) > maxComm {
			wrong("targets[%d]: %q: the kernel keeps %d bytes of the name of a process: %q", i, t.Value, maxComm, t.Value[:maxComm])
		}
		s.byValue[t.Value] = i
	}
	list.Add(s.Info().Validate())
	return s, list.Err()
}

// Info implements [meter.Source].
func (s *Source) Info() meter.Info {
	info := meter.Info{Name: s.config.Name, Energy: window.EnergyKepler, Every: s.config.Every}
	for _, t := range s.config.Targets {
		info.Targets = append(info.Targets, t.Services)
	}
	return info
}

// Read implements [meter.Source]. Rows with one name are counters of one target: of
// several nodes, zones, or containers that are called alike.
func (s *Source) Read(ctx context.Context, after time.Time) ([]meter.Sample, error) {
	return exposition.Samples(ctx, s.readers, []string{s.config.Metric}, after, func(r exposition.Row) *meter.Sample {
		target, ok := s.byValue[r.Labels[s.label]]
		if zone, zoned := r.Labels["zone"]; !ok || zoned && !slices.Contains(s.config.Zones, zone) {
			return nil
		}
		delete(r.Labels, "state") // what ended goes on as terminated, with the joules of its last seconds
		return &meter.Sample{Target: target, Kind: meter.Counter, Value: r.Value}
	})
}

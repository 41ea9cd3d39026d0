// Package scaphandre reads Scaphandre: the power of processes, as it divides what the
// counters of processors tell.
//
// The fact that a reader would get wrong: the label cmdline is all arguments without
// anything between them, so "java -jar cart.jar" is "java-jarcart.jar".
package scaphandre

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/window"
)

// metric is a gauge, in microwatts.
const metric = "scaph_process_power_consumption_microwatts"

// Config says which processes belong to which services.
type Config struct {
	// Name is how messages call the meter.
	Name string
	// Every is how often it is read.
	Every time.Duration
	// Targets are asked in order: a process belongs to the first that it matches, and
	// so to one at most.
	Targets []Target
}

// Target is all processes whose labels contain the texts.
type Target struct {
	Exe, Cmdline string
	Services     []string
}

// Defaults returns a config without targets.
func Defaults() Config { return Config{Name: "scaphandre", Every: 5 * time.Second} }

// Source is a [meter.Source]. It is safe for concurrent use.
type Source struct {
	config  Config
	readers []exposition.Reader
}

// New returns a source of some exporters, one for each host, or what is wrong with the
// config, as a [diag.List].
func New(c Config, readers ...exposition.Reader) (*Source, error) {
	var list diag.List
	for i, t := range c.Targets {
		if t.Exe == "" && t.Cmdline == "" {
			list = append(list, diag.New("", "targets[%d]: exe, cmdline or both are required", i))
		}
	}
	s := &Source{c, readers}
	list.Add(s.Info().Validate())
	return s, list.Err()
}

// Info implements [meter.Source].
func (s *Source) Info() meter.Info {
	info := meter.Info{Name: s.config.Name, Energy: window.EnergyScaphandre, Every: s.config.Every}
	for _, t := range s.config.Targets {
		info.Targets = append(info.Targets, t.Services)
	}
	return info
}

// Read implements [meter.Source]. Each process is a series of its own.
func (s *Source) Read(ctx context.Context, after time.Time) ([]meter.Sample, error) {
	return exposition.Samples(ctx, s.readers, []string{metric}, after, func(r exposition.Row) *meter.Sample {
		target := slices.IndexFunc(s.config.Targets, func(t Target) bool {
			return strings.Contains(r.Labels["exe"], t.Exe) && strings.Contains(r.Labels["cmdline"], t.Cmdline)
		})
		if target < 0 {
			return nil
		}
		return &meter.Sample{Target: target, Kind: meter.Power, Value: r.Value / 1e6}
	})
}

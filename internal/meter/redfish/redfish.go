// Package redfish reads the power of chassis from their management controllers, over
// Redfish (DMTF DSP0266).
//
// It measures all that is in the chassis, with disks and fans, and what is not a service
// too. The fact that a reader would get wrong: 0 W is what a controller says that does
// not know yet, since a chassis that answers draws power; it is refused.
package redfish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Schema is where in a document the power stands.
type Schema string

const (
	// LegacyPower is a Power resource: the first PowerControl's PowerConsumedWatts.
	LegacyPower Schema = "legacy_power"
	// Environment is an EnvironmentMetrics resource: the Reading of PowerWatts.
	Environment Schema = "environment_metrics"
)

// minEvery spares controllers, which are slow.
const minEvery = 15 * time.Second

// Config says which chassis belong to which services.
type Config struct {
	// Name is how messages call the meter.
	Name string
	// Every is how often each chassis is read.
	Every   time.Duration
	Chassis []Chassis
}

// Chassis is a document that tells its power. The client's base is its address.
type Chassis struct {
	Name     string
	Client   *fetch.Client
	Schema   Schema
	Services []string
}

// Defaults returns a config without chassis.
func Defaults() Config { return Config{Name: "redfish", Every: time.Minute} }

// Source is a [meter.Source]. It is safe for concurrent use.
type Source struct{ config Config }

// New returns a source, or what is wrong with the config, as a [diag.List].
func New(c Config) (*Source, error) {
	var list diag.List
	if c.Every < minEvery {
		list = append(list, diag.New("", "every: %v: at least %v", c.Every, minEvery))
	}
	for _, chassis := range c.Chassis {
		if chassis.Schema != LegacyPower && chassis.Schema != Environment {
			list = append(list, diag.New("", "chassis %q: schema: %q: use %s or %s", chassis.Name, chassis.Schema, LegacyPower, Environment))
		}
	}
	s := &Source{c}
	list.Add(s.Info().Validate())
	return s, list.Err()
}

// Info implements [meter.Source].
func (s *Source) Info() meter.Info {
	info := meter.Info{Name: s.config.Name, Energy: window.EnergyRedfish, Every: s.config.Every}
	for _, c := range s.config.Chassis {
		info.Targets = append(info.Targets, c.Services)
	}
	return info
}

// Read implements [meter.Source]. All chassis are asked at once.
func (s *Source) Read(ctx context.Context, _ time.Time) ([]meter.Sample, error) {
	samples := make([]meter.Sample, len(s.config.Chassis))
	errs := make([]error, len(samples))
	var wg sync.WaitGroup
	for i, c := range s.config.Chassis {
		wg.Go(func() {
			samples[i], errs[i] = c.read(ctx)
			samples[i].Target = i
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	var out []meter.Sample
	for i, err := range errs {
		if err == nil {
			out = append(out, samples[i])
		}
	}
	return out, errors.Join(errs...)
}

// read reads one chassis.
func (c Chassis) read(ctx context.Context) (meter.Sample, error) {
	text, err := c.Client.Get(ctx, "", nil)
	if err != nil {
		return meter.Sample{}, fmt.Errorf("chassis %q: %w", c.Name, meter.Fault(ctx, err))
	}
	watts, err := parse(text, c.Schema)
	if err != nil {
		return meter.Sample{}, fmt.Errorf("chassis %q: %w: %w: %s", c.Name, meter.ErrReply, err, fetch.Excerpt(text))
	}
	return meter.Sample{Kind: meter.Power, At: time.Now(), Value: watts}, nil
}

// document is what is read of a resource. Others of its fields may have any form.
type document struct {
	PowerControl []struct{ PowerConsumedWatts *float64 }
	PowerWatts   struct{ Reading *float64 }
}

// parse returns the power in a document, in watts.
func parse(text []byte, schema Schema) (float64, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return 0, err
	}
	watts := d.PowerWatts.Reading
	if schema == LegacyPower {
		watts = nil
		if len(d.PowerControl) > 0 {
			watts = d.PowerControl[0].PowerConsumedWatts
		}
	}
	switch {
	case watts == nil:
		return 0, fmt.Errorf("no power where %s has it", schema)
	case *watts <= 0:
		return 0, fmt.Errorf("%v W", *watts)
	}
	return *watts, nil
}

// Package specpower makes power of the load of cloud instances, which Prometheus has, and
// of what their type draws idle and at full load: a model between the two, as the
// SPECpower benchmark measures them.
//
// Nothing is measured but the load. The facts that a reader would get wrong: a query
// that gives several series is refused, since the first of them would be the power of
// any instance; an instance is counted once, for all services on it together; and some
// clouds tell the load as a ratio, not in percent.
package specpower

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/prom"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Unit is how a load is told.
type Unit string

// The units of a load.
const (
	Percent Unit = "percent" // 0 to 100
	Ratio   Unit = "ratio"   // 0 to 1
)

// Config says which instances belong to which services.
type Config struct {
	// Name is how messages call the meter.
	Name string
	// Every is the step in which the load is asked for.
	Every     time.Duration
	Instances []Instance
}

// Instance is a machine, or several that are alike.
type Instance struct {
	// Query gives its load, as one series. Several machines: their mean.
	Query string
	Unit  Unit
	// Idle and Max are its power without and with full load, in watts, and Count is how
	// many there are; 0 is 1.
	Idle, Max float64
	Count     int
	Services  []string
}

// Defaults returns a config without instances.
func Defaults() Config { return Config{Name: "specpower", Every: 15 * time.Second} }

// Watts returns the power at a load in percent. One outside 0 to 100 counts as the
// nearest.
func (i Instance) Watts(percent float64) float64 {
	busy := min(100, max(0, percent)) / 100
	return float64(max(1, i.Count)) * (i.Idle + float64((i.Max-i.Idle)*busy))
}

// Source is a [meter.Source]. It is safe for concurrent use.
type Source struct {
	config Config
	client *prom.Client
}

// New returns a source over a Prometheus server, or what is wrong with the config, as a
// [diag.List].
func New(c Config, client *prom.Client) (*Source, error) {
	var list diag.List
	for n, i := range c.Instances {
		wrong := func(is bool, format string, args ...any) {
			if is {
				list = append(list, diag.New("", "instances[%d]: "+format, append([]any{n}, args...)...))
			}
		}
		wrong(i.Query == "", "query: required")
		wrong(i.Unit != Percent && i.Unit != Ratio, "unit: %q: use percent or ratio", i.Unit)
		wrong(!(i.Idle >= 0 && i.Max >= i.Idle && i.Max <= 1e6 && i.Max > 0), "idle_watts %v, max_watts %v: 0 ≤ idle ≤ max ≤ 1e6", i.Idle, i.Max)
		wrong(i.Count < 0 || i.Count > 1e6, "count: %d: from 1 to 1e6", i.Count)
	}
	s := &Source{c, client}
	list.Add(s.Info().Validate())
	return s, list.Err()
}

// Info implements [meter.Source].
func (s *Source) Info() meter.Info {
	info := meter.Info{Name: s.config.Name, Energy: window.EnergyCloud, Every: s.config.Every}
	for _, i := range s.config.Instances {
		info.Targets = append(info.Targets, i.Services)
	}
	return info
}

// Read implements [meter.Source]. Samples lie on whole steps of the epoch.
func (s *Source) Read(ctx context.Context, after time.Time) ([]meter.Sample, error) {
	const atOnce = 8
	samples := make([][]meter.Sample, len(s.config.Instances))
	errs := make([]error, len(samples))
	free := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, instance := range s.config.Instances {
		free <- struct{}{}
		wg.Go(func() {
			samples[i], errs[i] = s.read(ctx, instance, after)
			for n := range samples[i] {
				samples[i][n].Target = i
			}
			<-free
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	var out []meter.Sample
	for i := range samples {
		if errs[i] == nil {
			out = append(out, samples[i]...)
		}
	}
	return out, errors.Join(errs...)
}

// read asks for the load of one instance.
func (s *Source) read(ctx context.Context, i Instance, after time.Time) (out []meter.Sample, err error) {
	from, to := after.Truncate(s.config.Every).Add(s.config.Every), time.Now().Truncate(s.config.Every)
	if from.After(to) {
		return nil, ctx.Err()
	}
	err = s.client.Retry(ctx, func(ctx context.Context) error {
		out = nil
		found := 0
		_, err := s.client.Evaluate(ctx, i.Query, prom.WindowOf(from, to), s.config.Every, func(series *prom.Series) error {
			if found++; found > 1 {
				return fmt.Errorf("%w: several series: choose one by its labels, or their mean by avg()", meter.ErrReply)
			}
			for _, sample := range series.Samples {
				load := sample.Value
				if i.Unit == Ratio {
					load *= 100
				}
				if load == load && load-load == 0 { // neither NaN nor infinite
					out = append(out, meter.Sample{Kind: meter.Power, At: time.UnixMilli(sample.At), Value: i.Watts(load)})
				}
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("query %q: %w", i.Query, meter.Fault(ctx, err))
	}
	return out, nil
}

// Package specpower makes power of the load of cloud instances, which Prometheus has, and
// of what their type draws idle and at full load: a model between the two, as the
// SPECpower benchmark measures them.
//
// Nothing is measured but the load. What a type draws is in embedded tables, or given. The facts that a reader would get wrong: a query
// that gives several series is refused, since the first of them would be the power of
// any instance; an instance is counted once, for all services on it together; and some
// clouds tell the load as a ratio, not in percent.
package specpower

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	// Own are types that go before the embedded ones: their Provider, Name, Idle and Max.
	Own []Type
}

// Instance is a machine, or several that are alike.
type Instance struct {
	// Query gives its load, as one series. Several machines: their mean.
	Query string
	// Unit is how that tells it; empty is Ratio for GCP, else Percent.
	Unit Unit
	// Provider and Type say what it is, and VCPUs is how many it has, for types whose
	// name does not tell; 0 is what is known of the type.
	Provider Provider
	Type     string
	VCPUs    float64
	// Idle and Max are its power without and with full load, in watts; where the type is
	// given, 0 is that of the type. Count is how many there are; 0 is 1.
	Idle, Max float64
	Count     int
	Services  []string
	// burst is how many times the load may be 100 %; 0 is once.
	burst float64
}

// Defaults returns a config without instances.
func Defaults() Config { return Config{Name: "specpower", Every: 15 * time.Second} }

// Watts returns the power at a load in percent. One below 0 or above full load counts as
// that.
func (i Instance) Watts(percent float64) float64 {
	busy := min(1, max(0, percent/100/max(1, i.burst)))
	return float64(max(1, i.Count)) * (i.Idle + float64((i.Max-i.Idle)*busy))
}

// Source is a [meter.Source]. It is safe for concurrent use.
type Source struct {
	config Config
	client *prom.Client
	notes  []string
}

// New returns a source over a Prometheus server, or what is wrong with the config, as a
// [diag.List].
func New(c Config, client *prom.Client) (*Source, error) {
	types, err := Load()
	if err != nil {
		return nil, err
	}
	var list diag.List
	s := &Source{config: c, client: client}
	s.config.Instances = slices.Clone(c.Instances)
	for n := range s.config.Instances {
		i := &s.config.Instances[n]
		wrong := func(is bool, format string, args ...any) {
			if is {
				list = append(list, diag.New("", "instances[%d]: "+format, append([]any{n}, args...)...))
			}
		}
		note, err := i.resolve(types, c.Own)
		if err != nil {
			wrong(true, "%v", err)
			continue
		}
		if note != "" {
			s.notes = append(s.notes, note)
		}
		wrong(i.Query == "", "query: required")
		wrong(i.Unit != Percent && i.Unit != Ratio, "unit: %q: use percent or ratio", i.Unit)
		wrong(!(i.Idle >= 0 && i.Max >= i.Idle && i.Max <= 1e6 && i.Max > 0), "idle_watts %v, max_watts %v: 0 ≤ idle ≤ max ≤ 1e6", i.Idle, i.Max)
		wrong(i.Count < 0 || i.Count > 1e6, "count: %d: from 1 to 1e6", i.Count)
	}
	list.Add(s.Info().Validate())
	return s, list.Err()
}

// resolve looks up what is not given of an instance, and says what that rests on.
func (i *Instance) resolve(types *Types, own []Type) (note string, err error) {
	if i.Unit == "" {
		i.Unit = Percent
		if i.Provider == GCP {
			i.Unit = Ratio
		}
	}
	if i.Provider == "" && i.Type == "" {
		return "", nil
	}
	t, err := i.find(types, own)
	if err != nil {
		return "", err
	}
	given := i.Idle > 0 && i.Max > 0
	i.Idle, i.Max, i.burst = cmp.Or(i.Idle, t.Idle), cmp.Or(i.Max, t.Max), t.Burst
	if note = t.Assumes(); note == "" || given {
		return "", nil
	}
	return fmt.Sprintf("%s of %s: %v W to %v W: %s", i.Type, strings.Join(i.Services, ", "), float32(i.Idle), float32(i.Max), note), nil
}

// find returns the type of an instance. One that is in no table needs both of its own
// figures.
func (i *Instance) find(types *Types, own []Type) (Type, error) {
	if i.Provider != AWS && i.Provider != GCP && i.Provider != Azure {
		return Type{}, fmt.Errorf("provider: %q: use %s, %s or %s", i.Provider, AWS, GCP, Azure)
	}
	if i.Type == "" {
		return Type{}, errors.New("type: required with a provider")
	}
	if n := slices.IndexFunc(own, func(t Type) bool { return t.Provider == i.Provider && strings.EqualFold(t.Name, i.Type) }); n >= 0 {
		return Type{Idle: own[n].Idle, Max: own[n].Max, Share: 1, Burst: 1}, nil
	}
	t, err := types.Find(i.Provider, i.Type, i.VCPUs)
	if err != nil && i.Idle > 0 && i.Max > 0 {
		return Type{Share: 1, Burst: 1}, nil
	}
	if err != nil {
		return Type{}, fmt.Errorf("type: %w: give vcpus, or idle_watts and max_watts", err)
	}
	return t, nil
}

// Info implements [meter.Source].
func (s *Source) Info() meter.Info {
	info := meter.Info{Name: s.config.Name, Energy: window.EnergyCloud, Every: s.config.Every, Notes: s.notes}
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

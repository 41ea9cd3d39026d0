package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/meter/kepler"
	"github.com/dendro-carbon/dendro/internal/meter/redfish"
	"github.com/dendro-carbon/dendro/internal/meter/scaphandre"
	"github.com/dendro-carbon/dendro/internal/meter/specpower"
	"github.com/dendro-carbon/dendro/internal/prom"
)

// A new meter is a line in this table.
func (b *builder) meterKinds() map[string]func(config.Meter) (meter.Source, error) {
	return map[string]func(config.Meter) (meter.Source, error){
		config.MeterKepler: func(m config.Meter) (meter.Source, error) {
			readers, err := b.exporters(m)
			if err != nil {
				return nil, err
			}
			return kepler.New(m.Kepler(), readers...)
		},
		config.MeterScaphandre: func(m config.Meter) (meter.Source, error) {
			readers, err := b.exporters(m)
			if err != nil {
				return nil, err
			}
			return scaphandre.New(m.Scaphandre(), readers...)
		},
		config.MeterRedfish: b.redfish,
		config.MeterSpecpower: func(m config.Meter) (meter.Source, error) {
			client, err := b.meterServer(m)
			if err != nil {
				return nil, err
			}
			return specpower.New(m.Specpower(), client)
		},
	}
}

// meters returns the recorder of all meters, which reads them from when the background
// is run, and keeps its journal in a folder; nil without meters.
func (b *builder) meters(journals string) (*meter.Recorder, error) {
	var sources []meter.Source
	for i, m := range b.config.Services.Meters {
		source, err := b.meterKinds()[m.Kind](m)
		if err != nil {
			return nil, fmt.Errorf("services.meters[%d]: %w", i, err)
		}
		sources = append(sources, source)
	}
	if len(sources) == 0 {
		return nil, nil
	}
	reading := b.config.Services.MeterReading
	reading.Journal = filepath.Join(journals, "meters.ndjson")
	r, err := meter.NewRecorder(reading, sources, b.log)
	if err != nil {
		return nil, fmt.Errorf("services.meters: %w", err)
	}
	b.stack.add("meters", func(context.Context) error { return r.Close() })
	for _, m := range r.Status() {
		for _, note := range m.Notes {
			b.log.Info("meter assumes", "meter", m.Name, "assumption", note)
		}
	}
	b.background = append(b.background, func(ctx context.Context) error {
		r.Run(ctx)
		return nil
	})
	return r, nil
}

// exporters returns what reads the exporters of a meter, or the server that has them.
func (b *builder) exporters(m config.Meter) ([]exposition.Reader, error) {
	if m.Prometheus != "" {
		client, err := b.meterServer(m)
		return []exposition.Reader{exposition.Stored{Client: client, Matchers: m.Matchers}}, err
	}
	var out []exposition.Reader
	for _, c := range m.Scrape() {
		client, err := fetch.New(c, b.http())
		if err != nil {
			return nil, err
		}
		out = append(out, exposition.Scraped{Client: client})
	}
	return out, nil
}

func (b *builder) meterServer(m config.Meter) (*prom.Client, error) {
	c, err := m.Server()
	if err != nil {
		return nil, err
	}
	return prom.New(c, b.http())
}

func (b *builder) redfish(m config.Meter) (meter.Source, error) {
	c := m.Redfish()
	for i, s := range m.Scrape() {
		client, err := fetch.New(s, b.http())
		if err != nil {
			return nil, err
		}
		c.Chassis[i].Client = client
	}
	return redfish.New(c)
}

// meterStatus tells the API how it stands with the meters; nothing without any.
func meterStatus(r *meter.Recorder) []api.Meter {
	if r == nil {
		return nil
	}
	var out []api.Meter
	for _, m := range r.Status() {
		shown := api.Meter{
			Name: m.Name, Energy: m.Energy.String(), Newest: m.Good, Reads: m.Reads, Failed: m.Failed,
			Refused: m.Refused, Joules: m.Joules, Trouble: m.Trouble, Notes: m.Notes,
		}
		if !m.Good.IsZero() {
			age := time.Since(m.Good).Seconds()
			shown.Age = &age
		}
		out = append(out, shown)
	}
	return out
}

package config

import (
	"cmp"
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/kepler"
	"github.com/dendro-carbon/dendro/internal/meter/redfish"
	"github.com/dendro-carbon/dendro/internal/meter/scaphandre"
	"github.com/dendro-carbon/dendro/internal/meter/specpower"
	"github.com/dendro-carbon/dendro/internal/prom"
)

// The kinds of meters of services.
const (
	MeterKepler     = "kepler"
	MeterScaphandre = "scaphandre"
	MeterRedfish    = "redfish"
	MeterSpecpower  = "specpower"
)

// Meter is what measures the energy of services.
type Meter struct {
	Kind string
	// Name is how messages call it; empty is its kind.
	Name string
	// Every is how often it is read; 0 is the default of the kind.
	Every time.Duration
	// URLs are the exporters that are scraped, and Prometheus is the server that has
	// what they tell; one of the two.
	URLs       []string
	Prometheus string
	// Matchers choose series there.
	Matchers []prom.Matcher
	Header   fetch.Secret
	CAFile   string
	// Of, Metric and Zones are Kepler's.
	Of     kepler.Kind
	Metric string
	Zones  []string
	// Types are specpower's, before the embedded ones.
	Types   []specpower.Type
	Targets []MeterTarget
}

// MeterTarget is something that is measured, and the services that share its energy.
// What else is set depends on the kind of the meter.
type MeterTarget struct {
	Services     []string
	Value        string // Kepler
	Exe, Cmdline string // Scaphandre
	URL          string // Redfish
	Schema       redfish.Schema
	Header       fetch.Secret
	Load         specpower.Instance
}

func newMeter() Meter { return Meter{Of: kepler.Containers, Zones: kepler.Defaults().Zones} }

func newMeterTarget() MeterTarget {
	return MeterTarget{Schema: redfish.LegacyPower, Load: specpower.Instance{Count: 1}}
}

// Times and sizes of reading a meter.
const (
	meterTimeout  = 5 * time.Second
	meterMaxBytes = 8 << 20
)

// Kepler returns the config of the adapter.
func (m Meter) Kepler() kepler.Config {
	c := kepler.Defaults()
	c.Name, c.Every = cmp.Or(m.Name, m.Kind), cmp.Or(m.Every, c.Every)
	c.Kind, c.Metric, c.Zones = m.Of, m.Metric, m.Zones
	for _, t := range m.Targets {
		c.Targets = append(c.Targets, kepler.Target{Value: t.Value, Services: t.Services})
	}
	return c
}

// Scaphandre returns the config of the adapter.
func (m Meter) Scaphandre() scaphandre.Config {
	c := scaphandre.Defaults()
	c.Name, c.Every = cmp.Or(m.Name, m.Kind), cmp.Or(m.Every, c.Every)
	for _, t := range m.Targets {
		c.Targets = append(c.Targets, scaphandre.Target{Exe: t.Exe, Cmdline: t.Cmdline, Services: t.Services})
	}
	return c
}

// Redfish returns the config of the adapter, whose chassis lack their clients.
func (m Meter) Redfish() redfish.Config {
	c := redfish.Defaults()
	c.Name, c.Every = cmp.Or(m.Name, m.Kind), cmp.Or(m.Every, c.Every)
	for _, t := range m.Targets {
		c.Chassis = append(c.Chassis, redfish.Chassis{Name: t.URL, Schema: t.Schema, Services: t.Services})
	}
	return c
}

// Specpower returns the config of the adapter.
func (m Meter) Specpower() specpower.Config {
	c := specpower.Defaults()
	c.Name, c.Every, c.Own = cmp.Or(m.Name, m.Kind), cmp.Or(m.Every, c.Every), m.Types
	for _, t := range m.Targets {
		i := t.Load
		i.Services = t.Services
		c.Instances = append(c.Instances, i)
	}
	return c
}

// Scrape returns the configs of what is scraped: the exporters of a meter, or its
// targets if these have addresses.
func (m Meter) Scrape() []fetch.Config {
	var out []fetch.Config
	add := func(url string, header fetch.Secret) {
		out = append(out, fetch.Config{URL: url, Header: header, CAFile: m.CAFile, Timeout: meterTimeout, MaxBytes: meterMaxBytes})
	}
	for _, url := range m.URLs {
		add(url, m.Header)
	}
	if m.Kind == MeterRedfish {
		for _, t := range m.Targets {
			add(t.URL, cmp.Or(t.Header, m.Header))
		}
	}
	return out
}

// Server returns the config of the Prometheus server.
func (m Meter) Server() (prom.Config, error) {
	c := prom.Defaults()
	c.URL, c.RetryFor = m.Prometheus, 0
	if m.Header != "" {
		name, value, err := fetch.Config{Header: m.Header}.NameValue()
		if err != nil {
			return c, fmt.Errorf("header: %w", err)
		}
		c.Header = map[string]prom.Secret{name: prom.Secret(value)}
	}
	return c, c.Validate()
}

// validate returns what is wrong with a meter.
func (m Meter) validate() error {
	var err error
	switch m.Kind {
	case MeterKepler:
		_, err = kepler.New(m.Kepler())
	case MeterScaphandre:
		_, err = scaphandre.New(m.Scaphandre())
	case MeterRedfish:
		_, err = redfish.New(m.Redfish())
	case MeterSpecpower:
		_, err = specpower.New(m.Specpower(), nil)
	}
	var list diag.List
	list.Add(err)
	for _, s := range m.Scrape() {
		list.Add(s.Validate())
	}
	stored := m.Prometheus != ""
	if stored {
		_, err := m.Server()
		list.Add(err)
	}
	switch m.Kind {
	case MeterSpecpower:
		if !stored || len(m.URLs) > 0 || len(m.Matchers) > 0 {
			list = append(list, diag.New("", "prometheus is required; urls and matchers are not for it"))
		}
	case MeterRedfish:
		if stored || len(m.URLs) > 0 {
			list = append(list, diag.New("", "give the url of each target, and neither urls nor prometheus"))
		}
	default:
		if stored == (len(m.URLs) > 0) {
			list = append(list, diag.New("", "give either urls or prometheus"))
		}
		if !stored && len(m.Matchers) > 0 {
			list = append(list, diag.New("", "matchers are for prometheus"))
		}
	}
	return list.Err()
}

// meterTargets is a target for what a meter measures.
func meterTargets(to *[]MeterTarget) target {
	return objects[MeterTarget]{to: to, fresh: newMeterTarget, fields: func(t *MeterTarget) []field {
		return []field{
			{name: "services", doc: "the services that share the energy", to: texts(&t.Services, "a list of services"), required: true},
			{name: "value", doc: "`kepler`: the name of the container, pod or process", to: words(&t.Value, "a name")},
			{name: "exe", doc: "`scaphandre`: what the label `exe` contains", to: words(&t.Exe, "a text")},
			{name: "cmdline", doc: "`scaphandre`: what the label `cmdline` contains, which has nothing between arguments", to: words(&t.Cmdline, "a text")},
			{name: "url", doc: "`redfish`: the address of the document", to: address(&t.URL)},
			{name: "schema", doc: "`redfish`: where in it the power stands", to: choice(&t.Schema, redfish.LegacyPower, redfish.Environment)},
			{name: "header", doc: "`redfish`: another header than that of the meter", to: unshown[fetch.Secret]{&t.Header}},
			{name: "query", doc: "`specpower`: PromQL that gives the load as one series", to: words(&t.Load.Query, "a query")},
			{name: "unit", doc: "`specpower`: how it is told; without, a ratio for `gcp`, else percent", to: choice(&t.Load.Unit, specpower.Percent, specpower.Ratio)},
			{name: "provider", doc: "`specpower`: who rents it out", to: choice(&t.Load.Provider, specpower.AWS, specpower.GCP, specpower.Azure)},
			{name: "type", doc: "`specpower`: its type as the provider writes it, from which its power follows", to: words(&t.Load.Type, "a type")},
			{name: "vcpus", doc: "`specpower`: how many it has, for types whose name does not tell", to: decimal(&t.Load.VCPUs)},
			{name: "idle_watts", doc: "`specpower`: power without load, in place of the type's", to: decimal(&t.Load.Idle)},
			{name: "max_watts", doc: "`specpower`: power at full load, in place of the type's", to: decimal(&t.Load.Max)},
			{name: "count", doc: "`specpower`: how many such instances there are", to: number(&t.Load.Count)},
		}
	}}
}

// instanceTypes is a target for types of instances.
func instanceTypes(to *[]specpower.Type) target {
	return objects[specpower.Type]{to: to, fresh: func() specpower.Type { return specpower.Type{} }, fields: func(t *specpower.Type) []field {
		return []field{
			{name: "provider", doc: "who rents it out", to: choice(&t.Provider, specpower.AWS, specpower.GCP, specpower.Azure), required: true},
			{name: "type", doc: "the type", to: words(&t.Name, "a type"), required: true},
			{name: "idle_watts", doc: "power without load", to: decimal(&t.Idle), required: true},
			{name: "max_watts", doc: "power at full load", to: decimal(&t.Max), required: true},
		}
	}}
}

func meterSettings() Section {
	return Section{"Services: meters", "What measures the energy of services that are received. The energy of each interval is divided among the operations " +
		"that began in it. OPERATIONS.md tells what each meter measures, and what to look out for.", []Setting{
		{
			Path: "services.meters", Doc: "Meters. Of several kinds for one service the first of these holds: `scaphandre`, `kepler`, `redfish`, `specpower`.",
			at: func(c *Config) target {
				return objects[Meter]{to: &c.Services.Meters, fresh: newMeter, checked: Meter.validate, fields: func(m *Meter) []field {
					return []field{
						{name: "kind", doc: "which meter", to: choice(&m.Kind, MeterKepler, MeterScaphandre, MeterRedfish, MeterSpecpower), required: true},
						{name: "name", doc: "how messages call it", to: words(&m.Name, "a name")},
						{name: "every", doc: "how often it is read, and the interval over which operations share energy; with `prometheus`, how often that scrapes", to: span(&m.Every)},
						{name: "urls", doc: "the exporters, one for each host; `kepler`, `scaphandre`", to: texts(&m.URLs, "a list of URLs")},
						{name: "prometheus", doc: "the server that scrapes them, base path included; for `specpower` required", to: address(&m.Prometheus)},
						{name: "matchers", doc: "which series of `prometheus` count, as in PromQL: one of two servers that scrape the same, for example; not for `specpower`", to: matchers(&m.Matchers)},
						{name: "header", doc: "a header that is sent along, `NAME: VALUE`", to: unshown[fetch.Secret]{&m.Header}},
						{name: "ca_file", doc: "PEM certificates that servers may be signed by, beside those of the system", to: location{&m.CAFile, "a file"}},
						{name: "of", doc: "`kepler`: of what energy is told", to: choice(&m.Of, kepler.Containers, kepler.Pods, kepler.Processes)},
						{name: "metric", doc: "`kepler`: the name of the counter, for other versions", to: words(&m.Metric, "a metric")},
						{name: "zones", doc: "`kepler`: the zones that are added up", to: texts(&m.Zones, "a list of zones")},
						{name: "types", doc: "`specpower`: types of instances with their power, before the embedded ones: " +
							"`{provider, type, idle_watts, max_watts}`", to: instanceTypes(&m.Types)},
						{name: "targets", doc: "what is measured, see below", to: meterTargets(&m.Targets), required: true},
					}
				}}
			},
		},
		{
			Path: "services.meter_hold", Doc: "How long spans need to come: readings of a window end so long before it does.",
			at: func(c *Config) target { return span(&c.Services.MeterReading.Hold) },
		},
	}}
}

func defaultMeterReading() meter.Config {
	c := meter.Defaults()
	c.Timeout = 2 * meterTimeout
	return c
}

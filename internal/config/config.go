// Package config is everything that can be set: one YAML file, overridden by
// the environment, overridden by flags.
//
// One table ([Settings]) names each setting once, with its place in [Config]. The
// keys of the file, the variables of the environment, docs/CONFIGURATION.md and
// what config show prints are made from it, so none of them can be forgotten.
// Reading is strict, and all that is wrong is reported at once, each with the
// place where it was said.
//
// The package reads files but asks nobody else: whether a server answers is not
// its affair.
package config

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/intensity/electricitymaps"
	"github.com/dendro-carbon/dendro/internal/intensity/file"
	"github.com/dendro-carbon/dendro/internal/intensity/static"
	"github.com/dendro-carbon/dendro/internal/intensity/ukgrid"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source/demo"
	"github.com/dendro-carbon/dendro/internal/source/host"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
	"github.com/dendro-carbon/dendro/unit"
)

// Config is all settings. Make one with [Load] or [Defaults].
type Config struct {
	// Data is the folder that holds what is kept.
	Data string
	// Ledger is the kind of store: LedgerSQLite, LedgerPostgres or LedgerMemory.
	Ledger   string
	Postgres Postgres
	TimeZone string
	Slot     time.Duration
	Listen   string
	// Levels are the labels by which /metrics and the overview are divided.
	Levels []string
	Auth   Auth
	Log    Log
	Source Source
	Energy Energy
	// Embodied is searched in order.
	Embodied []Embodied

	Intensity Intensity
	Groups    Groups
	// Directories are where it is known who held which host.
	Directories []Directory
	Experiments Experiments
	// Facility is what the facility-compatible API needs besides.
	Facility Facility
	People   People
	// Policy is that of the ledger, Policies are others that can be asked for.
	Policy   derive.Policy
	Policies []derive.Policy
	// Services is how spans are scored.
	Services Services
	// Disclosures is where disclosures are that the server shows.
	Disclosures Disclosures
	// Slots is when the driver does what. Its Method is made by [Config.Method].
	Slots slots.Config
}

// Postgres says where a ledger in PostgreSQL is.
type Postgres struct {
	URL postgres.Secret
	// Connections is the most that are used for reading.
	Connections int
}

// Auth says who may ask.
type Auth struct {
	// TokensFile holds the tokens of those who may; empty lets everybody on
	// this machine.
	TokensFile string
}

// Log says what is logged and how.
type Log struct {
	Level  string
	Format string
}

// Source says where it is observed what hosts do.
type Source struct {
	// Kind is SourcePrometheus, SourceHost, SourceDemo or SourceNone.
	Kind       string
	Prometheus Prometheus
	Host       host.Config
	Demo       demo.Config
}

// Prometheus is the adapter's own config and the names that become its parts.
type Prometheus struct {
	prometheus.Config
	// HostKeys are the names of normalisers, in order.
	HostKeys []string
}

// Energy says how use becomes energy.
type Energy struct {
	Model energy.Model
	// PUE is for every model that has none of its own.
	PUE       Ratio
	Overrides []derive.ModelRule
}

// Intensity says how energy becomes carbon.
type Intensity struct {
	// Chain names sources, best first.
	Chain []string
	// Region is where hosts are for which no rule of Places holds.
	Region string
	Places []derive.PlaceRule
	// UKGrid, ElectricityMaps and File are the configs of the sources that can be
	// named ukgrid, electricity-maps and file.
	UKGrid          ukgrid.Config
	ElectricityMaps electricitymaps.Config
	File            file.Config
}

// The names of intensity sources in a chain.
const (
	IntensityStatic          = "static"
	IntensityUKGrid          = "ukgrid"
	IntensityElectricityMaps = "electricity-maps"
	IntensityFile            = "file"
	IntensityDemo            = "demo"
)

// Groups says which labels make a group and which project belongs to which
// facility.
type Groups struct {
	// Labels, joined by Separator, are the name of a group.
	Labels    []string
	Separator string
	// ProjectLabel is looked up in Facilities.
	ProjectLabel string
	Facilities   map[string]string
	// Names are further labels that are made from others.
	Names []derive.LabelRule
}

// The kinds of ledgers and sources.
const (
	LedgerSQLite     = "sqlite"
	LedgerPostgres   = "postgres"
	LedgerMemory     = "memory"
	SourcePrometheus = "prometheus"
	SourceHost       = "host"
	SourceDemo       = "demo"
	// SourceNone observes no hosts: only services are accounted for.
	SourceNone = "none"
)

// Defaults returns what holds where nothing is set. Where the source is the machine
// itself or a simulation, [Load] replaces some of it.
func Defaults() Config {
	p := prometheus.Defaults()
	return Config{
		Ledger: LedgerSQLite, Postgres: Postgres{Connections: 16}, TimeZone: "UTC", Slot: 30 * time.Minute, Listen: "127.0.0.1:8420",
		Levels: []string{account.LabelFacility, account.LabelGroup},
		Log:    Log{Level: "info", Format: "text"},
		Source: Source{
			Kind:       SourceHost,
			Prometheus: Prometheus{Config: p, HostKeys: []string{"strip-port"}},
			Host:       host.Defaults(), Demo: demo.Defaults(),
		},
		Energy:    Energy{Model: energy.Default(), PUE: unit.One},
		Intensity: Intensity{Chain: []string{IntensityStatic}, Region: static.World, UKGrid: ukgrid.Defaults(), ElectricityMaps: electricitymaps.Defaults(), File: file.Defaults()},
		Groups: Groups{
			Labels: []string{"cloud_project_name", "machine_name"}, Separator: "_",
			ProjectLabel: "cloud_project_name",
			Facilities: map[string]string{
				"IDAaaS": "ISIS", "CDAaaS": "CLF", "DDAaaS": "Development", "TDAaaS": "Training",
			},
		},
		Experiments: Experiments{MachineLabel: "machine_name"},
		Facility:    defaultFacility(),
		Policy:      defaultPolicy(),
		Services:    defaultServices(),
		Slots:       slots.Defaults(),
	}
}

// IntensitySources returns the names of the intensity sources that a chain can
// name.
func IntensitySources() []string {
	return []string{IntensityStatic, IntensityUKGrid, IntensityElectricityMaps, IntensityFile, IntensityDemo}
}

// PrometheusSource returns the config of the adapter.
func (c *Config) PrometheusSource() (prometheus.Config, error) {
	p := c.Source.Prometheus.Config
	key, err := account.NewHostKey(c.Source.Prometheus.HostKeys...)
	p.HostKey = key
	return p, err
}

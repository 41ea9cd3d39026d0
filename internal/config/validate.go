package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // systems without time zones of their own

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/unit"
)

// Problem is what is wrong with one setting.
type Problem struct {
	Path, Text, Hint string
}

// problems gathers what is wrong.
type problems []*Problem

func (l *problems) wrong(bad bool, path, format string, args ...any) *Problem {
	p := &Problem{Path: path, Text: fmt.Sprintf(format, args...)}
	if bad {
		*l = append(*l, p)
	}
	return p
}

// Validate returns all that is wrong with the settings as such. It is pure: it
// opens no file and asks no server.
func (c *Config) Validate() []*Problem {
	var l problems
	l.wrong(c.Data == "" && c.Ledger != LedgerMemory, "data", "required").Hint = "say in which folder the ledger is kept, with --data or in the file"
	c.validateLedger(&l)
	c.validateTime(&l)
	c.validateListen(&l)
	c.validateSource(&l)
	c.validateEnergy(&l)
	c.validateEmbodied(&l)
	c.validateIntensity(&l)
	c.validateGroups(&l)
	c.validateDirectories(&l)
	c.validatePolicies(&l)
	c.validatePeople(&l)
	c.validateSlots(&l)
	c.validateServices(&l)
	c.validateReceive(&l)
	if len(l) == 0 {
		m := c.Method()
		if err := m.Validate(); err != nil { // what no rule above has found
			l.wrong(true, "policy", "%v", err)
		}
	}
	return l
}

func (c *Config) validateLedger(l *problems) {
	l.wrong(c.Ledger == LedgerPostgres && c.Postgres.URL == "", "ledger.url", "required with ledger.kind: postgres").
		Hint = "write it as postgres://USER:PASSWORD@HOST:5432/DATABASE"
	l.wrong(c.Ledger != LedgerPostgres && c.Postgres.URL != "", "ledger.url", "set, but ledger.kind is %s", c.Ledger).
		Hint = "set ledger.kind to postgres, or remove this"
	l.wrong(c.Postgres.Connections < 1 || c.Postgres.Connections > 1000, "ledger.connections", "%d: use 1 to 1000", c.Postgres.Connections)
	least := max(c.Slots.ReviseFor, c.Slots.CatchUp)
	if n := len(c.Slots.Recheck); n > 0 {
		least = max(least, c.Slots.Recheck[n-1])
	}
	least += 48 * time.Hour
	l.wrong(c.Slots.KeepFacts != 0 && c.Slots.KeepFacts < least, "retention.facts", "%s: closed slots are changed for up to %s",
		formatSpan(c.Slots.KeepFacts), formatSpan(least)).Hint = "keep facts longer, or shorten intensity.revise_for, slots.catch_up and slots.recheck"
}

func (c *Config) validateTime(l *problems) {
	_, err := c.Calendar()
	if err != nil && !errors.Is(err, account.ErrGrid) {
		l.wrong(true, "time_zone", "%v", err)
		_, err = account.NewGrid(c.Slot) // what the zone asks of it is not known
	}
	l.wrong(err != nil, "slot", "%v", err)
}

// Calendar returns the calendar of the slot length and the time zone.
func (c *Config) Calendar() (account.Calendar, error) {
	if c.TimeZone == "Local" {
		return account.Calendar{}, fmt.Errorf("%q means another zone on each machine: write its IANA name, such as Europe/London", c.TimeZone)
	}
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil || c.TimeZone == "" {
		return account.Calendar{}, fmt.Errorf("%q is not an IANA time zone, such as Europe/London", c.TimeZone)
	}
	return account.NewCalendar(c.Slot, zone)
}

// isPort reports whether a text is the number of a port, 0 included.
func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0 && n <= 65535
}

func (c *Config) validateListen(l *problems) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		l.wrong(true, "listen", "%q is not a host and a port", c.Listen).Hint = "write it as 127.0.0.1:8420"
		return
	}
	l.wrong(!isPort(port), "listen", "%q is not a port", port)
	l.wrong(!Loopback(host) && c.Auth.TokensFile == "", "listen",
		"%q can be reached from other machines, and everybody there could read and change figures", c.Listen).
		Hint = "set auth.tokens_file, or listen on 127.0.0.1"
}

// Loopback reports whether a host of a listening address can be reached from this
// machine alone.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

func (c *Config) validateSource(l *problems) {
	switch c.Source.Kind {
	case SourceHost:
		l.adapter("source.host", c.Source.Host.Validate())
	case SourceDemo:
		l.adapter("source.demo", c.Source.Demo.Validate())
		l.wrong(c.Ledger != LedgerMemory, "ledger.kind", "%s with source.kind: demo", c.Ledger).
			Hint = "leave it out: a simulation is kept in memory, never beside what was measured"
	}
	if c.Source.Kind != SourcePrometheus {
		l.wrong(c.Source.Prometheus.Server.URL != "", "source.prometheus.url", "set, but source.kind is %s", c.Source.Kind).
			Hint = "set source.kind to prometheus, or remove this"
		return
	}
	p, err := c.PrometheusSource()
	l.wrong(err != nil, "source.prometheus.host_key", "%v", err)
	l.adapter("source.prometheus", p.Validate())
}

// adapter adds what an adapter's own Validate says, each problem of which begins
// with the name of its setting.
func (l *problems) adapter(prefix string, err error) {
	var list diag.List
	list.Add(err)
	for _, p := range list {
		name, text, ok := strings.Cut(p.Text, ": ")
		if !ok || strings.ContainsAny(name, " ") && !strings.Contains(name, "[") {
			name, text = "", p.Text
		}
		path := prefix
		if name != "" {
			path += "." + name
		}
		*l = append(*l, &Problem{Path: path, Text: text, Hint: p.Hint})
	}
}

func (c *Config) validateEnergy(l *problems) {
	l.wrong(c.Energy.PUE < unit.One, "energy.pue", "%s: it cannot be below 1", c.Energy.PUE)
	for i, o := range c.Energy.Overrides {
		l.wrong(len(o.Where) == 0, "energy.overrides"+index(i), "where: required").Hint = "use energy.model for all hosts"
	}
}

func (c *Config) validateIntensity(l *problems) {
	l.wrong(len(c.Intensity.Chain) == 0, "intensity.chain", "required").Hint = "name at least one source"
	for i, name := range c.Intensity.Chain {
		l.wrong(slices.Contains(c.Intensity.Chain[:i], name), "intensity.chain", "%q is named twice", name)
		known := IntensitySources()
		l.wrong(name == IntensityDemo && c.Source.Kind != SourceDemo, "intensity.chain", "%q is a simulation", name).
			Hint = "use it with source.kind: demo alone"
		l.wrong(!slices.Contains(known, name), "intensity.chain", "%q is not a source", name).Hint = "use " + strings.Join(known, ", ")
	}
	for name, adapter := range map[string]interface{ Validate() error }{IntensityUKGrid: c.Intensity.UKGrid, IntensityElectricityMaps: c.Intensity.ElectricityMaps, IntensityFile: c.Intensity.File} {
		if slices.Contains(c.Intensity.Chain, name) {
			l.adapter("intensity."+name, adapter.Validate())
		}
	}
	l.wrong(c.Intensity.Region == "", "intensity.region", "required")
	for i, p := range c.Intensity.Places {
		l.wrong(p.Region == "", "intensity.places"+index(i), "region: required")
	}
}

func (c *Config) validateGroups(l *problems) {
	l.wrong(len(c.Groups.Labels) == 0, "groups.labels", "required")
	made := map[string]bool{account.LabelGroup: true, account.LabelFacility: true}
	for i, n := range c.Groups.Names {
		path := "names" + index(i)
		l.wrong(n.Label == "" || len(n.From) == 0, path, "label and from are required")
		l.wrong(made[n.Label], path, "the label %q is made already", n.Label)
		made[n.Label] = true
	}
	for i, level := range c.Levels {
		l.wrong(level == "" || slices.Contains(c.Levels[:i], level), "levels", "%q is empty or named twice", level)
	}
}

func (c *Config) validateSlots(l *problems) {
	s := &c.Slots
	l.wrong(s.Grace <= 0, "grace", "%v is not a time to wait", s.Grace)
	for _, d := range []struct {
		path string
		is   time.Duration
	}{
		{"intensity.revise_for", s.ReviseFor},
		{"intensity.every", s.IntensityEvery},
		{"slots.catch_up", s.CatchUp},
		{"slots.open_every", s.OpenEvery},
		{"slots.retry_after", s.RetryAfter},
		{"slots.retry_max", s.RetryMax},
	} {
		l.wrong(d.is <= 0, d.path, "%v is not a time to wait", d.is)
	}
	l.wrong(s.RetryMax < s.RetryAfter, "slots.retry_max", "shorter than slots.retry_after")
	l.wrong(!slices.IsSorted(s.Recheck), "slots.recheck", "the ages have to ascend")
	for _, age := range s.Recheck {
		l.wrong(age <= 0, "slots.recheck", "%v is not an age", age)
	}
	l.wrong(s.Parallel < 1 || s.Parallel > 64, "slots.parallel", "%d: use 1 to 64", s.Parallel)
	l.wrong(s.ReadSlots < 1 || s.ReadSlots > 10_000, "slots.read_slots", "%d: use 1 to 10000", s.ReadSlots)
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// Method returns the method that the settings describe. Its Accounting is that of
// the intensity sources, which the caller sets.
func (c *Config) Method() derive.Method {
	m := derive.Method{Chain: slices.Clone(c.Intensity.Chain), Policy: c.Policy}
	m.Policy.Held = len(c.Directories) > 0
	if len(c.Experiments.Instruments) > 0 {
		m.Instruments = derive.Instruments{Label: c.Experiments.MachineLabel, Machines: c.Experiments.Instruments}
	}
	m.Names = []derive.LabelRule{
		{Label: account.LabelGroup, From: slices.Clone(c.Groups.Labels), Separator: c.Groups.Separator},
		{Label: account.LabelFacility, From: []string{c.Groups.ProjectLabel}, Map: c.Groups.Facilities},
	}
	m.Names = append(m.Names, c.Groups.Names...)
	for _, o := range c.Energy.Overrides {
		m.Models = append(m.Models, c.withPUE(o))
	}
	m.Models = append(m.Models, c.withPUE(derive.ModelRule{Model: c.Energy.Model}))
	m.Embodied = c.embodiedRules()
	m.Places = append(slices.Clone(c.Intensity.Places), derive.PlaceRule{Region: c.Intensity.Region})
	return m
}

// withPUE gives a model the general PUE unless it has one of its own.
func (c *Config) withPUE(r derive.ModelRule) derive.ModelRule {
	if r.Model.PUE == 0 {
		r.Model.PUE = c.Energy.PUE
	}
	return r
}

package app

import (
	"net/url"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/facility"
	"github.com/dendro-carbon/dendro/unit"
)

// facility returns what the facility-compatible API serves from.
func (a *App) facility() facility.Deps {
	c := a.config
	s := facility.Settings{
		Version: buildinfo.Read().String(), Region: c.Intensity.Region,
		Project: c.Groups.ProjectLabel, Machine: c.Experiments.MachineLabel, Host: c.Source.Prometheus.HostLabel,
		IdentityHeader: c.Facility.IdentityHeader, Tags: c.Facility.Tags, Simulated: Simulated(c),
		Personal: c.People.Names,
	}
	s.Busy, s.Idle = modelPowers(c.Energy.Model)
	if c.Source.Kind == config.SourcePrometheus {
		s.PrometheusURL = withoutSecrets(c.Source.Prometheus.Server.URL)
	}
	for _, d := range c.Directories {
		if d.Kind == config.DirectoryMongo {
			s.MongoDatabase = d.Mongo.Database
		}
	}
	return facility.Deps{Store: a.Store, Engine: a.Engine, Driver: a.Driver, Directories: a.Directories, Log: a.deps.Log, Settings: s, Names: a.names}
}

// modelPowers returns the powers of a busy and an idle processor, or of a host, by the
// ends of the default model's curve, without PUE.
func modelPowers(m energy.Model) (busy, idle unit.Power) {
	if n := len(m.Curve); n > 0 {
		return m.Curve[n-1].Power, m.Curve[0].Power
	}
	return 0, 0
}

// withoutSecrets returns an address without its user, password and parameters.
func withoutSecrets(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

package facility

import (
	"strings"
)

type services struct {
	API        string `json:"api"`
	Prometheus string `json:"prometheus"`
	Mongo      string `json:"mongodb"`
	Intensity  string `json:"carbon_intensity_api"`
}

const (
	healthy   = "healthy"
	unhealthy = "unhealthy"
	absent    = "not configured"
)

// health tells which of the driver's duties fail. The answer is 200 in any case, as in
// the original: /readyz is for machines.
func (s *Server) health(*asked) (any, error) {
	of := services{healthy, healthy, healthy, healthy}
	if s.Settings.PrometheusURL == "" && !s.Settings.Simulated {
		of.Prometheus = absent
	}
	if len(s.Directories) == 0 {
		of.Mongo = absent
	}
	status := healthy
	for duty := range s.Driver.Status().Troubles {
		status = unhealthy
		switch kind, _, _ := strings.Cut(duty, " "); kind {
		case "intensity", "intensities", "forecast":
			of.Intensity = unhealthy
		case "directory", "directories":
			of.Mongo = unhealthy
		default:
			of.Prometheus = unhealthy
		}
	}
	return struct {
		Status   string   `json:"status"`
		Version  string   `json:"version"`
		Services services `json:"services"`
	}{status, s.Settings.Version, of}, nil
}

type powers struct {
	Busy float64 `json:"busy_power_w"`
	Idle float64 `json:"idle_power_w"`
	TDP  float64 `json:"cpu_tdp_w"`
}

type fakes struct {
	Prometheus bool `json:"use_fake_prometheus"`
	Mongo      bool `json:"use_fake_mongodb"`
	Intensity  bool `json:"use_fake_carbon_intensity"`
}

type configuration struct {
	Version    string   `json:"version"`
	Prometheus *string  `json:"prometheus_url"`
	Mongo      *string  `json:"mongo_database"`
	Power      powers   `json:"power_config"`
	Tags       []string `json:"supported_tags"`
	Testing    fakes    `json:"testing"`
}

// unusedTDP is told by the original, which never uses it either.
const unusedTDP = 100

func (s *Server) configuration(*asked) (any, error) {
	fake := s.Settings.Simulated
	return configuration{
		Version: s.Settings.Version, Prometheus: text(s.Settings.PrometheusURL), Mongo: text(s.Settings.MongoDatabase),
		Power: powers{s.Settings.Busy.Watts(), s.Settings.Idle.Watts(), unusedTDP},
		Tags:  append([]string{}, s.Settings.Tags...), Testing: fakes{fake, fake, fake},
	}, nil
}

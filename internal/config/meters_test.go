package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/meter/redfish"
)

func loadText(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "dendro.yaml")
	if err := os.WriteFile(path, []byte("data: "+folder+"\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load(config.Input{File: path})
	if err != nil {
		return nil, err
	}
	return &loaded.Config, nil
}

func TestMeters(t *testing.T) {
	c, err := loadText(t, `
services:
  meter_hold: 2s
  meters:
    - {kind: kepler, urls: [http://n1:28282/metrics, http://n2:28282/metrics], every: 10s, targets: [{value: cart, services: cart-svc}]}
    - {kind: scaphandre, prometheus: http://prom:9090/base, matchers: ['replica="a"'], header: "Authorization: Bearer s3cret", targets: [{exe: java, services: [a, b]}]}
    - kind: redfish
      header: "X-Auth-Token: s3cret"
      targets:
        - {url: https://bmc1/redfish/v1/Chassis/1/Power, services: [a]}
        - {url: https://bmc2/x, schema: environment_metrics, header: "A: other", services: [b]}
    - kind: specpower
      prometheus: http://prom:9090
      types: [{provider: aws, type: x9.large, idle_watts: 3, max_watts: 7}]
      targets:
        - {query: avg(up), unit: ratio, idle_watts: 2, max_watts: 20, services: [a]}
        - {query: avg(up), provider: gcp, type: n1-standard-4, services: [b]}
        - {query: avg(up), provider: aws, type: X9.large, services: [c]}
`)
	if err != nil {
		t.Fatal(err)
	}
	m := c.Services.Meters
	if k := m[0].Kepler(); k.Name != "kepler" || k.Every != 10*time.Second || k.Targets[0].Value != "cart" || len(m[0].Scrape()) != 2 || len(k.Zones) != 2 {
		t.Errorf("%+v", k)
	}
	if server, err := m[1].Server(); err != nil || server.Header["Authorization"] != "Bearer s3cret" || m[1].Matchers[0].Value != "a" || m[1].Scaphandre().Targets[0].Exe != "java" {
		t.Errorf("%+v, %v", server, err)
	}
	if r := m[2].Redfish(); r.Chassis[0].Schema != redfish.LegacyPower || r.Chassis[1].Schema != redfish.Environment || r.Every != time.Minute {
		t.Errorf("%+v", r)
	}
	if s := m[2].Scrape(); s[0].Header != "X-Auth-Token: s3cret" || s[1].Header != "A: other" {
		t.Error("headers of chassis are mixed up")
	}
	if s := m[3].Specpower(); s.Instances[0].Watts(50) != 11 || s.Own[0].Max != 7 || s.Instances[1].Provider != "gcp" || s.Instances[0].Unit != "ratio" || c.Services.MeterReading.Hold != 2*time.Second {
		t.Errorf("%+v", s)
	}
}

func TestMetersRefused(t *testing.T) {
	for text, says := range map[string]string{
		`{kind: alumet, targets: []}`:                                                                                   "one of kepler, scaphandre",
		`{kind: kepler, targets: [{value: a, services: [b]}]}`:                                                          "either urls or prometheus",
		`{kind: kepler, urls: [x], prometheus: http://p, targets: [{value: a, services: [b]}]}`:                         "does not begin with http",
		`{kind: kepler, urls: [http://x], matchers: ['a="b"'], targets: [{value: a, services: [b]}]}`:                   "matchers are for prometheus",
		`{kind: kepler, urls: [http://x], targets: [{value: a}]}`:                                                       "services: required",
		`{kind: scaphandre, urls: [http://x], targets: [{services: [b]}]}`:                                              "exe, cmdline or both",
		`{kind: redfish, every: 5s, targets: [{url: https://b, services: [b]}]}`:                                        "at least 15s",
		`{kind: redfish, urls: [http://x], targets: [{url: https://b, services: [b]}]}`:                                 "neither urls",
		`{kind: specpower, targets: [{query: q, max_watts: 3, services: [b]}]}`:                                         "prometheus is required",
		`{kind: specpower, prometheus: http://p, targets: [{query: q, services: [b]}]}`:                                 "0 ≤ idle ≤ max",
		`{kind: specpower, prometheus: http://p, targets: [{query: q, provider: ibm, type: x, services: [b]}]}`:         "one of aws, gcp, azure",
		`{kind: specpower, prometheus: http://p, targets: [{query: q, provider: aws, services: [b]}]}`:                  "type: required",
		`{kind: specpower, prometheus: http://p, targets: [{query: q, provider: aws, type: q9.tiny, services: [b]}]}`:   "give vcpus",
		`{kind: kepler, urls: ["http://u:s3cret@x"], targets: [{value: a, services: [b]}]}`:                             "credentials as a header",
		`{kind: kepler, prometheus: http://p, header: s3cret, targets: [{value: a, services: [b]}]}`:                    "NAME: VALUE",
		`{kind: kepler, urls: [http://x], targets: [{value: a, services: [b]}, {value: a, services: [c]}], every: 20s}`: "give each name once",
	} {
		_, err := loadText(t, "services: {meters: ["+text+"]}\n")
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// All that is wrong with a meter is said, each with its place.
func TestMetersAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := loadText(t, `services:
  meters:
    - {kind: redfish, every: 1ms, targets: [{url: "http://u:p@h/x", services: [a]}, {services: [a]}]}
    - {kind: kepler, targets: [{value: a, services: [b]}], every: 1ms}
`)
	list, ok := errors.AsType[diag.List](err)
	if !ok {
		t.Fatal(err)
	}
	got := map[int]int{}
	for _, p := range list {
		got[p.Line]++
		if !strings.HasPrefix(p.Text, "services.meters[") || strings.Contains(p.Text, "\n") {
			t.Errorf("%q", p.Text)
		}
	}
	if got[4] < 3 || got[5] != 2 {
		t.Errorf("problems by line: %v\n%v", got, err)
	}
}

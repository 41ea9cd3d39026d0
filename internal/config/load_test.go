package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/prom"
)

// write makes a configuration file and returns its path.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dendro.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// load reads a configuration that has to be right.
func load(t *testing.T, text string, env ...string) *config.Loaded {
	t.Helper()
	l, err := config.Load(config.Input{File: write(t, text), Env: append(env, "HOME=/home/someone")})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNothing(t *testing.T) {
	t.Parallel()
	l, err := config.Load(config.Input{Env: []string{"HOME=/home/someone"}})
	if err != nil {
		t.Fatal(err)
	}
	if l.Source.Kind != config.SourceHost || l.Slot != time.Minute || l.Slots.Grace != 15*time.Second {
		t.Errorf("without a file: %s in slots of %v, grace %v", l.Source.Kind, l.Slot, l.Slots.Grace)
	}
	if want := filepath.FromSlash("/home/someone/.local/share/dendro"); l.Data != want {
		t.Errorf("data in %s, want %s", l.Data, want)
	}
}

// TestDefaultsOfSources holds the defaults that depend on the source, and that what
// is given wins over them.
func TestDefaultsOfSources(t *testing.T) {
	t.Parallel()
	demo := load(t, "source: {kind: demo}")
	if demo.Ledger != config.LedgerMemory || demo.Slot != 30*time.Minute || demo.Intensity.Chain[0] != config.IntensityDemo {
		t.Errorf("demo: %s, %v, %v", demo.Ledger, demo.Slot, demo.Intensity)
	}
	if p := demo.Policies; len(p) != 1 || p[0].Idle != derive.IdleProRata {
		t.Errorf("demo: policies %+v", p)
	}
	if own := load(t, "source: {kind: demo}\npolicies: [{name: even, divide: even}]"); len(own.Policies) != 1 || own.Policies[0].Name != "even" {
		t.Errorf("demo with policies of its own: %+v", own.Policies)
	}
	host := load(t, "levels: [host]\nslot: 5m")
	if host.Slot != 5*time.Minute || host.Levels[0] != "host" || host.Slots.OpenEvery != 5*time.Second {
		t.Errorf("host: %v, %v, %v", host.Slot, host.Levels, host.Slots.OpenEvery)
	}
}

func TestDataFolder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"systemd": {[]string{"STATE_DIRECTORY=/var/lib/dendro", "XDG_DATA_HOME=/x", "HOME=/h"}, "/var/lib/dendro"},
		"xdg":     {[]string{"XDG_DATA_HOME=/x", "HOME=/h"}, "/x/dendro"},
		"given":   {[]string{"STATE_DIRECTORY=/var/lib/dendro", "DENDRO_DATA=/mine"}, "/mine"},
	} {
		l, err := config.Load(config.Input{Env: c.env})
		if err != nil {
			t.Fatal(err)
		}
		if l.Data != filepath.FromSlash(c.want) {
			t.Errorf("%s: %s, want %s", name, l.Data, c.want)
		}
	}
	_, err := config.Load(config.Input{})
	if err == nil || !strings.Contains(err.Error(), "data: required") {
		t.Errorf("without a home: %v, want the folder asked for", err)
	}
}

// facility is a configuration with every kind of value.
const facility = `
data: /srv/dendro
time_zone: Europe/London
slot: 15m
grace: 90s
levels: [facility, group, machine_name]
source:
  kind: prometheus
  prometheus:
    url: https://prometheus.example.org/base
    user: dendro
    password: s3cr:et
    headers: {X-Scope-OrgID: tenant}
    matchers: ['job="node"', 'cloud_project_name=~".+AaaS"']
    host_key: [strip-port, 'dashed-ip:host-{ip}.example.org']
    idle_modes: idle
    max_bridge: 2h
    meters:
    - {name: pdu, metrics: [pdu_watts], unit: W}
energy:
  model: {name: ours, busy_w: 10.5, idle_w: 1}
  pue: 1.25
  overrides:
  - where: {machine_name: [Tomography, Laser]}
    model: {curve: [{use: 0, power_w: 80}, {use: 1, power_w: 300}], per: host, pue: 1}
  - where: {cloud_project_name: CDAaaS}
    model: {tdp_w: 100}
intensity:
  region: GB
  places:
  - {where: {machine_name: Laser}, region: DE}
facilities:
  IDAaaS: ISIS
  DDAaaS: Diamond
policy: {idle: apart}
`

func TestFile(t *testing.T) {
	t.Parallel()
	l := load(t, facility)
	p := l.Source.Prometheus
	check := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	check("slot", l.Slot, 15*time.Minute)
	check("grace", l.Slots.Grace, 90*time.Second)
	check("levels", l.Levels, []string{"facility", "group", "machine_name"})
	check("password", string(p.Server.Password), "s3cr:et")
	check("header", string(p.Server.Header["X-Scope-OrgID"]), "tenant")
	check("matchers", p.Matchers, []prom.Matcher{
		{Label: "job", Op: prom.Equal, Value: "node"}, {Label: "cloud_project_name", Op: prom.Match, Value: ".+AaaS"},
	})
	check("idle modes", p.Modes.Idle, []string{"idle"})
	check("max bridge", p.Rule.MaxBridge, 2*time.Hour)
	check("an untouched neighbour", p.Metric, "node_cpu_seconds_total")
	check("meters", len(p.Meters), 1)
	check("facilities replace the default", l.Groups.Facilities, map[string]string{"IDAaaS": "ISIS", "DDAaaS": "Diamond"})
	source, err := l.PrometheusSource()
	if err != nil {
		t.Fatal(err)
	}
	check("host key", source.HostKey.Of("host-10-0-0-1.example.org:9100"), "10.0.0.1")
}

func TestMethod(t *testing.T) {
	t.Parallel()
	l := load(t, facility)
	m := l.Method()
	m.Accounting = account.Accounting{Scope: "combustion", Approach: "location"}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	ours := energy.BusyIdle(10_500_000, 1_000_000)
	ours.Name, ours.PUE = "ours", 1_250_000_000
	tdp := energy.TDP(100_000_000)
	tdp.PUE = 1_250_000_000
	want := derive.Method{
		Names: []derive.LabelRule{
			{Label: "group", From: []string{"cloud_project_name", "machine_name"}, Separator: "_"},
			{Label: "facility", From: []string{"cloud_project_name"}, Map: map[string]string{"IDAaaS": "ISIS", "DDAaaS": "Diamond"}},
		},
		Models: []derive.ModelRule{
			{
				Where: account.Filter{{Label: "machine_name", Values: []string{"Tomography", "Laser"}}},
				Model: energy.Model{Name: "curve", Per: energy.PerHost, PUE: 1_000_000_000, Curve: []energy.Point{{Power: 80_000_000}, {Use: 1_000_000_000, Power: 300_000_000}}},
			},
			{Where: account.Filter{{Label: "cloud_project_name", Values: []string{"CDAaaS"}}}, Model: tdp},
			{Model: ours},
		},
		Places: []derive.PlaceRule{
			{Where: account.Filter{{Label: "machine_name", Values: []string{"Laser"}}}, Region: "DE"},
			{Region: "GB"},
		},
		Chain: []string{"static"}, Accounting: m.Accounting,
		Policy: derive.Policy{Name: "default", Divide: derive.DivideUsage, Idle: derive.IdleApart, Sharing: derive.SharingOwner, Experiments: derive.MatchEven},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
}

// TestPrecedence holds that flags win over the environment, that over the file,
// and that over the default; and that each origin is told.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := write(t, "listen: 127.0.0.1:1\ntime_zone: Europe/London\nslot: 10m\n")
	l, err := config.Load(config.Input{
		File:  file,
		Env:   []string{"DENDRO_LISTEN=127.0.0.1:2", "DENDRO_TIME_ZONE=Europe/Paris", "DENDRO_DATA=/d", "DENDRO_CONFIG=ignored"},
		Flags: map[string]string{"listen": "127.0.0.1:3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if l.Listen != "127.0.0.1:3" || l.TimeZone != "Europe/Paris" || l.Slot != 10*time.Minute {
		t.Errorf("listen %s, zone %s, slot %v", l.Listen, l.TimeZone, l.Slot)
	}
	for path, want := range map[string]string{
		"listen": "flag --listen", "time_zone": "environment DENDRO_TIME_ZONE", "slot": file + ":3", "grace": "default",
	} {
		if got := l.Origin(path).String(); got != want {
			t.Errorf("%s is from %q, want %q", path, got, want)
		}
	}
}

func TestConfigFromEnvironment(t *testing.T) {
	t.Parallel()
	l, err := config.Load(config.Input{Env: []string{"HOME=/h", "DENDRO_CONFIG=" + write(t, "slot: 5m")}})
	if err != nil || l.Slot != 5*time.Minute {
		t.Errorf("slot %v, error %v", l.Slot, err)
	}
}

func TestEnvironmentValues(t *testing.T) {
	t.Parallel()
	l := load(t, "", "DENDRO_LEVELS=facility, user", "DENDRO_FACILITIES={A: 'B, C'}",
		`DENDRO_ENERGY_OVERRIDES=[{where: {machine_name: Laser}, model: {tdp_w: 65}}]`, "DENDRO_SLOTS_RECHECK=1h,2d",
		"DENDRO_ENERGY_MODEL={busy_w: 3, idle_w: 2}", "DENDRO_GROUPS_SEPARATOR=/")
	if diff := cmp.Diff([]string{"facility", "user"}, l.Levels); diff != "" {
		t.Error(diff)
	}
	if l.Groups.Facilities["A"] != "B, C" || len(l.Groups.Facilities) != 1 || l.Groups.Separator != "/" {
		t.Errorf("groups are %+v", l.Groups)
	}
	if len(l.Energy.Overrides) != 1 || l.Energy.Overrides[0].Model.Curve[0].Power != 65_000_000 {
		t.Errorf("overrides are %+v", l.Energy.Overrides)
	}
	if diff := cmp.Diff([]time.Duration{time.Hour, 48 * time.Hour}, l.Slots.Recheck); diff != "" {
		t.Error(diff)
	}
}

// TestPaths holds where relative paths begin.
func TestPaths(t *testing.T) {
	t.Parallel()
	file := write(t, "data: kept\nauth: {tokens_file: /etc/tokens}\nintensity: {file: {path: sub/i.csv}}\n")
	l, err := config.Load(config.Input{File: file})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(file)
	if l.Data != filepath.Join(folder, "kept") || l.Auth.TokensFile != "/etc/tokens" || l.Intensity.File.Path != filepath.Join(folder, "sub", "i.csv") {
		t.Errorf("data %s, tokens %s, intensities %s", l.Data, l.Auth.TokensFile, l.Intensity.File.Path)
	}
	l, err = config.Load(config.Input{File: file, Env: []string{"DENDRO_DATA=here"}, Flags: map[string]string{"listen": "[::1]:0"}})
	if err != nil || l.Data != "here" || l.Listen != "[::1]:0" {
		t.Errorf("data %s, listen %s, %v", l.Data, l.Listen, err)
	}
}

func TestNearlySettings(t *testing.T) {
	t.Parallel()
	l := load(t, "", "DENDRO_LISTENS=x", "DENDRO_SERVICE_HOST=10.0.0.1", "OTHER=1")
	if diff := cmp.Diff([]string{"the variable DENDRO_LISTENS is not a setting; is DENDRO_LISTEN meant?"}, l.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestSecretFile(t *testing.T) {
	t.Parallel()
	path := write(t, "from a file\n")
	l := load(t, "source: {kind: prometheus, prometheus: {url: 'http://p', bearer_token: {file: "+path+"}}}")
	if got := string(l.Source.Prometheus.Server.BearerToken); got != "from a file" {
		t.Errorf("got %q", got)
	}
	_, err := config.Load(config.Input{File: write(t, "source: {prometheus: {password: {file: nowhere}}}"), Env: []string{"HOME=/h"}})
	if err == nil || !strings.Contains(err.Error(), ":1: source.prometheus.password: open /") {
		t.Errorf("got %v", err)
	}
}

// TestRefused holds what is said of each kind of mistake, with the line.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"unknown-key":      {"slot: 30m\nsource:\n  prometheus:\n    urll: x\n", []string{`:4: unknown setting "source.prometheus.urll"`, "Try: source.prometheus.url"}},
		"misplaced-key":    {"url: http://x\n", []string{`:1: unknown setting "url"`, "Try: intensity.electricity_maps.url or intensity.ukgrid.url or ledger.url or source.prometheus.url"}},
		"nothing-near":     {"log:\n  zzzzzzzz: 1\n", []string{`:2: unknown setting "log.zzzzzzzz"`, "Try: here it can be format, level"}},
		"all-at-once":      {"slot: 7m\nlisten: here\nx: 1\ngrace: soon\n", []string{":1: slot: ", ":2: listen: ", ":3: unknown", `:4: grace: "soon" is not a duration`, "4 problems"}},
		"all-that-follows": {"source:\n  kind: promethus\n  prometheus: {url: 'http://p'}\nenergy: {pue: 0.5, model: {idle_w: few}}\n", []string{":2: source.kind", ":4: energy.model.idle_w", "2 problems"}},
		"not-misspelt-too": {"source:\n  kind: prometheus\n  prometheus: {urll: 'http://p'}\n", []string{`:3: unknown setting "source.prometheus.urll"`, "1 problems"}},
		"rules-at-once":    {"slot: 7m\nlisten: here\n", []string{":1: slot: ", "does not divide one hour", ":2: listen: "}},
		"twice":            {"slot: 1m\nslot: 2m\n", []string{`:2: key "slot" stands twice, first on line 1`}},
		"section-twice":    {"log: {level: info}\nlog: {level: warn}\n", []string{`:2: key "log" stands twice`}},
		"null":             {"slot:\n", []string{":1: slot: nothing where a duration"}},
		"list-for-text":    {"listen: [a]\n", []string{":1: listen: a list where a host and a port is expected"}},
		"text-for-map":     {"facilities: ISIS\n", []string{`:1: facilities: "ISIS" where a map is expected`}},
		"text-for-section": {"log: info\n", []string{`:1: log: "info" where a map of settings is expected`}},
		"list-of-settings": {"- slot\n", []string{":1: a list where a map of settings"}},
		"choice":           {"log: {level: loud}\n", []string{`:1: log.level: "loud" is not one of debug, info, warn, error`}},
		"number":           {"slots: {parallel: many}\n", []string{"slots.parallel", "whole number"}},
		"range":            {"slots: {parallel: 0}\n", []string{":1: slots.parallel: 0: use 1 to 64"}},
		"nested":           {"energy:\n  overrides:\n  - where: {a: b}\n    model: {watts: 3}\n", []string{`:4: energy.overrides[0].model: unknown key "watts"`, "busy_w"}},
		"required":         {"energy:\n  overrides:\n  - model: {tdp_w: 3}\n", []string{":3: energy.overrides[0]: where: required"}},
		"empty-where":      {"energy: {overrides: [{where: {}, model: {tdp_w: 3}}]}\n", []string{"energy.overrides[0]: where: required", "energy.model"}},
		"model-two-ways":   {"energy: {model: {busy_w: 1, idle_w: 1, tdp_w: 3}}\n", []string{"energy.model: give busy_w and idle_w, or tdp_w, or curve"}},
		"model-half":       {"energy: {model: {busy_w: 1}}\n", []string{"give both busy_w and idle_w"}},
		"model-falls":      {"energy: {model: {curve: [{use: 0, power_w: 5}, {use: 1, power_w: 4}]}}\n", []string{"power falls"}},
		"model-per-host":   {"energy: {model: {tdp_w: 5, per: host}}\n", []string{"needs a curve"}},
		"pue":              {"energy: {pue: 0.9}\n", []string{"energy.pue: 0.9: it cannot be below 1"}},
		"zone":             {"time_zone: Mars/Olympus\n", []string{`:1: time_zone: "Mars/Olympus" is not an IANA time zone`}},
		"zone-local":       {"time_zone: Local\n", []string{"another zone on each machine"}},
		"slot-and-zone":    {"time_zone: Asia/Kathmandu\nslot: 30m\n", []string{":2: slot: ", "does not divide the offset of Asia/Kathmandu"}},
		"open-to-all":      {"listen: 0.0.0.0:80\n", []string{":1: listen: ", "can be reached from other machines", "auth.tokens_file"}},
		"any-address":      {"listen: ':80'\n", []string{"can be reached from other machines"}},
		"port":             {"listen: 127.0.0.1:99999\n", []string{`"99999" is not a port`}},
		"url-required":     {"source: {kind: prometheus}\n", []string{"source.prometheus.url: "}},
		"url-unused":       {"source: {prometheus: {url: 'http://x'}}\n", []string{"source.prometheus.url: set, but source.kind is host"}},
		"matcher":          {"source: {prometheus: {matchers: ['job=node']}}\n", []string{"source.prometheus.matchers[0]", "PromQL"}},
		"host-key":         {"source: {kind: prometheus, prometheus: {url: 'http://x', host_key: [upper]}}\n", []string{":1: source.prometheus.host_key", "strip-port"}},
		"two-secrets": {
			"source:\n  kind: prometheus\n  prometheus:\n    url: http://x\n    user: a\n    bearer_token: b\n",
			[]string{":6: source.prometheus.bearer_token: given beside user"},
		},
		"meter-unit":    {"source: {prometheus: {meters: [{name: a, metrics: [m], unit: kWh}]}}\n", []string{"source.prometheus.meters[0].unit", "one of J"}},
		"chain-unknown": {"intensity: {chain: [tea-leaves]}\n", []string{`intensity.chain: "tea-leaves" is not a source`}},
		"chain-twice":   {"intensity: {chain: [static, static]}\n", []string{"named twice"}},
		"chain-empty":   {"intensity: {chain: []}\n", []string{"intensity.chain: required"}},
		"file-in-chain": {
			"intensity:\n  chain: [file]\n  file: {path: i.csv}\n",
			[]string{`intensity.file.scope: "": say what`, "intensity.file.approach"},
		},
		"grid-url":       {"intensity: {chain: [ukgrid], ukgrid: {url: nowhere}}\n", []string{":1: intensity.ukgrid.url: "}},
		"demo-kept":      {"source: {kind: demo}\nledger: {kind: sqlite}\n", []string{":2: ledger.kind: sqlite with source.kind: demo"}},
		"demo-grid":      {"intensity: {chain: [demo]}\n", []string{`intensity.chain: "demo" is a simulation`}},
		"recheck":        {"slots: {recheck: [2h, 1h]}\n", []string{"have to ascend"}},
		"level-twice":    {"levels: [a, a]\n", []string{"levels: "}},
		"names-taken":    {"names: [{label: group, from: [a]}]\n", []string{"names[0]: the label \"group\" is made already"}},
		"alias":          {"log: &l {level: info}\nauth: *l\n", []string{":1: anchors, aliases"}},
		"tag":            {"slot: !!binary MzBt\n", []string{":1: ", "the tag !!binary"}},
		"two-documents":  {"slot: 1m\n---\nslot: 2m\n", []string{"a second document"}},
		"not-yaml":       {"slot: [\n", []string{"not YAML"}},
		"tab":            {"log:\n\tlevel: info\n", []string{":2: not YAML"}},
		"key-of-a-list":  {"[a, b]: 3\n", []string{"a list where a key is expected"}},
		"secret-unclear": {"source: {prometheus: {password: {path: x}}}\n", []string{`source.prometheus.password: unknown key "path"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Input{File: write(t, c.text), Env: []string{"HOME=/h"}})
			var list diag.List
			if !errors.As(err, &list) {
				t.Fatalf("got %v, want a list of problems", err)
			}
			for _, want := range c.want {
				if n, ok := strings.CutSuffix(want, " problems"); ok {
					if fmt.Sprint(len(list)) != n {
						t.Errorf("got %d problems, want %s", len(list), n)
					}
					continue
				}
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwithout %q", err, want)
				}
			}
		})
	}
}

func TestEnvironmentRefused(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Input{Env: []string{"HOME=/h", "DENDRO_SLOT=7m", "DENDRO_FACILITIES={a"}})
	if err == nil || !strings.Contains(err.Error(), "environment DENDRO_FACILITIES: facilities: ") {
		t.Errorf("got %v", err)
	}
	_, err = config.Load(config.Input{Env: []string{"HOME=/h", "DENDRO_SLOT=7m"}})
	if err == nil || !strings.Contains(err.Error(), "environment DENDRO_SLOT: slot: ") {
		t.Errorf("got %v", err)
	}
}

func TestNoFile(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Input{File: "nowhere.yaml"})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	_, err = config.Load(config.Input{File: write(t, strings.Repeat("# long\n", 200_000))})
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v", err)
	}
}

func TestEmptyFileAndSections(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing\n", "---\n", "source:\n  # kind: prometheus\nlog:\n", "~\n"} {
		if l := load(t, text); l.Source.Kind != config.SourceHost {
			t.Errorf("%q: source %s", text, l.Source.Kind)
		}
	}
}

package config_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/derive"
)

const peopleConfig = `
data: /srv/dendro
source: {kind: prometheus, prometheus: {url: 'https://prometheus.example.org', host_key: [lower]}}
directories:
- kind: mongo
  name: platform
  uri: mongodb://reader:s3cr%40t@db1.example.org:27017,db2.example.org/?replicaSet=rs0&authMechanismProperties=token:s3cr
  database: cloud
  collections: {workspaces: vms, hosts: ""}
  fields: {workspace.owner: owner_id}
  full_every: 1d
- kind: file
  holdings: holdings.csv
  host_key: [short-name]
experiments: {instruments: {WISH: [Wish, Diffraction], MUSR: Muon}}
policy: {experiments: unattributed}
`

func TestDirectories(t *testing.T) {
	t.Parallel()
	l := load(t, peopleConfig)
	m, err := l.MongoDirectory(l.Directories[0])
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "platform" || m.Workspaces != "vms" || m.Users != "users" || m.Hosts != "" || m.Database != "cloud" ||
		m.FullEvery != 24*time.Hour || m.Fields["workspace.owner"] != "owner_id" || m.HostKey.Of("H.X") != "h.x" {
		t.Errorf("mongo: %+v", m)
	}
	f, err := l.FileDirectory(l.Directories[1])
	if err != nil || f.Name != "file" || !strings.HasSuffix(f.Holdings, "/holdings.csv") || f.HostKey.Of("h.x") != "h" {
		t.Errorf("file: %+v, %v", f, err)
	}
	method := l.Method()
	want := derive.Instruments{Label: "machine_name", Machines: map[string][]string{"WISH": {"Wish", "Diffraction"}, "MUSR": {"Muon"}}}
	if diff := cmp.Diff(want, method.Instruments); diff != "" || !method.Policy.Held || method.Policy.Experiments != derive.MatchUnattributed {
		t.Errorf("method: %+v %s", method.Policy, diff)
	}
	if m := load(t, "").Method(); m.Policy.Held || m.Instruments.Machines != nil {
		t.Errorf("without a directory hosts have holders: %+v", m.Policy)
	}
}

// TestShowDirectories holds that no secret of a connection string is shown, and that
// what is shown can be read again.
func TestShowDirectories(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	if err := load(t, peopleConfig).Show(&shown); err != nil {
		t.Fatal(err)
	}
	if text := shown.String(); strings.Contains(text, "s3cr") || strings.Contains(text, "reader") ||
		!strings.Contains(text, "uri: 'mongodb://db1.example.org:27017,db2.example.org/'") && !strings.Contains(text, "mongodb://db1.example.org:27017,db2.example.org/") {
		t.Errorf("shown is %s", text)
	}
	again, err := config.Load(config.Input{File: write(t, shown.String())})
	if err != nil {
		t.Fatalf("%v in\n%s", err, &shown)
	}
	if len(again.Directories) != 2 || again.Directories[1].Name != "" || again.Directories[0].Collections["workspaces"] != "vms" {
		t.Errorf("read again: %+v", again.Directories)
	}
}

// TestWrongDirectories holds that all that is wrong is told with its place.
func TestWrongDirectories(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Input{File: write(t, `
data: /d
source: {kind: prometheus, prometheus: {url: 'https://p.example.org'}}
directories:
- {kind: mongo, uri: 'postgres://x'}
- {kind: mongo, uri: 'mongodb://x', zone: Mars, fields: {workspace.colour: c}, collections: {pets: p}, path: x.yaml}
- {kind: file, name: a/b}
- {kind: file, path: x.yaml, uri: 'mongodb://x', host_key: [regexp]}
experiments: {machine_label: "", instruments: {WISH: Wish}}
`)})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		"directories[0].uri", "directories[1]: another one", "directories[1].zone", "directories[1].fields: unknown", `unknown "pets"`,
		"files are for kind: file", `"a/b" cannot be used`, "directories[2].path: required", "uri: is for kind: mongo", "host_key: host normaliser",
		"experiments.machine_label: required",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "postgres://x") {
		t.Error("a connection string is shown")
	}
}

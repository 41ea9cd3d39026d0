package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/dendro-carbon/dendro/internal/testenv/mongotest"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// platform is a facility of a few hours ago with its database, in which names are as
// hostile as text can be.
type platform struct {
	place
	noon time.Time // A leaves at 12:20, B arrives at 12:30; not at that time of the day
}

// users are names on the platform. A person behind each has a name with Surname in it and
// an address at secret.example.
func users() []string {
	return []string{`aa123456`, `bb"234567'`, `../../etc/passwd`, `Zoë Ünïcode ☃`, `50%/user+x`, `{"inject":1}`, `a=b,c=d`, `<script>alert(1)</script>`}
}

// fragments are parts of those names that stay what they are in JSON, CSV, logs and URLs.
func fragments() []string {
	return []string{"aa123456", "234567", "passwd", "nïcode", "user+x", "inject", "c=d", "alert(1)"}
}

// machines are the types of the hosts 10.0.0.1, 10.0.0.2, …
func machines() [][2]string {
	return [][2]string{
		{"IDAaaS", "Muon"}, {"IDAaaS", "Artemis (Matlab)"}, {"CDAaaS", "A/B"}, {"CDAaaS", `50% "quoted" \ ☃ + #1?`}, {"IDAaaS", "Muon"}, {"IDAaaS", "Muon"},
	}
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{noon: time.Now().UTC().Truncate(time.Hour).Add(-3 * time.Hour)}
	prometheus := promtest.Start(t, promtest.Options{Text: p.samples})
	database := mongotest.Start(t)
	p.fill(t, database.URI)
	folder := t.TempDir()
	p.config = filepath.Join(folder, "dendro.yaml")
	text := fmt.Sprintf(`
data: %q
slot: 30m
listen: 127.0.0.1:0
levels: [facility, group, user]
source: {kind: prometheus, prometheus: {url: %q}}
intensity: {chain: [file], region: GB, file: {path: grid.csv, scope: combustion, approach: location}}
directories: [{kind: mongo, name: platform, uri: {file: uri}}]
experiments: {instruments: {WISH: [Muon, Artemis (Matlab)], LASER: [A/B]}}
embodied: [{where: {machine_name: Muon}, total_kgco2e: 1262.304, lifespan: 1461d, reserved: 8, resources: 64}]
policies:
- {name: apart, divide: reservation, idle: apart, sharing: even}
- {name: weights, divide: weighted, idle: pro-rata, experiments: unattributed, weights: [{where: {user: aa123456}, weight: 3}]}
slots: {catch_up: 1h}
`, filepath.Join(folder, "data"), prometheus.URL)
	grid := "from,to,region,gco2e_per_kwh\n"
	for slot := p.noon.Add(-24 * time.Hour); slot.Before(p.noon.Add(24 * time.Hour)); slot = slot.Add(30 * time.Minute) {
		grid += fmt.Sprintf("%s,%s,GB,%d\n", slot.Format(time.RFC3339), slot.Add(30*time.Minute).Format(time.RFC3339), 150+slot.Minute()+slot.Hour())
	}
	for name, content := range map[string]string{"dendro.yaml": text, "uri": database.URI + "\n", "grid.csv": grid} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// at is a time of the day on which noon is the platform's.
func (p *platform) at(hour, minute int) time.Time {
	return p.noon.Add(time.Duration(hour-12)*time.Hour + time.Duration(minute)*time.Minute)
}

// samples are those of all hosts from 09:00 on.
func (p *platform) samples(out io.Writer) error {
	w := promtest.NewWriter(out)
	for i, m := range machines() {
		for _, mode := range []string{"user", "idle"} {
			w.Series("node_cpu_seconds_total", "instance", fmt.Sprintf("10.0.0.%d:9100", i+1), "cpu", "0", "mode", mode, "cloud_project_name", m[0], "machine_name", m[1])
			rate := float64(i+1) / 10
			if mode == "idle" {
				rate = 2 - rate
			}
			for n, at := 0, p.at(9, 0); at.Before(time.Now()); n, at = n+1, at.Add(time.Minute) {
				w.Sample(at, 60*rate*float64(n))
			}
		}
	}
	return w.Close()
}

// fill writes the documents.
func (p *platform) fill(t *testing.T, uri string) {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.WithoutCancel(t.Context())) })
	u := users()
	workspace := func(id any, host int, owner string, more ...bson.M) bson.M {
		out := bson.M{"_id": id, "hostname": fmt.Sprintf("10.0.0.%d", host), "owner": owner, "state": "CLAIMED", "tag": "ISIS", "created_time": p.at(10, 0)}
		for _, m := range more {
			for name, value := range m {
				out[name] = value
			}
		}
		return out
	}
	naive := func(t time.Time) string { return t.Format("2006-01-02 15:04:05") }
	spaces := []any{
		// A leaves at 12:20, B arrives at 12:30.
		workspace("ws-a", 1, u[0], bson.M{"deleted_time": p.at(12, 20), "state": "DELETED"}),
		workspace("ws-b", 1, u[1], bson.M{"acquired_time": p.at(12, 30), "deleted_time": nil}),
		workspace(`ws/2 "shared" 100%`, 2, u[2], bson.M{"parameters": bson.M{"users": bson.A{bson.M{"platform_name": u[3], "access": "read"}}}}),
		// Two live documents of one host.
		workspace("ws-x", 3, u[4]), workspace("ws-y", 3, u[5], bson.M{"created_time": p.at(11, 0)}),
		bson.M{"_id": "pool", "hostname": "10.0.0.4", "state": "READY", "created_time": p.at(8, 0)},
		workspace("ws-naive", 5, u[6], bson.M{"created_time": naive(p.at(11, 10)), "deleted_time": naive(p.at(12, 50))}),
		workspace(int32(7), 6, u[7]),
		// What cannot be used.
		bson.M{"_id": "bad-host", "owner": u[0], "created_time": p.at(8, 0)},
		workspace("bad-time", 6, u[0], bson.M{"created_time": "yesterday by Surname"}),
		workspace("bad-owner", 6, u[0], bson.M{"owner": bson.M{"name": "Surname"}}),
	}
	var people []any
	for i, name := range u {
		people = append(people, bson.M{
			"_id": name, "platform_name": name, "name": fmt.Sprintf("Zelda Surname%d", i), "email": fmt.Sprintf("zelda%d@secret.example", i), "uid": 1000 + i,
			"parameters": bson.M{"research_group": fmt.Sprint("Group ", i%3), "pi": u[i%3]},
		})
	}
	people = append(people, bson.M{"_id": "zelda@secret.example", "platform_name": 7, "name": "Zelda Surname"})
	groups := []any{
		bson.M{"name": "RB2024001", "type": "experiment", "members": bson.A{u[0], u[1], u[6]}, "parameters": bson.M{"title": "of Surname", "pi": u[0], "instrument": "WISH"}},
		bson.M{"name": `RB/2 "x" 100% ☃`, "type": "experiment", "members": bson.A{u[2], u[6]}, "parameters": bson.M{"pi": u[3], "instrument": "WISH"}},
		bson.M{"name": "RB3", "type": "experiment", "members": bson.A{u[4]}, "parameters": bson.M{"pi": u[4], "instrument": "LASER", "start_time": "no time"}},
	}
	for name, documents := range map[string][]any{"workspaces": spaces, "users": people, "groups": groups} {
		if _, err := client.Database("ada").Collection(name).InsertMany(t.Context(), documents); err != nil {
			t.Fatal(err)
		}
	}
}

// window returns from 10:00 to 13:00 as flags and as parameters.
func (p *platform) window() (flags []string, parameters string) {
	from, to := p.at(10, 0).Format(time.RFC3339), p.at(13, 0).Format(time.RFC3339)
	return []string{"--from", from, "--to", to}, "from=" + from + "&to=" + to
}

// hostile reports which fragment of a name is in a text, "" if none is.
func hostile(text string, fragments []string) string {
	for _, f := range fragments {
		if strings.Contains(text, f) {
			return f
		}
	}
	return ""
}

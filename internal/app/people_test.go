package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/testenv/mongotest"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/unit"
)

// TestPeople holds the whole of it over real servers: Prometheus says what hosts did,
// MongoDB who held them, a file when an experiment was; users and rests sum to groups
// and to the facility, and a correction restates what follows from it.
func TestPeople(t *testing.T) {
	t.Parallel()
	noon := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -2).Add(12 * time.Hour)
	clock := func(hour, minute int) time.Time {
		return noon.Add(time.Duration(hour-12)*time.Hour + time.Duration(minute)*time.Minute)
	}
	prometheus := promtest.Start(t, promtest.Options{Text: facility(clock(8, 0), clock(18, 0))})
	database := mongotest.Start(t)
	spaces := collection(t, database, "workspaces")
	insert(t, spaces,
		// A leaves at 12:20, B arrives at 12:30, both on the first host, known by its address.
		bson.M{"_id": "ws-a", "hostname": "172.16.0.0", "owner": "aa123456", "created_time": clock(12, 0), "deleted_time": clock(12, 20), "state": "DELETED"},
		bson.M{"_id": "ws-b", "hostname": "172.16.0.0", "owner": "bb234567", "created_time": clock(12, 0), "acquired_time": clock(12, 30), "state": "CLAIMED"},
		bson.M{"_id": "ws-c", "hostname": "172.16.0.1:9100", "owner": "cc345678", "created_time": clock(9, 0), "state": "READY"},
	)
	p := openPeople(t, prometheus.URL, database.URI, fmt.Sprintf("experiment,members,pi,instrument,from\nRB1,bb234567;cc345678,cc345678,WISH,%s\n",
		clock(12, 30).Format(time.RFC3339)))
	hour := account.NewSpan(clock(12, 0), clock(13, 0))
	if _, err := p.Driver.Backfill(t.Context(), hour, nil); err != nil {
		t.Fatal(err)
	}
	// Each host draws 14/3 W.
	draws := func(minutes int64) unit.Energy { return unit.Energy((minutes*1_000_000*14 + 90) / 180) }
	expect(t, p, hour, "user", map[string]unit.Energy{
		"aa123456": draws(20), "bb234567": draws(30), "cc345678": draws(60), "unattributed": draws(70),
	})
	expect(t, p, hour, "experiment", map[string]unit.Energy{"RB1": draws(60), "unattributed": draws(120)})
	expect(t, p, hour, "group", map[string]unit.Energy{"IDAaaS_Muon": draws(60), "IDAaaS_SANS": draws(60), "CDAaaS_Laser": draws(60)})

	before := time.Now()
	result, err := spaces.UpdateByID(t.Context(), "ws-a", bson.M{"$set": bson.M{"deleted_time": clock(12, 15)}})
	if err != nil || result.ModifiedCount != 1 {
		t.Fatal(result, err)
	}
	correct(t, p, clock(13, 0))
	expect(t, p, hour, "user", map[string]unit.Energy{
		"aa123456": draws(15), "bb234567": draws(30), "cc345678": draws(60), "unattributed": draws(75),
	})
	q := query.Question{Span: hour, View: account.View{By: []string{"user"}}, At: before}
	if then := figuresOf(t, p, q); then["aa123456"] < draws(20)-1 {
		t.Errorf("as known before the correction: %v", then)
	}
	restated := 0
	for r, err := range p.Store.Restatements(t.Context(), time.Time{}, time.Time{}) {
		if err != nil || r.Reason != ledger.ReasonHolding || r.Before.Energy != r.After.Energy || !r.Slot.From.Equal(clock(12, 0)) {
			t.Errorf("%+v, %v", r, err)
		}
		restated++
	}
	if restated != 1 {
		t.Errorf("%d slots restated, one says something else", restated)
	}
}

func collection(t *testing.T, s *mongotest.Server, name string) *mongo.Collection {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(s.URI))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Disconnect(context.Background()) })
	return client.Database("ada").Collection(name)
}

func insert(t *testing.T, c *mongo.Collection, documents ...any) {
	t.Helper()
	if _, err := c.InsertMany(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
}

// openPeople opens the parts of a server over a Prometheus, a database and a file of
// experiments.
func openPeople(t *testing.T, prometheus, database, experiments string) *app.Parts {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("uri", database+"\n")
	write("experiments.csv", experiments)
	l, err := config.Load(config.Input{File: write("dendro.yaml", strings.ReplaceAll(`
data: data
source:
  kind: prometheus
  prometheus:
    url: PROMETHEUS
    host_key: [strip-port, 'dashed-ip:host-{ip}.example.org']
intensity: {region: GB}
directories:
- {kind: mongo, uri: {file: uri}, full_every: 1s}
- {kind: file, experiments: experiments.csv}
experiments: {instruments: {WISH: [Muon, SANS]}}
`, "PROMETHEUS", prometheus)), Env: []string{"HOME=" + folder}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := app.Open(t.Context(), &l.Config, app.Deps{}, app.Write)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(context.Background()) })
	return p
}

// correct has the driver ask its directories again: it does before it fills in a slot
// that is missing. An earlier change may be seen a moment later.
func correct(t *testing.T, p *app.Parts, slot time.Time) {
	t.Helper()
	time.Sleep(1100 * time.Millisecond) // full_every
	if _, err := p.Driver.Backfill(t.Context(), account.NewSpan(slot, slot.Add(30*time.Minute)), nil); err != nil {
		t.Fatal(err)
	}
}

// figuresOf returns energy by the names of a question's only level, and holds that
// they sum to the total.
func figuresOf(t *testing.T, p *app.Parts, q query.Question) map[string]unit.Energy {
	t.Helper()
	answer, err := p.Engine.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]unit.Energy{}
	sum, carbon := unit.Energy(0), unit.Mass(0)
	for _, n := range answer.Nodes {
		out[n.Path[0]] = *n.Energy
		sum, carbon = sum+*n.Energy, carbon+*n.Operational
	}
	if sum != *answer.Total.Energy || carbon != *answer.Total.Operational {
		t.Errorf("by %v: %v of %v, %v of %v", q.View.By, sum, *answer.Total.Energy, carbon, *answer.Total.Operational)
	}
	return out
}

// expect compares, up to the rounding of one host's slot.
func expect(t *testing.T, p *app.Parts, span account.Span, by string, want map[string]unit.Energy) {
	t.Helper()
	got := figuresOf(t, p, query.Question{Span: span, View: account.View{By: []string{by}}})
	for name, e := range want {
		if d := got[name] - e; d < -6 || d > 6 {
			t.Errorf("by %s: %s has %v, want %v", by, name, got[name], e)
		}
	}
	if len(got) != len(want) {
		t.Errorf("by %s: %v", by, got)
	}
}

package mongo_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/directory/directorytest"
	"github.com/dendro-carbon/dendro/internal/directory/mongo"
	"github.com/dendro-carbon/dendro/internal/testenv/mongotest"
)

// platform is a database as a cloud platform keeps it, and a clock.
type platform struct {
	t      *testing.T
	server *mongotest.Server
	db     *driver.Database

	mu  sync.Mutex
	now time.Time
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	server := mongotest.Start(t)
	client, err := driver.Connect(options.Client().ApplyURI(server.URI))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Disconnect(context.Background()) })
	return &platform{t: t, server: server, db: client.Database("ada"), now: at("2026-01-28T13:00:00Z")}
}

func (p *platform) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// pass lets time go by.
func (p *platform) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}

func (p *platform) insert(collection string, documents ...any) {
	p.t.Helper()
	if _, err := p.db.Collection(collection).InsertMany(p.t.Context(), documents); err != nil {
		p.t.Fatal(err)
	}
}

func (p *platform) set(collection string, id, change any) {
	p.t.Helper()
	result, err := p.db.Collection(collection).UpdateByID(p.t.Context(), id, bson.M{"$set": change})
	if err != nil || result.MatchedCount != 1 {
		p.t.Fatalf("update %v: %v, %v", id, result, err)
	}
}

func (p *platform) remove(collection string, id any) {
	p.t.Helper()
	result, err := p.db.Collection(collection).DeleteOne(p.t.Context(), bson.M{"_id": id})
	if err != nil || result.DeletedCount != 1 {
		p.t.Fatalf("delete %v: %v, %v", id, result, err)
	}
}

func (p *platform) config() mongo.Config {
	c := mongo.Defaults()
	c.Name, c.URI, c.PeopleEvery = "ada", mongo.Secret(p.server.URI), 0
	key, err := account.NewHostKey("strip-port", "dashed-ip:host-{ip}.nubes.example.org")
	if err != nil {
		p.t.Fatal(err)
	}
	c.HostKey = key
	return c
}

func (p *platform) open(c mongo.Config) *mongo.Source {
	p.t.Helper()
	s, err := mongo.New(c, p.clock)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { s.Close(context.Background()) })
	return s
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// day is an instant of the day of all tests.
func day(clock string) time.Time { return at("2026-01-28T" + clock + ":00Z") }

func changes(t *testing.T, s directory.Source, cursor string) directory.Update {
	t.Helper()
	u, err := s.Changes(t.Context(), cursor)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func byID(u directory.Update) map[string]account.Holding {
	out := map[string]account.Holding{}
	for _, h := range u.Holdings {
		out[h.ID] = h
	}
	return out
}

func TestConformance(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.insert("workspaces",
		bson.M{"_id": "a", "hostname": "172.16.100.50", "owner": "aa123456", "state": "CLAIMED", "created_time": day("09:00")},
		bson.M{"_id": "b", "hostname": "172.16.100.51:9100", "owner": "bb234567", "state": "CLAIMED", "created_time": day("10:00")},
	)
	broken := p.config()
	broken.URI, broken.Timeout = "mongodb://me:s3cret@127.0.0.1:1/", 500*time.Millisecond
	unreachable := p.open(broken)
	directorytest.Run(t, directorytest.Harness{
		Source: p.open(p.config()), Broken: unreachable,
		End: func(*testing.T) string {
			p.set("workspaces", "a", bson.M{"deleted_time": day("12:20"), "state": "DELETED"})
			return "a"
		},
	})
	_, err := unreachable.Changes(t.Context(), "")
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error shows the password, or there is none: %v", err)
	}
}

// TestDocuments reads documents as the facility keeps them, good and bad.
func TestDocuments(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	oid := bson.NewObjectID()
	p.insert("workspaces",
		// A leaves at 12:20, B arrives at 12:30; B's waited in the pool since 09:00.
		bson.M{
			"_id": oid, "hostname": "host-172-16-100-50.nubes.example.org", "owner": "aa123456", "state": "DELETED", "tag": "ISIS",
			"created_time": day("12:00"), "deleted_time": day("12:20"),
		},
		bson.M{
			"_id": int32(5), "hostname": "172.16.100.50:9100", "owner": "bb234567", "state": "CLAIMED",
			"created_time": day("09:00"), "acquired_time": day("12:30"), "deleted_time": nil,
			"parameters": bson.M{"users": bson.A{
				bson.M{"platform_name": "bb234567", "access": "owner"}, bson.M{"platform_name": "cc345678", "access": "read"}, "dd456789",
			}},
		},
		// Two live documents for one host.
		bson.M{"_id": "x", "hostname": "172.16.100.60", "owner": "aa123456", "state": "READY", "created_time": day("08:00")},
		bson.M{"_id": "y", "hostname": "172.16.100.60", "owner": "bb234567", "state": "CLAIMED", "created_time": day("09:00")},
		// Texts instead of times, without a zone.
		bson.M{"_id": "naive", "hostname": "172.16.100.61", "owner": "aa123456", "created_time": "2026-01-28 10:00:00", "deleted_time": "2026-01-28T11:00:00.5"},
		bson.M{"_id": "pool", "hostname": "172.16.100.62", "state": "READY", "created_time": day("08:00")},
		// Acquired before it was created.
		bson.M{"_id": "early", "hostname": "172.16.100.63", "owner": "cc345678", "created_time": day("09:00"), "acquired_time": day("08:00")},
		// What cannot be used.
		bson.M{"_id": "no host", "owner": "aa123456", "created_time": day("08:00")},
		bson.M{"_id": "no time", "hostname": "h1", "owner": "aa123456"},
		bson.M{"_id": "odd owner", "hostname": "h2", "owner": 7, "created_time": day("08:00")},
		bson.M{"_id": "backwards", "hostname": "h3", "owner": "aa123456", "created_time": day("08:00"), "deleted_time": day("07:00")},
		bson.M{"_id": "no end", "hostname": "h4", "owner": "aa123456", "state": "DELETED", "created_time": day("08:00")},
		bson.M{"_id": "not a time", "hostname": "h5", "owner": "aa123456", "created_time": "yesterday"},
	)
	p.insert("users",
		bson.M{
			"platform_name": "aa123456", "name": "A. Person", "email": "a@example.org", "uid": 1001,
			"parameters": bson.M{"research_group": "Soft Matter", "pi": "pp000001"},
		},
		bson.M{"_id": "zz999999", "platform_name": 7},
	)
	p.insert("groups",
		bson.M{
			"name": "RB2024001", "type": "experiment", "members": bson.A{"aa123456", "bb234567"},
			"parameters": bson.M{"title": "Neutron Diffraction Study", "pi": "aa123456", "instrument": "WISH"},
		},
		bson.M{"name": "Magnetism", "type": "research_group", "members": bson.A{bson.M{"platform_name": "bb234567"}}},
		bson.M{"name": "IDAaaS_Muon", "type": "project", "members": "anything"},
		bson.M{"type": "experiment", "members": bson.A{}},
		bson.M{"name": "RB2024002", "type": "experiment", "members": bson.A{"bb234567"}, "parameters": bson.M{"start_time": "soon"}},
		bson.M{"name": "RB2024003", "type": "experiment", "members": bson.A{"bb234567"}, "parameters": bson.M{"start_time": day("12:00"), "end_time": day("11:00")}},
	)
	p.insert("hosts", bson.M{"hostname": "172.16.100.50", "cloud_project_name": "IDAaaS", "machine_name": "Muon"})
	s := p.open(p.config())
	u := changes(t, s, "")
	got := byID(u)
	if len(got) != 6 || !got["early"].From.Equal(day("09:00")) {
		t.Errorf("%d holdings: %v", len(got), u.Holdings)
	}
	first, second, naive := got[oid.Hex()], got["number:5"], got["naive"]
	if first.Host != "172.16.100.50" || !first.From.Equal(day("12:00")) || !first.To.Equal(day("12:20")) ||
		first.Holder.String() != `{pi="pp000001", research_group="Soft Matter", tag="ISIS", user="aa123456", workspace="`+oid.Hex()+`"}` {
		t.Errorf("A's: %+v", first)
	}
	if !second.From.Equal(day("12:30")) || !second.To.IsZero() || len(second.Shared) != 2 || second.Holder.Get("research_group") != "Magnetism" {
		t.Errorf("B's: %+v", second)
	}
	if e := second.Experiments; len(e) != 1 || e[0].Labels.Get("experiment") != "RB2024001" || e[0].Instrument != "WISH" || len(e[0].Members) != 1 {
		t.Errorf("experiments of B: %+v", e)
	}
	if second.HostLabels.Get("machine_name") != "Muon" {
		t.Errorf("host: %v", second.HostLabels)
	}
	if !naive.From.Equal(day("10:00")) || !naive.To.Equal(day("11:00").Add(500*time.Millisecond)) {
		t.Errorf("without a zone: %+v", naive)
	}
	checkWarnings(t, u.Warnings)
	records := s.Records()
	if len(records.People) != 2 || records.People[0].Email == "" && records.People[1].Email == "" {
		t.Errorf("people: %+v", records.People)
	}
}

// checkWarnings holds that each bad document is told, and nobody named.
func checkWarnings(t *testing.T, warnings []directory.Warning) {
	t.Helper()
	told := ""
	for _, w := range warnings {
		told += w.Record + ": " + w.Text + "\n"
	}
	for _, want := range []string{
		"workspaces/no host: hostname is missing", "workspaces/no time: created_time and acquired_time are missing", "workspaces/odd owner: owner is not a text",
		"workspaces/backwards: deleted_time is before created_time", "workspaces/no end: deleted_time is missing, and state says",
		"workspaces/early: acquired_time is before created_time: it counts from the later one",
		"workspaces/not a time: created_time is not an instant", "platform_name is not a text", ": name is missing",
		"parameters.start_time is not an instant", "parameters.end_time is not after parameters.start_time",
		`host "172.16.100.60": held by workspaces "x", "y" at the same time`,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("not told: %s\n%s", want, told)
		}
	}
	for _, secret := range []string{"aa123456", "bb234567", "zz999999", "Person", "@"} {
		if strings.Contains(told, secret) {
			t.Errorf("%q is told:\n%s", secret, told)
		}
	}
}

// TestPolling follows a database through changes, without ever reading what ended
// long ago again.
func TestPolling(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.insert("workspaces",
		bson.M{"_id": "old", "hostname": "h0", "owner": "u", "created_time": at("2025-01-01T00:00:00Z"), "deleted_time": at("2025-01-02T00:00:00Z")},
		bson.M{"_id": "ends", "hostname": "h1", "owner": "u", "created_time": day("08:00")},
		bson.M{"_id": "vanishes", "hostname": "h2", "owner": "u", "created_time": day("08:00")},
		bson.M{"_id": "replaced", "hostname": "h3", "owner": "u", "created_time": day("08:00")},
		bson.M{"_id": "vague", "hostname": "h4", "owner": "u", "created_time": day("08:00")},
	)
	s := p.open(p.config())
	u := changes(t, s, "")
	if len(u.Holdings) != 5 || !u.Whole {
		t.Fatalf("%+v", u)
	}
	p.set("workspaces", "ends", bson.M{"deleted_time": day("12:59"), "state": "DELETED"})
	p.remove("workspaces", "vanishes")
	p.remove("workspaces", "replaced")
	p.set("workspaces", "vague", bson.M{"state": "DELETED"}) // and does not say since when
	p.set("workspaces", "old", bson.M{"owner": "somebody else"})
	p.insert("workspaces",
		bson.M{"_id": "short", "hostname": "h5", "owner": "u", "created_time": day("13:00"), "deleted_time": day("13:01")},
		bson.M{"_id": "next", "hostname": "h3", "owner": "v", "created_time": day("13:01")},
	)
	p.pass(2 * time.Minute)
	u = changes(t, s, u.Cursor)
	got := byID(u)
	for id, want := range map[string]time.Time{
		"ends": day("12:59"), "vanishes": day("13:02"), "replaced": day("13:01"), "vague": day("13:02"), "short": day("13:01"), "next": {},
	} {
		if h, ok := got[id]; !ok || !h.To.Equal(want) || h.Withdrawn {
			t.Errorf("%s: %+v, want an end at %v", id, h, want)
		}
	}
	if len(got) != 6 || u.Whole {
		t.Errorf("%d changes: %+v", len(got), u.Holdings)
	}
	p.pass(7 * time.Hour) // now everything is read again
	if got := byID(changes(t, s, u.Cursor)); len(got) != 1 || got["old"].Holder.Get("user") != "somebody else" {
		t.Errorf("a document of long ago: %+v", got)
	}
	if whole := changes(t, s, ""); len(whole.Holdings) != 7 || !whole.GoneAt.Equal(p.clock()) {
		t.Errorf("everything: %d holdings, gone at %v", len(whole.Holdings), whole.GoneAt)
	}
}

// TestServerComesBack holds that a server that is away is an error, and nothing is
// gone because of it.
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.insert("workspaces", bson.M{"_id": "a", "hostname": "h", "owner": "u", "created_time": day("08:00")})
	c := p.config()
	c.Timeout = 2 * time.Second
	s := p.open(c)
	u := changes(t, s, "")
	p.server.Stop()
	if _, err := s.Changes(t.Context(), u.Cursor); !errors.Is(err, directory.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	if r := s.Records(); len(r.Workspaces) != 1 {
		t.Errorf("what was read is lost: %+v", r)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*mongo.Config){
		"name":    func(c *mongo.Config) { c.Name = "" },
		"uri":     func(c *mongo.Config) { c.URI = "http://me:s3cret@x" },
		"usable":  func(c *mongo.Config) { c.URI = "mongodb://me:s3cret@pass@x/?tls=maybe" },
		"zone":    func(c *mongo.Config) { c.Zone = "Local" },
		"fields":  func(c *mongo.Config) { c.Fields = map[string]string{"workspace.colour": "colour"} },
		"timeout": func(c *mongo.Config) { c.Timeout = 0 },
	} {
		c := mongo.Defaults()
		c.URI = "mongodb://me:s3cret@db.example.org/"
		change(&c)
		_, err := mongo.New(c, time.Now)
		if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text := mongo.Secret("s3cret").String(); text != "[redacted]" {
		t.Errorf("a secret is shown as %s", text)
	}
}

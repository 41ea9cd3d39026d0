// Package mongo reads from a MongoDB database, without writing to it, who held which
// host, who people are and which experiments there were: the collections workspaces,
// users, groups and hosts as cloud platforms of research facilities keep them.
//
// It asks for what is new or has not ended, and now and then for everything: it
// needs no change stream, which a server of its own does not offer. A document that
// is gone ends when that was found.
//
// The fact that a reader would get wrong: documents say how things are now. Who was
// in which research group at an earlier time is not in them, so a user who changes
// the group takes the past along; the figures of before stay readable as known then.
package mongo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/secret"
)

// Secret is a text that is not printed.
type Secret = secret.Text

// Config says where the documents are and how they are written.
type Config struct {
	// Name is the directory's name.
	Name string
	// URI is the connection string, mongodb:// or mongodb+srv://, which may hold
	// user and password.
	URI Secret
	// Database and the collections in it; a collection without a name is not
	// read.
	Database                         string
	Workspaces, Users, Groups, Hosts string
	// Fields are the paths of fields that are called otherwise than in
	// [DefaultFields].
	Fields map[string]string
	// HostLabels are the fields of a host's document that become its labels.
	HostLabels []string
	// ExperimentTypes and ResearchGroupTypes are the types of groups that are
	// experiments and research groups; others are left alone.
	ExperimentTypes, ResearchGroupTypes []string
	// Zone is the IANA name of the zone of times that are texts without one.
	Zone string
	// HostKey makes keys of the names of hosts.
	HostKey account.HostKey
	// Timeout is the longest time for one answer.
	Timeout time.Duration
	// PeopleEvery is how often users, groups and hosts are read, and FullEvery how
	// often all workspaces: so long may a change of one that ended long ago go
	// unnoticed.
	PeopleEvery, FullEvery time.Duration
}

// Defaults returns the config to which a URI has to be added.
func Defaults() Config {
	return Config{
		Name: "mongo", Database: "ada", Workspaces: "workspaces", Users: "users", Groups: "groups", Hosts: "hosts",
		HostLabels:      []string{"cloud_project_name", "machine_name"},
		ExperimentTypes: []string{"experiment"}, ResearchGroupTypes: []string{"research_group"},
		Zone: "UTC", Timeout: 30 * time.Second, PeopleEvery: 10 * time.Minute, FullEvery: 6 * time.Hour,
	}
}

// Validate returns all that is wrong with the config, as a [diag.List]. It asks no
// server.
func (c Config) Validate() error {
	var list diag.List
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, diag.New("", format, args...))
		}
	}
	wrong(c.Name == "", "name: required")
	scheme := strings.HasPrefix(string(c.URI), "mongodb://") || strings.HasPrefix(string(c.URI), "mongodb+srv://")
	wrong(!scheme, "uri: not a connection string that begins with mongodb:// or mongodb+srv://")
	wrong(c.Database == "", "database: required")
	wrong(c.Workspaces == "", "workspaces: required")
	wrong(c.Timeout <= 0, "timeout: %v is not a time to wait", c.Timeout)
	wrong(c.PeopleEvery < 0, "people_every: %v is not a time", c.PeopleEvery)
	wrong(c.FullEvery <= 0, "full_every: %v is not a time to wait", c.FullEvery)
	_, err := zone(c.Zone)
	wrong(err != nil, "zone: %q is not an IANA time zone", c.Zone)
	known := DefaultFields()
	for name := range c.Fields {
		_, ok := known[name]
		wrong(!ok, "fields: unknown field %q", name)
	}
	list.Sort()
	slices.SortFunc(list, func(a, b *diag.Problem) int { return strings.Compare(a.Text, b.Text) })
	return list.Err()
}

func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q means another zone on each machine", name)
	}
	return time.LoadLocation(name)
}

// Source is a [directory.Source] over a database. It is safe for concurrent use.
type Source struct {
	config  Config
	client  *driver.Client
	decoder *decoder
	tracker *directory.Tracker
	now     func() time.Time

	mu         sync.Mutex
	workspaces map[string]*document
	people     people
	// asked is when workspaces were last asked for, full and peopled when all of
	// them and the other collections were.
	asked, full, peopled time.Time
	began                bool // whether the tracker has been set
}

// New returns the source of a database. It asks no server: one that does not answer
// is an error of [Source.Changes]. now is the clock that says when a document was
// found to be gone. The error is that of [Config.Validate], or says that the URI
// cannot be used, without showing it.
func New(c Config, now func() time.Time) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d, err := newDecoder(&c)
	if err != nil {
		return nil, err
	}
	o := options.Client().ApplyURI(string(c.URI)).SetAppName("dendro").SetTimeout(c.Timeout).
		SetServerSelectionTimeout(min(c.Timeout, 10*time.Second)).SetMaxPoolSize(4)
	client, err := driver.Connect(o)
	if err != nil {
		// The driver's own words may hold parts of the URI, and so of the password.
		return nil, diag.New("", "uri: not a usable connection string").
			WithHint("check hosts and options, and percent-encode what is special in user and password")
	}
	return &Source{
		config: c, client: client, decoder: d, tracker: directory.NewTracker(), now: now, workspaces: map[string]*document{},
	}, nil
}

// Close ends the connections.
func (s *Source) Close(ctx context.Context) error {
	if err := s.client.Disconnect(ctx); err != nil {
		return fmt.Errorf("directory %q: close: %w", s.config.Name, err)
	}
	return nil
}

// Name implements [directory.Source].
func (s *Source) Name() string { return s.config.Name }

// Records implements [directory.Register].
func (s *Source) Records() *directory.Records { return s.tracker.Records() }

// Join implements [directory.Register].
func (s *Source) Join(others ...directory.Register) { s.tracker.Join(others...) }

// Changes implements [directory.Source].
func (s *Source) Changes(ctx context.Context, cursor string) (directory.Update, error) {
	if _, err := s.tracker.Since(cursor); err != nil {
		return directory.Update{}, err // before anybody is asked
	}
	if err := s.refresh(ctx); err != nil {
		if cause := ctx.Err(); cause != nil {
			return directory.Update{}, cause
		}
		return directory.Update{}, fmt.Errorf("%w: database %q: %w", directory.ErrUnavailable, s.config.Database, err)
	}
	return s.tracker.Since(cursor)
}

// find reads documents of a collection, with the fields of paths alone.
func (s *Source) find(ctx context.Context, collection string, filter bson.D, paths []string, each func(bson.Raw)) error {
	var projection bson.D
	for _, path := range paths {
		projection = append(projection, bson.E{Key: path, Value: 1})
	}
	o := options.Find().SetProjection(projection).SetBatchSize(5000)
	cursor, err := s.client.Database(s.config.Database).Collection(collection).Find(ctx, filter, o)
	if err != nil {
		return fmt.Errorf("read %s: %w", collection, err)
	}
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(ctx) {
		each(cursor.Current)
	}
	if err := cursor.Err(); err != nil {
		return fmt.Errorf("read %s: %w", collection, err)
	}
	return nil
}

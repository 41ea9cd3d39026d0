package config

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory/file"
	"github.com/dendro-carbon/dendro/internal/directory/mongo"
)

// The kinds of directories.
const (
	DirectoryMongo = "mongo"
	DirectoryFile  = "file"
)

// Directory says where it is known who held which host. Which of the two configs
// counts is the kind's to say.
type Directory struct {
	Kind string
	// Name is the directory's own; empty is its kind.
	Name string
	// HostKeys are the names of normalisers; without any, those of the source hold.
	HostKeys []string
	Mongo    mongo.Config
	// Collections are the collections that are called otherwise.
	Collections map[string]string
	File        file.Config
}

// Experiments says which machines belong to which instrument.
type Experiments struct {
	// MachineLabel is the label of hosts that Instruments are about.
	MachineLabel string
	Instruments  map[string][]string
}

func newDirectory() Directory { return Directory{Mongo: mongo.Defaults(), File: file.Defaults()} }

// DirectoryName returns how the directory is called.
func (d Directory) DirectoryName() string { return cmp.Or(d.Name, d.Kind) }

// HostKey returns what makes keys of the names of a directory's hosts.
func (c *Config) HostKey(d Directory) (account.HostKey, error) {
	if d.HostKeys == nil {
		return account.NewHostKey(c.Source.Prometheus.HostKeys...)
	}
	return account.NewHostKey(d.HostKeys...)
}

// MongoDirectory returns the config of the adapter.
func (c *Config) MongoDirectory(d Directory) (mongo.Config, error) {
	m := d.Mongo
	m.Name = d.DirectoryName()
	for name, to := range collections(&m) {
		if called, ok := d.Collections[name]; ok {
			*to = called
		}
	}
	var err error
	m.HostKey, err = c.HostKey(d)
	return m, err
}

func collections(m *mongo.Config) map[string]*string {
	return map[string]*string{"workspaces": &m.Workspaces, "users": &m.Users, "groups": &m.Groups, "hosts": &m.Hosts}
}

// FileDirectory returns the config of the adapter.
func (c *Config) FileDirectory(d Directory) (file.Config, error) {
	f := d.File
	f.Name = d.DirectoryName()
	var err error
	f.HostKey, err = c.HostKey(d)
	return f, err
}

// directories is a target for the list of directories.
func directories(to *[]Directory) target {
	return objects[Directory]{to: to, fresh: newDirectory, fields: func(d *Directory) []field {
		m, f := &d.Mongo, &d.File
		mongoOnly := func(to target) target { return ofKind{to, &d.Kind, DirectoryMongo} }
		fileOnly := func(to target) target { return ofKind{to, &d.Kind, DirectoryFile} }
		return []field{
			{name: "kind", doc: "`mongo`: a MongoDB database; `file`: files of one's own", to: choice(&d.Kind, DirectoryMongo, DirectoryFile), required: true},
			{name: "name", doc: "how it is called in the status; its kind, if it is left out", to: words(&d.Name, "a name")},
			{name: "host_key", doc: "how names of hosts become keys; as `source.prometheus.host_key`, if it is left out", to: texts(&d.HostKeys, "a list of normalisers")},

			{name: "path", doc: "`file`: a YAML file with the lists `holdings`, `users`, `experiments`, `hosts`", to: fileOnly(location{&f.Path, "a file"})},
			{name: "holdings", doc: "`file`: a CSV file with holdings", to: fileOnly(location{&f.Holdings, "a file"})},
			{name: "users", doc: "`file`: a CSV file with users", to: fileOnly(location{&f.Users, "a file"})},
			{name: "experiments", doc: "`file`: a CSV file with experiments", to: fileOnly(location{&f.Experiments, "a file"})},
			{name: "hosts", doc: "`file`: a CSV file with hosts", to: fileOnly(location{&f.Hosts, "a file"})},

			{name: "uri", doc: "`mongo`: the connection string, or {file: PATH} for the content of a file; what is secret in it is not shown", to: mongoOnly(connection{unshown[mongo.Secret]{&m.URI}})},
			{name: "database", doc: "`mongo`: the database, `ada` if it is left out", to: mongoOnly(words(&m.Database, "a name"))},
			{name: "collections", doc: "`mongo`: what `workspaces`, `users`, `groups` and `hosts` are called; `\"\"` is not read", to: mongoOnly(names(&d.Collections, "a map from names to names"))},
			{name: "fields", doc: "`mongo`: what fields are called, see OPERATIONS.md", to: mongoOnly(names(&m.Fields, "a map from names to paths"))},
			{name: "host_labels", doc: "`mongo`: the fields of hosts that are labels", to: mongoOnly(texts(&m.HostLabels, "a list of fields"))},
			{name: "experiment_types", doc: "`mongo`: the types of groups that are experiments", to: mongoOnly(texts(&m.ExperimentTypes, "a list of types"))},
			{name: "research_group_types", doc: "`mongo`: the types of groups that are research groups", to: mongoOnly(texts(&m.ResearchGroupTypes, "a list of types"))},
			{name: "zone", doc: "`mongo`: the IANA time zone of times that are texts without one", to: mongoOnly(words(&m.Zone, "an IANA time zone"))},
			{name: "timeout", doc: "`mongo`: the longest time for one answer", to: mongoOnly(span(&m.Timeout))},
			{name: "people_every", doc: "`mongo`: how often users, groups and hosts are read", to: mongoOnly(span(&m.PeopleEvery))},
			{name: "full_every", doc: "`mongo`: how often all workspaces are read, also those that ended long ago", to: mongoOnly(span(&m.FullEvery))},
		}
	}}
}

// ofKind is a target that is shown for one kind alone.
type ofKind struct {
	target
	kindOf *string
	want   string
}

func (o ofKind) node() *yaml.Node {
	if *o.kindOf != o.want {
		return nil
	}
	return o.target.node()
}

// connection is a target for a connection string, which is shown without what may be
// secret in it.
type connection struct{ unshown[mongo.Secret] }

func (c connection) node() *yaml.Node {
	text, _, _ := strings.Cut(string(*c.to), "?")
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return scalar("")
	}
	return scalar(scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:])
}

func (c *Config) validateDirectories(l *problems) {
	for i, d := range c.Directories {
		path := "directories" + index(i)
		same := func(other Directory) bool { return other.DirectoryName() == d.DirectoryName() }
		l.wrong(slices.ContainsFunc(c.Directories[:i], same), path, "another one is called %q too", d.DirectoryName()).Hint = "give each a name"
		name := d.DirectoryName()
		l.wrong(name == "attribution" || strings.ContainsAny(name, "/"), path, "name: %q cannot be used", name).Hint = "use another one, without a slash"
		f := d.File
		switch d.Kind {
		case DirectoryMongo:
			m, err := c.MongoDirectory(d)
			l.wrong(err != nil, path, "host_key: %v", err)
			for called := range d.Collections {
				_, ok := collections(&m)[called]
				l.wrong(!ok, path, "collections: unknown %q", called).Hint = "use workspaces, users, groups, hosts"
			}
			l.wrong(f.Path+f.Holdings+f.Users+f.Experiments+f.Hosts != "", path, "files are for kind: file")
			l.adapter(path, m.Validate())
		case DirectoryFile:
			m, err := c.FileDirectory(d)
			l.wrong(err != nil, path, "host_key: %v", err)
			l.wrong(d.Mongo.URI != "", path, "uri: is for kind: mongo")
			l.adapter(path, m.Validate())
		}
	}
	l.wrong(len(c.Experiments.Instruments) > 0 && c.Experiments.MachineLabel == "", "experiments.machine_label", "required")
	l.wrong(c.Slots.DirectoryEvery <= 0, "slots.directory_every", "%v is not a time to wait", c.Slots.DirectoryEvery)
	l.wrong(len(c.Directories) > 0 && c.Source.Kind != SourcePrometheus, "directories", "with source.kind: %s", c.Source.Kind).
		Hint = "use them with source.kind: prometheus: other sources know users themselves"
}

func directorySettings() Section {
	return Section{"People", "Who held which host when, and for what. What a host uses while nobody holds it is unattributed. Figures get the labels " +
		"`workspace`, `user`, `research_group`, `pi`, `experiment` and `tag`, which can be levels of a view.", append([]Setting{
		{
			Path: "directories", Doc: "Where that is known. What one knows of people, experiments and hosts counts for the workspaces of the others too. Where two know of the same host, both have a claim on it.",
			at: func(c *Config) target { return directories(&c.Directories) },
		},
		{
			Path: "experiments.instruments", Doc: "The machines of each instrument: `{WISH: [Wish, Diffraction]}`. Without it instruments are not compared; " +
				"with it, experiments on an instrument that is not listed match no host.",
			at: func(c *Config) target {
				return dictionary[[]string]{&c.Experiments.Instruments, "a map from instruments to machines", func(s *[]string) target { return texts(s, "") }}
			},
		},
		{
			Path: "experiments.machine_label", Doc: "The label of hosts that names their machine.",
			at: func(c *Config) target { return words(&c.Experiments.MachineLabel, "a label") },
		},
	}, peopleSettings()...)}
}

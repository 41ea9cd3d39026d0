package directory

import (
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// Records is what a directory says about people and hosts, in its own words but
// with hosts as keys and times in UTC. [Compose] makes holdings of it. Records that
// are handed out are not changed any more.
type Records struct {
	Workspaces  []Workspace
	People      []Person
	Experiments []Experiment
	Hosts       []Host
}

// Workspace is a host that somebody held for a time.
type Workspace struct {
	// ID is the identity of the record, stable over changes, and Name the value
	// of the label workspace.
	ID, Name string
	// Host is the key of the host and Hostname its name as written.
	Host, Hostname string
	// From is since when its owner held it, and To until when; zero while it
	// has not ended. Created is when it began to exist, which is before From for
	// one that waited in a pool.
	From, To, Created time.Time
	// Owner is the user name of the holder and Shared those of the others with
	// access.
	Owner  string
	Shared []string
	// State and Tag are the directory's own words.
	State, Tag string
	// Reserved is what was reserved, in any one unit; 0 is unknown.
	Reserved uint64
}

// Person is what is known of a user. Name and Email are personal data: they are
// never kept in the ledger, logged, or made labels.
type Person struct {
	// User is the name on the platform, by which workspaces and experiments refer
	// to the person.
	User string
	// ResearchGroup is the group that the person belongs to from From until To
	// (zero is no bound), and PI the user name of who leads it. A person with
	// several groups in turn has several records.
	ResearchGroup, PI string
	From, To          time.Time
	Name, Email, UID  string
}

// Experiment is a time on an instrument that was given to several people.
type Experiment struct {
	// Name is the value of the label experiment, such as RB2024001. One that was
	// given several times has several records.
	Name, Title string
	// PI is the user name of who leads it.
	PI      string
	Members []string
	// Instrument is what it is carried out on; the method says which hosts
	// belong to it.
	Instrument string
	Tag        string
	// From and To bound it; zero is no bound.
	From, To time.Time
}

// Host is what the directory knows of a host, such as its project and machine.
type Host struct {
	Host   string
	Labels account.Labels
}

// Register tells what a directory knows of people. Every directory of this program
// is one.
type Register interface {
	// Records returns what was read last, nil before anything was. The caller
	// must not change it.
	Records() *Records
	// Join has the directory use what others know of people, experiments and
	// hosts, after what it knows itself. It is called before anything is asked.
	Join(others ...Register)
}

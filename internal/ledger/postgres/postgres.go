// Package postgres keeps the ledger in a PostgreSQL database: for several servers
// on one ledger, or where a database is kept anyway.
//
// It holds the same rows as the ledger in SQLite, to the byte, and answers with
// the same bytes; package relational is what they share. Any number of processes
// write, one transaction at a time: each takes the lock of the table ledger first.
// DESIGN.md beside this file says how servers divide the work.
//
// What a reader would get wrong: a connection that breaks while a transaction is
// committed leaves open whether it was. Nobody is told "failed" then before the
// database was asked.
package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
)

// Secret is the URL of a database, which may hold a password. It prints without.
type Secret string

// String implements [fmt.Stringer].
func (s Secret) String() string { return displayed(string(s)) }

// GoString implements [fmt.GoStringer].
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Config says which ledger to open and how.
type Config struct {
	// URL is postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS as libpq takes
	// it; so are PGPASSWORD and ~/.pgpass. The tables are in the schema dendro
	// unless an option search_path names another.
	URL Secret
	// Calendar is the slots, and the zone of the sums. A writer builds the sums
	// again when the zone is another than before. The zero Calendar stands for
	// that of the ledger.
	Calendar account.Calendar
	// ReadOnly opens an existing ledger for reading.
	ReadOnly bool
	// Target opens a ledger to copy another one into, with [relational.Copy] and
	// nothing else.
	Target bool
	// Connections is the most connections for reading; 0 is 16. There is one
	// more for writing.
	Connections int
	// Log is told about upgrades, rebuilt sums and lost connections; nil tells
	// nobody.
	Log *slog.Logger
}

// Store is a [ledger.Store] in a PostgreSQL database. Make one with [Open].
type Store struct {
	*relational.Store
	db *database
}

var _ ledger.Store = (*Store)(nil)

// defaultConnections is more than a server needs whose questions take
// milliseconds, and a sixth of what a database allows by default.
const defaultConnections = 16

// Open opens a ledger, for a writer creating its tables if there are none. It
// returns errors that wrap [ledger.ErrUnavailable] or this package's variables;
// each says what to do.
func Open(ctx context.Context, c Config) (*Store, error) {
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	db, err := connect(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	s := &Store{relational.New(db, db.name, c.Calendar), db}
	if err := s.prepare(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: %w", db.explain(err)), s.Close())
	}
	return s, nil
}

// prepare makes sure of what the rest relies on.
func (s *Store) prepare(ctx context.Context, c Config) error {
	if c.ReadOnly {
		if err := s.db.checkSchema(ctx); err != nil {
			return err
		}
		return s.CheckCalendar(ctx)
	}
	if err := s.db.upgrade(ctx); err != nil {
		return err
	}
	if c.Target {
		return nil
	}
	if err := s.Settle(ctx, c.Log); err != nil {
		return err
	}
	s.db.rules = relational.ZoneRules(s.Calendar().Zone())
	return nil
}

// connect makes the pools of connections. It asks for nothing yet.
func connect(ctx context.Context, c Config) (*database, error) {
	config, err := pgxpool.ParseConfig(string(c.URL))
	if err != nil {
		return nil, fmt.Errorf("%w: %w: write it as postgres://USER:PASSWORD@HOST:5432/DATABASE", ErrURL, safe(err, c.URL))
	}
	d := &database{
		name: displayed(string(c.URL)), readOnly: c.ReadOnly, log: c.Log, turn: make(chan struct{}, 1),
		owner: ownNumber(), holder: ownName(), claims: map[string]int64{},
	}
	d.turn <- struct{}{}
	configure(config.ConnConfig)
	config.MaxConns = int32(cmp.Or(c.Connections, defaultConnections))
	config.MaxConnIdleTime = 5 * time.Minute
	config.PingTimeout = 5 * time.Second
	if d.readers, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), config); err != nil {
		return nil, d.explain(err)
	}
	writing := config.Copy()
	writing.MaxConns = 2 // one at a time writes; creating tables takes two
	writing.AfterConnect = durable
	if d.writers, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), writing); err != nil {
		d.readers.Close()
		return nil, d.explain(err)
	}
	return d, nil
}

// configure sets what every session needs, where the URL does not.
func configure(c *pgx.ConnConfig) {
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 10*time.Second)
	for name, value := range map[string]string{
		"search_path":      schemaName,
		"application_name": "dendro",
		"timezone":         "UTC",
		// A process that stops in the middle holds up the others no longer
		// than this.
		"idle_in_transaction_session_timeout": "60s",
		"lock_timeout":                        "60s",
		// Answers are read to their end, and short.
		"cursor_tuple_fraction": "1",
		"jit":                   "off",
	} {
		if _, set := c.RuntimeParams[name]; !set {
			c.RuntimeParams[name] = value
		}
	}
}

// durable makes a commit survive a crash of the database where that is turned
// off for speed. What asks for more, such as a second server, stays.
func durable(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
	return err
}

// ownNumber draws the number by which the database knows this store.
func ownNumber() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return int64(binary.LittleEndian.Uint64(b[:]) >> 1)
}

// ownName says to people who this process is.
func ownName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("%s, process %d", host, os.Getpid())
}

// Close implements [ledger.Store]. It waits for a commit that is under way and
// gives leases back; iterators that are open end with [ledger.ErrClosed] at their
// next step.
func (s *Store) Close() error {
	d := s.db
	if d.closed.Swap(true) {
		return nil
	}
	<-d.turn
	defer func() { d.turn <- struct{}{} }()
	d.leave()
	d.writers.Close()
	// The pool waits for its connections, and an iterator may hold one until
	// its caller goes on.
	go d.readers.Close()
	return nil
}

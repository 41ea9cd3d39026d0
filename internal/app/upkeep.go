package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/ledger/relational"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/remote"
)

// ErrPlace reports a place of a ledger that cannot be used.
var ErrPlace = errors.New("not a place of a ledger")

// Upkeep moves whole ledgers. Progress, which may be nil, is told how many rows are
// done of how many.
type Upkeep struct {
	Log      *slog.Logger
	Progress func(done, total int64)
}

// Kept is the ledger of a configuration as a whole.
type Kept struct {
	Upkeep
	Config *config.Config
}

// Backup writes the ledger into a new file, which is a ledger in SQLite. Servers may
// write to it meanwhile.
func (k Kept) Backup(ctx context.Context, to string) error {
	switch c := k.Config; c.Ledger {
	case config.LedgerSQLite:
		return sqlite.Backup(ctx, filepath.Join(c.Data, ledgerFile), to)
	case config.LedgerPostgres:
		_, err := k.copy(ctx, place{postgres: c.Postgres.URL}, place{file: to})
		return err
	}
	return fmt.Errorf("%w: the ledger is in the memory of its server", ErrPlace)
}

// Fetch has a server write its ledger and puts that into a new file, as [Kept.Backup]
// does. Progress is told of bytes.
func (u Upkeep) Fetch(ctx context.Context, server *remote.Client, to string) error {
	return sqlite.Receive(ctx, to, func(into io.Writer) error { return server.Backup(ctx, into, u.Progress) })
}

// Restore makes the ledger, which must not exist, of a backup.
func (k Kept) Restore(ctx context.Context, from string) error {
	switch c := k.Config; c.Ledger {
	case config.LedgerSQLite:
		return sqlite.Restore(ctx, from, filepath.Join(c.Data, ledgerFile), k.Log)
	case config.LedgerPostgres:
		if _, err := os.Stat(from); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		_, err := k.copy(ctx, place{file: from}, place{postgres: c.Postgres.URL})
		return err
	}
	return fmt.Errorf("%w: a ledger in memory is not restored", ErrPlace)
}

// Copy copies a ledger from one place into another, which is empty or the same copy
// broken off. A place is sqlite:PATH, a file or the folder that it is in, or
// postgres:URL.
func (u Upkeep) Copy(ctx context.Context, from, to string) (relational.Copied, error) {
	source, err := parsePlace(from)
	if err != nil {
		return relational.Copied{}, err
	}
	target, err := parsePlace(to)
	if err != nil {
		return relational.Copied{}, err
	}
	return u.copy(ctx, source, target)
}

// place is where a ledger is: a file or a database.
type place struct {
	file     string
	postgres postgres.Secret
}

func parsePlace(text string) (place, error) {
	kind, rest, _ := strings.Cut(text, ":")
	switch {
	case kind == config.LedgerSQLite && rest != "":
		if info, err := os.Stat(rest); err == nil && info.IsDir() || strings.HasSuffix(rest, "/") {
			rest = filepath.Join(rest, ledgerFile)
		}
		return place{file: rest}, nil
	case (kind == config.LedgerPostgres || kind == "postgresql") && strings.HasPrefix(rest, "//"):
		return place{postgres: postgres.Secret(text)}, nil
	case kind == config.LedgerPostgres && rest != "":
		return place{postgres: postgres.Secret(rest)}, nil
	}
	// The text is not shown: it may hold a password.
	return place{}, fmt.Errorf("%w: write it as sqlite:FOLDER or postgres://USER@HOST/DATABASE", ErrPlace)
}

// copy copies and compares.
func (u Upkeep) copy(ctx context.Context, from, to place) (done relational.Copied, err error) {
	source, closeSource, err := u.openSource(ctx, from)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, closeSource()) }()
	body := func(target *relational.Store) error {
		var err error
		done, err = relational.Copy(ctx, source, target, u.Progress)
		return err
	}
	if to.file != "" {
		return done, sqlite.CopyInto(ctx, to.file, u.Log, body)
	}
	target, err := postgres.Open(ctx, postgres.Config{URL: to.postgres, Target: true, Log: u.Log})
	if err != nil {
		return done, err
	}
	if err := errors.Join(body(target.Store), target.Close()); err != nil {
		return done, err
	}
	// Opened as a ledger it is looked at as a whole.
	whole, err := postgres.Open(ctx, postgres.Config{URL: to.postgres, ReadOnly: true})
	if err != nil {
		return done, err
	}
	return done, errors.Join(whole.Check(ctx), whole.Close())
}

func (u Upkeep) openSource(ctx context.Context, from place) (*relational.Store, func() error, error) {
	if from.file != "" {
		s, err := sqlite.Open(ctx, sqlite.Config{Path: from.file, ReadOnly: true, Log: u.Log})
		if err != nil {
			return nil, nil, err
		}
		return s.Store, s.Close, nil
	}
	s, err := postgres.Open(ctx, postgres.Config{URL: from.postgres, ReadOnly: true, Log: u.Log})
	if err != nil {
		return nil, nil, err
	}
	return s.Store, s.Close, nil
}

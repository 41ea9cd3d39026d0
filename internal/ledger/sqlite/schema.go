package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
)

// applicationID marks the file as a ledger in SQLite's header: "Dndr".
const applicationID = 0x446e6472

//go:embed migrations/*.sql
var migrations embed.FS

// schema brings a file to the newest version of the tables.
type schema struct {
	db   *sql.DB
	path string
	log  *slog.Logger
	// files are the migrations, in order of the number that their names begin
	// with.
	files fs.FS
}

func builtin() (fs.FS, error) { return fs.Sub(migrations, "migrations") }

// latest returns the version that the migrations lead to.
func latest(files fs.FS) (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("no migrations"), err)
	}
	return goose.NumericComponent(names[len(names)-1])
}

// identify returns the version of a file: 0 for a new one. It returns
// [ErrForeign] for a file with something else in it and [ErrVersion] for a version
// above known.
func identify(ctx context.Context, q *sql.DB, path string, known int64) (int64, error) {
	var id, tables int64
	err := errors.Join(
		q.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id),
		q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables),
	)
	switch {
	case err != nil:
		return 0, err
	case id == 0 && tables == 0:
		return 0, nil
	case id != applicationID:
		return 0, fmt.Errorf("%w: %s is an SQLite file of something else (application id %#x, %d tables): give another path",
			ErrForeign, path, id, tables)
	}
	var version sql.NullInt64
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'").Scan(&tables)
	if err == nil && tables > 0 {
		err = q.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&version)
	}
	if err == nil && version.Int64 > known {
		err = fmt.Errorf("%w: %s has tables of version %d, and this program knows them up to %d: use the newer program, "+
			"or restore the copy that it kept beside the file (%s.v*)", ErrVersion, path, version.Int64, known, path)
	}
	return version.Int64, err
}

// upgrade creates or migrates the tables. Before it changes an older ledger it
// keeps a copy of it.
func (s schema) upgrade(ctx context.Context) error {
	target, err := latest(s.files)
	if err != nil {
		return err
	}
	version, err := identify(ctx, s.db, s.path, target)
	if err != nil || version == target {
		return err
	}
	if version > 0 {
		kept := fmt.Sprintf("%s.v%d", s.path, version)
		s.log.InfoContext(ctx, "upgrading ledger", "path", s.path, "from", version, "to", target, "copy", kept)
		if err := keepCopy(ctx, s.db, kept); err != nil {
			return fmt.Errorf("copy of the ledger before its upgrade: %w", err)
		}
	}
	if _, err := s.db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.db, s.files,
		goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err = provider.Up(ctx); err != nil {
		return fmt.Errorf("upgrade of the ledger from version %d to %d: %w", version, target, err)
	}
	return nil
}

// keepCopy writes a copy of the file as it is now. It appears under its name
// once it is whole and on the disk.
func keepCopy(ctx context.Context, db *sql.DB, name string) error {
	partial := name + ".partial"
	if err := writeCopy(ctx, db, partial); err != nil {
		return err
	}
	if err := os.Rename(partial, name); err != nil {
		return err
	}
	return flush(filepath.Dir(name))
}

// writeCopy writes a copy of the file as it is now, and waits until it is on the disk. What
// had the name is replaced.
func writeCopy(ctx context.Context, db *sql.DB, name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// SQLite would let everybody read the file, which names people.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", name); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return flush(name)
}

// flush waits until a file or folder is on the disk.
func flush(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

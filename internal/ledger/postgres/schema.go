package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// schemaName is where the tables are, so that they meet no others.
const schemaName = "dendro"

//go:embed migrations/*.sql
var migrations embed.FS

// latest returns the version that the migrations lead to.
func latest() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("no migrations"), err)
	}
	return goose.NumericComponent(names[len(names)-1])
}

// upgradeLock is what processes that create or upgrade tables meet at: "Dndr".
const upgradeLock = 0x446e6472

// upgrade creates or migrates the tables. Each migration is a transaction; several
// processes wait for one another.
func (d *database) upgrade(ctx context.Context) error {
	known, err := latest()
	if err != nil {
		return err
	}
	version, err := d.version(ctx)
	if err != nil || version == known {
		return err
	}
	if version > known {
		return d.otherVersion(version, known)
	}
	if err := d.checkEncoding(ctx); err != nil {
		return err
	}
	conn, err := d.acquire(ctx, d.writers)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", upgradeLock); err != nil {
		return err
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", upgradeLock) }()
	if _, err := conn.Exec(ctx, `DO $$ BEGIN
		IF current_schema() IS NULL THEN EXECUTE format('CREATE SCHEMA %I', split_part(current_setting('search_path'), ',', 1)); END IF; END $$`); err != nil {
		return err
	}
	if version, err = d.version(ctx); err != nil || version == known { // another process was first
		return err
	}
	if version > 0 {
		kept, err := keepCopy(ctx, conn.Conn(), version)
		if err != nil {
			return fmt.Errorf("copy of the ledger before its upgrade, in the schema %s: %w", kept, err)
		}
		d.log.InfoContext(ctx, "upgrading ledger", "ledger", d.name, "from", version, "to", known, "copy", kept)
	}
	return d.migrate(ctx, version, known)
}

func (d *database) migrate(ctx context.Context, from, to int64) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(d.writers)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err = provider.Up(ctx); err != nil {
		return fmt.Errorf("upgrade of the ledger from version %d to %d: %w", from, to, err)
	}
	return nil
}

// version returns the version of the tables: 0 where there are none.
func (d *database) version(ctx context.Context) (int64, error) {
	conn, err := d.acquire(ctx, d.readers)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	var there bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('goose_db_version') IS NOT NULL").Scan(&there); err != nil || !there {
		return 0, err
	}
	var version int64
	err = conn.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version)
	return version, err
}

func (d *database) checkEncoding(ctx context.Context) error {
	conn, err := d.acquire(ctx, d.readers)
	if err != nil {
		return err
	}
	defer conn.Release()
	var encoding string
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_encoding')").Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("%w: %s has the encoding %s: create one by createdb -E UTF8 -T template0", ErrForeign, d.name, encoding)
	}
	return nil
}

// checkSchema is upgrade for who only reads.
func (d *database) checkSchema(ctx context.Context) error {
	known, err := latest()
	if err != nil {
		return err
	}
	version, err := d.version(ctx)
	switch {
	case err != nil:
		return err
	case version == 0:
		return fmt.Errorf("%w: %s has no tables of one: start the server or a backfill once to create them", ErrForeign, d.name)
	case version != known:
		return d.otherVersion(version, known)
	}
	return nil
}

func (d *database) otherVersion(version, known int64) error {
	if version > known {
		return fmt.Errorf("%w: %s has tables of version %d, and this program knows them up to %d: use the newer program, or go back to the copy "+
			"that it kept in the schema dendro_v%d", ErrVersion, d.name, version, known, known)
	}
	return fmt.Errorf("%w: %s has tables of version %d and this program reads version %d: open it once for writing, which upgrades it",
		ErrVersion, d.name, version, known)
}

package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// keptBy is the comment of a schema that holds a copy: no other is ever dropped.
const keptBy = "Copy of a ledger of Dendro, kept before an upgrade"

// keepCopy copies the tables of a ledger, which are of a version, into a schema of
// their own beside theirs, in one transaction: all of them as they are, with their
// rows, indexes and references, so that a change of names makes them the ledger
// again. An older copy of the same version is replaced. It returns the schema.
func keepCopy(ctx context.Context, conn *pgx.Conn, version int64) (kept string, err error) {
	var own string
	if err := conn.QueryRow(ctx, "SELECT current_schema()").Scan(&own); err != nil {
		return "", err
	}
	kept = fmt.Sprintf("%s_v%d", own, version)
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		return keeping{ctx, tx, own, kept}.run()
	})
	return kept, err
}

// keeping is a copy that is being made.
type keeping struct {
	ctx       context.Context
	tx        pgx.Tx
	own, kept string
}

func (c keeping) run() error {
	// Who writes waits, and finds the tables upgraded then.
	if _, err := c.tx.Exec(c.ctx, "LOCK TABLE ledger IN EXCLUSIVE MODE"); err != nil {
		return err
	}
	if err := c.makeRoom(); err != nil {
		return err
	}
	for _, step := range []func() ([]string, error){c.tables, c.numbers, c.references} {
		statements, err := step()
		if err != nil {
			return err
		}
		for _, text := range statements {
			if _, err := c.tx.Exec(c.ctx, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeRoom creates the schema, in the place of an older copy.
func (c keeping) makeRoom() error {
	var comment *string
	err := c.tx.QueryRow(c.ctx, "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1", c.kept).Scan(&comment)
	schema := pgx.Identifier{c.kept}.Sanitize()
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return err
	case comment == nil || *comment != keptBy:
		return fmt.Errorf("%w: a schema of this name exists and is not Dendro's: rename it", ErrForeign)
	default:
		if _, err := c.tx.Exec(c.ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			return err
		}
	}
	if _, err := c.tx.Exec(c.ctx, "CREATE SCHEMA "+schema); err != nil {
		return err
	}
	_, err = c.tx.Exec(c.ctx, "COMMENT ON SCHEMA "+schema+" IS '"+keptBy+"'")
	return err
}

// tables returns what copies each table: its columns, rules and indexes, then its
// rows. Leases are of servers that are stopped now.
func (c keeping) tables() ([]string, error) {
	return c.made(`SELECT format('CREATE %s TABLE %I.%I (LIKE %I.%I INCLUDING ALL)',
			CASE relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE '' END, $2::text, relname, $1::text, relname)
			|| CASE WHEN relname = 'leases' THEN '' ELSE format('; INSERT INTO %I.%I SELECT * FROM %I.%I', $2::text, relname, $1::text, relname) END
		FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind = 'r' ORDER BY relname`)
}

// numbers returns what lets columns that number themselves go on where they are.
func (c keeping) numbers() ([]string, error) {
	return c.made(`SELECT format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM %I.%I HAVING max(%I) IS NOT NULL',
			format('%I.%I', $2::text, relname), attname, attname, $2::text, relname, attname)
		FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attidentity <> ''
		WHERE relnamespace = $1::text::regnamespace AND relkind = 'r' ORDER BY relname`)
}

// references returns what makes the tables of the copy refer to one another.
func (c keeping) references() ([]string, error) {
	made, err := c.made(`SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I ', $2::text, r.relname, conname) || pg_get_constraintdef(k.oid)
		FROM pg_constraint k JOIN pg_class r ON r.oid = conrelid WHERE connamespace = $1::text::regnamespace AND contype = 'f' ORDER BY 1`)
	// What they refer to is named without its schema, as long as that is the
	// first of the search path.
	own, kept := pgx.Identifier{c.own}.Sanitize(), pgx.Identifier{c.kept}.Sanitize()
	return append(append([]string{"SET LOCAL search_path = " + kept}, made...), "SET LOCAL search_path = "+own), err
}

// made asks for statements; $1 is the schema of the ledger, $2 that of the copy.
func (c keeping) made(text string) ([]string, error) {
	rows, err := c.tx.Query(c.ctx, text, c.own, c.kept)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

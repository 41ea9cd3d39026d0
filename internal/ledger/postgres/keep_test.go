package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
)

// asks runs statements as an operator does, by psql.
func asks(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for _, text := range statements {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// TestCopyBeforeUpgrade upgrades a ledger of version 1, goes back as
// docs/OPERATIONS.md says, finds what was there, and upgrades again.
func TestCopyBeforeUpgrade(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	w := ledgertest.NewWorld(t, 3)
	s := open(t, url, w.Calendar)
	history := ledgertest.Interleave(w.Rand, w.History(20))
	for _, c := range history {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	ledgertest.Learn(t, s, w, 3)
	want := ledgertest.Dump(t, s, w)
	older := []string{"SET search_path = dendro", "DROP TABLE marks, account_labels", "DELETE FROM goose_db_version WHERE version_id > 1"}
	for n := range 3 { // the copy is replaced by that of the next upgrade
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		asks(t, url, older...)
		s = open(t, url, w.Calendar)
		ledgertest.SameBytes(t, "after an upgrade", ledgertest.Dump(t, s, w), want)
		if n == 2 {
			break
		}
		if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
			t.Fatal(err)
		}
		asks(t, url, "ALTER SCHEMA dendro RENAME TO dendro_upgraded", "ALTER SCHEMA dendro_v1 RENAME TO dendro")
		_, err := postgres.Open(t.Context(), postgres.Config{URL: postgres.Secret(url), ReadOnly: true})
		if !errors.Is(err, postgres.ErrVersion) {
			t.Errorf("the copy is not of the older version: %v", err)
		}
		s = open(t, url, w.Calendar)
		ledgertest.SameBytes(t, "after going back and on", ledgertest.Dump(t, s, w), want)
		asks(t, url, "DROP SCHEMA dendro_upgraded CASCADE", "COMMENT ON SCHEMA dendro IS NULL")
	}
	if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
	tables(t, url)

	asks(t, url, append(older, "COMMENT ON SCHEMA dendro_v1 IS 'theirs'")...)
	_, err := postgres.Open(t.Context(), postgres.Config{URL: postgres.Secret(url), Calendar: w.Calendar})
	if !errors.Is(err, postgres.ErrForeign) {
		t.Errorf("a schema of somebody else's in the way of the copy: %v", err)
	}
	asks(t, url, "ALTER SCHEMA dendro_v1 RENAME TO theirs")
	ledgertest.SameBytes(t, "at last", ledgertest.Dump(t, open(t, url, w.Calendar), w), want)
}

// tables holds that a copy has the indexes, rules and references of the ledger, all
// but those of the newer version.
func tables(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	of := func(schema string) []string {
		t.Helper()
		asks := fmt.Sprintf(`SELECT format('%%s %%s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = '%[1]s'::regnamespace
				AND conrelid::regclass::text NOT SIMILAR TO '%%(marks|account_labels)'
			UNION SELECT regexp_replace(indexdef, '^CREATE (UNIQUE )?INDEX \S+', '') FROM pg_indexes WHERE schemaname = '%[1]s' AND tablename NOT IN ('marks', 'account_labels')
			UNION SELECT format('%%s %%s', relname, relpersistence) FROM pg_class WHERE relnamespace = '%[1]s'::regnamespace AND relkind = 'r' AND relname NOT IN ('marks', 'account_labels')
			ORDER BY 1`, schema)
		rows, err := conn.Query(t.Context(), asks)
		if err != nil {
			t.Fatal(err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for i := range found {
			found[i] = strings.ReplaceAll(found[i], schema+".", "")
		}
		slices.Sort(found)
		if len(found) < 40 {
			t.Fatalf("%s has %q alone", schema, found)
		}
		return found
	}
	if diff := cmp.Diff(of("dendro"), of("dendro_v1")); diff != "" {
		t.Error(diff)
	}
}

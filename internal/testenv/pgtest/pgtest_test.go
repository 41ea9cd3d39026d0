package pgtest_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dendro-carbon/dendro/internal/testenv/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func names(t *testing.T, url string) int {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS names (name TEXT); INSERT INTO names VALUES ('a')"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := c.QueryRow(t.Context(), "SELECT count(*) FROM names").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	one, other := pgtest.URL(t), pgtest.URL(t)
	if one == other || names(t, one) != 1 || names(t, other) != 1 || names(t, one) != 2 {
		t.Error("two tests share a database")
	}
}

func TestKill(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	url := s.URL(t)
	for i := range 3 {
		if n := names(t, url); n != i+1 {
			t.Errorf("after %d kills: %d rows", i, n)
		}
		s.Kill()
		if c, err := pgx.Connect(t.Context(), url); err == nil {
			c.Close(t.Context())
			t.Error("a server that was killed answers")
		}
		s.Restart(t)
	}
}

package derive_test

import (
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

func mustLabels(t testing.TB, namesAndValues ...string) account.Labels {
	t.Helper()
	l, err := account.LabelsOf(namesAndValues...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func span(t testing.TB, from, to string) account.Span {
	t.Helper()
	return account.NewSpan(instant(t, from), instant(t, to))
}

func minutes(n int64) unit.Duration { return unit.Duration(n * 60_000_000) }

func mustAdd(t *testing.T, a, b account.Quantities) account.Quantities {
	t.Helper()
	sum, err := a.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

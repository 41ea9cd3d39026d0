package prometheus_test

import (
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
)

// TestVictoriaMetrics reads the fixture of all cases from another implementation
// of the API, which has no remote read: the facts are the same.
func TestVictoriaMetrics(t *testing.T) {
	t.Parallel()
	f := everything()
	other := promtest.StartVictoriaMetrics(t, f.write)
	server := promtest.Start(t, promtest.Options{Text: f.write})
	all := source.Request{Grid: grid(t), Span: account.NewSpan(noon().Add(-30*time.Minute), noon().Add(27*time.Hour))}
	want := readAll(t, open(t, server.URL, nil), all)
	got := readAll(t, open(t, other.URL, func(*prometheus.Config) {}), all)
	for i := range want { // of NaN and infinities VictoriaMetrics knows nothing
		want[i].Warnings, got[i].Warnings = nil, nil
	}
	same(t, want, got)
}

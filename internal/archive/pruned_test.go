package archive_test

import (
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
)

// What was pruned is told, so that nobody takes it for a time without windows; what is
// young is not pruned, whoever asks for it.
func TestPrunedIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, archive.Config{Dir: dir, MaxBytes: 1, KeepFiles: 1, Spendable: func(*archive.Stored) (bool, error) { return true, nil }})
	write(t, a, 0, 3)
	hour := account.NewSpan(noon(), noon().Add(time.Hour))
	for _, c := range []struct {
		now  time.Time
		want bool
	}{{noon().Add(7 * 24 * time.Hour), false}, {noon().Add(9 * 24 * time.Hour), true}} {
		must(t, a.Tidy(c.now))
		if pruned, err := archive.Pruned(dir, hour); err != nil || pruned != c.want {
			t.Errorf("at %v: %v, %v", c.now, pruned, err)
		}
	}
	later := account.NewSpan(noon().Add(time.Hour), noon().Add(2*time.Hour))
	if pruned, err := archive.Pruned(dir, later); err != nil || pruned {
		t.Errorf("of another time: %v, %v", pruned, err)
	}
}

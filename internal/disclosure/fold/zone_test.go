package fold_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
)

// TestDaysAreThoseOfTheZone: a day of Paris on which its clocks go forward is one day, and lies on two
// of UTC.
func TestDaysAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	span := account.NewSpan(time.Date(2026, 3, 29, 0, 0, 0, 0, paris), time.Date(2026, 3, 30, 0, 0, 0, 0, paris))
	var lines strings.Builder
	for _, at := range []string{"2026-03-28T22:59:59.999Z", "2026-03-28T23:00:00Z", "2026-03-29T00:30:00+01:00", "2026-03-29T23:59:59+02:00", "2026-03-29T22:00:00Z"} {
		lines.WriteString(strings.Replace(exampleLine, "2026-02-01T12:00:00Z", at, 1))
	}
	p, err := fold.Archives(t.Context(), fold.Config{Span: span, Zone: paris}, []fold.Archive{text("a", lines.String())})
	if err != nil {
		t.Fatal(err)
	}
	if c := p.Coverage; c.Days != 1 || c.ObservedDays != 1 || c.LargestGap != 0 || p.Windows.Counted != 3 || p.Windows.Outside != 2 {
		t.Errorf("%+v, %d windows, %d outside", c, p.Windows.Counted, p.Windows.Outside)
	}
}

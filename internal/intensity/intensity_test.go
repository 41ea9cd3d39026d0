package intensity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/intensity/intensitytest"
	"github.com/dendro-carbon/dendro/unit"
)

// tide is the smallest intensity source there is: half-hours since 2020, whose
// value follows the hour.
type tide struct{ down bool }

func (*tide) Info() intensity.Info {
	return intensity.Info{Name: "tide", Accounting: account.Accounting{Scope: "lifecycle", Approach: "location"}}
}

func (s *tide) Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error) {
	const half = 30 * time.Minute
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case s.down:
		return nil, fmt.Errorf("%w: ebb", intensity.ErrUnavailable)
	case region != "sea":
		return nil, fmt.Errorf("%w: %q", intensity.ErrRegion, region)
	case span.IsEmpty():
		return nil, nil
	}
	var out []account.Intensity
	for from := span.From.UTC().Truncate(half); from.Before(span.To); from = from.Add(half) {
		if from.Year() >= 2020 {
			out = append(out, account.Intensity{
				Region: region, Span: account.NewSpan(from, from.Add(half)), Value: unit.Intensity(from.Hour()) * 1_000_000,
				Accounting: s.Info().Accounting, Source: "tide",
			})
		}
	}
	return out, nil
}

func TestConformance(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 1, 28, 0, 10, 0, 0, time.UTC)
	long := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	intensitytest.Run(t, intensitytest.Harness{
		Source: &tide{}, Region: "sea", Unknown: "land", Broken: &tide{down: true},
		Span: account.NewSpan(day, day.Add(24*time.Hour)), Nothing: account.NewSpan(long, long.Add(time.Hour)),
	})
}

func TestCheckChain(t *testing.T) {
	t.Parallel()
	location := account.Accounting{Scope: "combustion", Approach: "location"}
	a, b := intensity.Info{Name: "a", Accounting: location}, intensity.Info{Name: "b", Accounting: location}
	market, lifecycle := b, b
	market.Accounting.Approach, lifecycle.Accounting.Scope = "market", "lifecycle"
	if err := intensity.CheckChain([]intensity.Info{a, b}); err != nil {
		t.Error(err)
	}
	for name, chain := range map[string][]intensity.Info{
		"none": nil, "twice": {a, b, a}, "location and market": {a, market}, "combustion and life cycle": {a, lifecycle},
	} {
		if err := intensity.CheckChain(chain); !errors.Is(err, intensity.ErrChain) {
			t.Errorf("%s: %v, want ErrChain", name, err)
		}
	}
}

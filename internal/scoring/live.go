package scoring

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Live returns what [Deps] wants as Live: the intensities that a ledger knows of a time,
// but for annual means, which windows have themselves. Of several for one time the
// first in the list holds: that of the best source of the method's chain, of the best
// kind, known last. Regions are also known by the names that rules of the method give
// them.
func Live(from ledger.Intensities, m derive.Method) func(context.Context, int64, int64) (map[string][]window.Live, error) {
	names := map[string][]string{} // of a region in windows, by that of the sources
	for _, rule := range m.Places {
		if len(rule.Where) == 1 && rule.Where[0].Label == LabelRegion {
			names[rule.Region] = append(names[rule.Region], rule.Where[0].Values...)
		}
	}
	return func(ctx context.Context, begin, end int64) (map[string][]window.Live, error) {
		// Spans that are late, or began before the window.
		span := account.NewSpan(time.Unix(0, begin).Add(-maxLate), time.Unix(0, end))
		var values []account.Intensity
		for v, err := range from.Intensities(ctx, span, time.Time{}) {
			if err != nil {
				return nil, err
			}
			if v.Kind != account.IntensityAnnual && slices.Contains(m.Chain, v.Source) {
				values = append(values, v)
			}
		}
		slices.SortStableFunc(values, func(a, b account.Intensity) int {
			return cmp.Or(cmp.Compare(slices.Index(m.Chain, a.Source), slices.Index(m.Chain, b.Source)),
				cmp.Compare(a.Kind, b.Kind), b.KnownAt.Compare(a.KnownAt))
		})
		out := map[string][]window.Live{}
		for _, v := range values {
			estimated := v.Kind != account.IntensityActual
			l := window.Live{
				From: v.Span.From.UnixNano(), To: v.Span.To.UnixNano(), Intensity: v.Value.GramsPerKWh(),
				Estimated: &estimated, Method: v.Source,
			}
			for _, name := range append([]string{v.Region}, names[v.Region]...) {
				name = strings.ToLower(name)
				out[name] = append(out[name], l)
			}
		}
		return out, nil
	}
}

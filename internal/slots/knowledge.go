package slots

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// keepAhead is how far ahead of time forecasts are kept in the ledger: a slot
// meets the last forecast before it when no actual ever comes. Those for later are
// only shown, since each would be revised dozens of times first.
const keepAhead = time.Hour

// forecastFor is how far ahead forecasts are asked for.
const forecastFor = 48 * time.Hour

// placed is a source whose subjects say themselves where they are.
type placed interface{ Regions() []string }

// regions returns the intensity regions of the method and those that sources name, each
// once. How many the method has comes second: a region that a service names may be
// known to no source, which is no failure.
func (d *Driver) regions() (all []string, own int) {
	seen := map[string]bool{"": true}
	add := func(region string) {
		if !seen[region] {
			seen[region] = true
			all = append(all, region)
		}
	}
	for _, r := range d.config.Method.Places {
		add(r.Region)
	}
	own = len(all)
	for _, s := range d.Sources {
		if p, ok := s.(placed); ok {
			for _, name := range p.Regions() {
				add(d.config.Method.RegionOf(name))
			}
		}
	}
	return all, own
}

// syncIntensities asks for what may still be revised, and for forecasts.
func (d *Driver) syncIntensities(ctx context.Context) error {
	now := time.Now()
	span := account.NewSpan(now.Add(-d.config.ReviseFor), now.Add(forecastFor))
	held, err := d.claim(ctx, dutyIntensity, d.config.IntensityEvery)
	if err != nil || held {
		return errors.Join(err, d.fetchIntensities(ctx, span))
	}
	_, err = d.askIntensities(ctx, span) // another process stores them; forecasts are shown by each
	return err
}

// fetchIntensities asks every source of the chain for a span, stores what is new
// and restates the closed slots it falls into. One source that fails does not
// keep back the others; the errors are returned together.
func (d *Driver) fetchIntensities(ctx context.Context, span account.Span) error {
	values, err := d.askIntensities(ctx, span)
	return errors.Join(err, d.learnIntensities(ctx, values))
}

// askIntensities returns what there is to store, and keeps forecasts. Those of a
// source that fails stay until it answers again.
func (d *Driver) askIntensities(ctx context.Context, span account.Span) (values []account.Intensity, err error) {
	var errs []error
	forecasts := map[string][]account.Intensity{}
	now := time.Now()
	horizon := now.Add(keepAhead)
	regions, own := d.regions()
	d.asked.Store(int64(len(regions)))
	for i, region := range regions {
		for _, s := range d.Intensities {
			got, err := s.Fetch(ctx, region, span)
			switch {
			case i >= own && errors.Is(err, intensity.ErrRegion):
				continue
			case err != nil:
				errs = append(errs, fmt.Errorf("intensity source %q, region %q: %w", s.Info().Name, region, err))
				got = d.forecastBy(s.Info().Name, region)
			default:
				values = append(values, only(got, func(v *account.Intensity) bool { return v.Span.From.Before(horizon) })...)
			}
			ahead := only(got, func(v *account.Intensity) bool { return v.Span.To.After(now) })
			forecasts[region] = append(forecasts[region], ahead...)
		}
	}
	if span.To.After(now) {
		d.forecasts.Store(&forecasts)
	}
	return values, errors.Join(errs...)
}

// forecastBy returns the forecasts that one source gave last.
func (d *Driver) forecastBy(name, region string) []account.Intensity {
	return only(d.Forecast(region), func(v *account.Intensity) bool { return v.Source == name })
}

// only returns the values for which keep holds.
func only(values []account.Intensity, keep func(*account.Intensity) bool) []account.Intensity {
	var out []account.Intensity
	for i := range values {
		if keep(&values[i]) {
			out = append(out, values[i])
		}
	}
	return out
}

// learnIntensities stores values and restates what follows from them.
func (d *Driver) learnIntensities(ctx context.Context, values []account.Intensity) error {
	if len(values) == 0 {
		return nil
	}
	added, err := d.putIntensities(ctx, values)
	if err != nil {
		return fmt.Errorf("store intensities: %w", err)
	}
	spans := make([]account.Span, len(added))
	for i, v := range added {
		spans[i] = v.Span
	}
	return d.follow(d.restate(ctx, spans, why{ledger.ReasonIntensity, fmt.Sprintf("%d values of intensity", len(added))}))
}

// follow takes the error of restating for what was stored just now. Whoever told that
// tells nothing new when asked again, so what was not restated is left to finishing.
func (d *Driver) follow(err error) error {
	if err != nil {
		d.unfinished.Store(true)
	}
	return err
}

func (d *Driver) putIntensities(ctx context.Context, values []account.Intensity) ([]account.Intensity, error) {
	end, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	knownAt := d.clock.now()
	for i := range values {
		values[i].KnownAt, values[i].Version = knownAt, account.VisibleText(values[i].Version)
	}
	return d.Store.PutIntensities(ctx, values)
}

// Forecast returns the values for now and later that sources gave last, in
// canonical order; empty before the first answer. The caller must not change them.
func (d *Driver) Forecast(region string) []account.Intensity {
	if all := d.forecasts.Load(); all != nil {
		return (*all)[region]
	}
	return nil
}

// syncDirectories asks every directory for changes.
func (d *Driver) syncDirectories(ctx context.Context) error {
	var errs []error
	for _, s := range d.Directories {
		if err := d.syncDirectory(ctx, s); err != nil {
			errs = append(errs, fmt.Errorf("directory %q: %w", s.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// syncDirectory stores changes and restates the closed slots of the holdings that
// changed. The cursor lives as long as the process: a new one asks for everything
// once, and the ledger leaves out what it knows.
func (d *Driver) syncDirectory(ctx context.Context, s directory.Source) error {
	d.cursorsMu.Lock()
	defer d.cursorsMu.Unlock()
	update, err := s.Changes(ctx, d.cursors[s.Name()])
	if errors.Is(err, directory.ErrCursor) {
		delete(d.cursors, s.Name())
		update, err = s.Changes(ctx, "")
	}
	if err != nil {
		return err
	}
	var warnings []Warning
	for _, w := range update.Warnings {
		warnings = append(warnings, Warning{Code: "directory", Subject: w.Record, Text: w.Text, Count: 1})
	}
	d.warn(s.Name(), warnings)
	holdings, err := d.ofDirectory(ctx, s.Name(), update)
	if err != nil {
		return err
	}
	if err := d.learnHoldings(ctx, holdings); err != nil {
		return err
	}
	d.cursors[s.Name()] = update.Cursor
	d.status.asked(s.Name(), update)
	return nil
}

// ofDirectory returns the holdings of an update under IDs that no other directory
// has, and with an update of everything those that are gone.
func (d *Driver) ofDirectory(ctx context.Context, name string, update directory.Update) ([]account.Holding, error) {
	said := map[string]bool{}
	for i := range update.Holdings {
		h := &update.Holdings[i]
		*h = h.Visible()
		h.ID = name + "/" + h.ID
		said[h.ID] = true
	}
	if !update.Whole {
		return update.Holdings, nil
	}
	known := map[string]account.Holding{}
	for h, err := range d.Store.Holdings(ctx, account.Holding{}.Span(), time.Time{}) {
		if err != nil {
			return nil, fmt.Errorf("known holdings: %w", err)
		}
		if before, ok := known[h.ID]; !said[h.ID] && strings.HasPrefix(h.ID, name+"/") && (!ok || before.KnownAt.Before(h.KnownAt)) {
			known[h.ID] = h
		}
	}
	missing := slices.Collect(maps.Values(known))
	return append(update.Holdings, directory.Gone(missing, update.Holdings, update.GoneAt)...), nil
}

func (d *Driver) learnHoldings(ctx context.Context, holdings []account.Holding) error {
	if len(holdings) == 0 {
		return nil
	}
	added, err := d.putHoldings(ctx, holdings)
	if err != nil {
		return fmt.Errorf("store holdings: %w", err)
	}
	if len(added) == 0 {
		return nil
	}
	spans, err := d.spansOf(ctx, added)
	if err == nil {
		err = d.restate(ctx, spans, why{ledger.ReasonHolding, fmt.Sprintf("%d holdings", len(added))})
	}
	return d.follow(err)
}

func (d *Driver) putHoldings(ctx context.Context, holdings []account.Holding) ([]account.Holding, error) {
	end, err := d.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	knownAt := d.clock.now()
	for i := range holdings {
		holdings[i].KnownAt = knownAt
	}
	return d.Store.PutHoldings(ctx, holdings)
}

// spansOf returns the closed time for which new revisions of holdings say something
// else than those before them.
func (d *Driver) spansOf(ctx context.Context, added []account.Holding) ([]account.Span, error) {
	status, err := d.Store.Status(ctx)
	if err != nil || status.Slots == 0 {
		return nil, err
	}
	closed := account.Span{From: status.First.From, To: status.Last.To}
	isNew := make(map[string]time.Time, len(added))
	for _, h := range added {
		isNew[h.ID] = h.KnownAt
	}
	before := map[string]account.Holding{}
	for h, err := range d.Store.Holdings(ctx, closed, time.Time{}) {
		if err != nil {
			return nil, err
		}
		knownAt, ok := isNew[h.ID]
		if old, again := before[h.ID]; ok && h.KnownAt.Before(knownAt) && (!again || old.KnownAt.Before(h.KnownAt)) {
			before[h.ID] = h
		}
	}
	var spans []account.Span
	for _, h := range added {
		for _, s := range changedBy(h, before) {
			if s = s.Overlap(closed); !s.IsEmpty() {
				spans = append(spans, s)
			}
		}
	}
	return spans, nil
}

// changedBy returns the time for which a revision says something else than the one
// before it, all of its time when there is none.
func changedBy(h account.Holding, before map[string]account.Holding) []account.Span {
	old, ok := before[h.ID]
	if !ok {
		old = account.Holding{Withdrawn: true}
	}
	return h.Changed(old)
}

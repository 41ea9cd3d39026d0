package fold

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

// ledgerFactors lists what the figures of a ledger rest on, as known at an instant: the power models,
// embodied carbon and places of hosts, the policy, and the intensities that were known of the
// period, by source and version.
func ledgerFactors(ctx context.Context, k ledger.Knowledge, c LedgerConfig) ([]disclosure.Factor, error) {
	method, err := ledger.MethodAt(ctx, k, c.KnownAt)
	if errors.Is(err, ledger.ErrNoMethod) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if c.Names != nil {
		method = method.Renamed(c.Names)
	}
	var all []disclosure.Factor
	add := func(name string, where account.Filter, value any, source string) error {
		text, err := json.Marshal(value)
		all = append(all, disclosure.Factor{Name: name, Of: filterText(where), Value: strings.Trim(string(text), `"`), Source: source})
		return err
	}
	const configured = "configuration"
	var errs []error
	for _, r := range method.Models {
		errs = append(errs, add(disclosure.FactorPower, r.Where, r.Model, configured))
	}
	for _, r := range method.Embodied {
		rule := r
		rule.Where = nil
		errs = append(errs, add(disclosure.FactorEmbodied, r.Where, rule, configured))
	}
	for _, r := range method.Places {
		errs = append(errs, add(disclosure.FactorPlace, r.Where, r.Region, configured))
	}
	errs = append(errs, add("policy", nil, method.Policy.Name, configured))
	intensities, err := intensityFactors(ctx, k, c, method.Chain)
	return append(all, intensities...), errors.Join(append(errs, err)...)
}

// filterText says for which hosts a rule is.
func filterText(where account.Filter) string {
	if len(where) == 0 {
		return "all hosts"
	}
	var all []string
	for _, m := range where {
		all = append(all, m.Label+"="+strings.Join(m.Values, "|"))
	}
	return strings.Join(all, ", ")
}

// intensityFactors lists the intensities of a chain by region, source and version.
func intensityFactors(ctx context.Context, k ledger.Knowledge, c LedgerConfig, chain []string) ([]disclosure.Factor, error) {
	type key struct{ region, source, version, kind string }
	type values struct{ low, high unit.Intensity }
	found := map[key]values{}
	for v, err := range k.Intensities(ctx, c.Span, c.KnownAt) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(chain, v.Source) {
			continue
		}
		at := key{v.Region, v.Source, v.Version, v.Kind.String()}
		have, known := found[at]
		if !known {
			have = values{v.Value, v.Value}
		}
		found[at] = values{min(have.low, v.Value), max(have.high, v.Value)}
	}
	var all []disclosure.Factor
	for at, v := range found {
		text := v.low.Decimal()
		if v.high != v.low {
			text += " to " + v.high.Decimal()
		}
		all = append(all, disclosure.Factor{
			Name: factorIntensity, Of: at.region, Value: text + " gCO2e/kWh (" + at.kind + ")", Version: at.version, Source: at.source,
		})
	}
	slices.SortFunc(all, func(a, b disclosure.Factor) int {
		return cmp.Or(strings.Compare(a.Of, b.Of), strings.Compare(a.Source, b.Source), strings.Compare(a.Version, b.Version), strings.Compare(a.Value, b.Value))
	})
	return all, nil
}

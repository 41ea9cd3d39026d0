package query

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
)

// names returns what replaces names of people in an answer, nil for nothing. It is
// refused to ask for pseudonyms where there is no key.
func (e *Engine) names(asked bool) (account.Renamer, error) {
	switch {
	case !asked && !e.opts.Pseudonyms:
		return nil, nil
	case e.opts.Names == nil:
		return nil, refuse("pseudonyms", "this ledger has no key for them", "set people.pseudonym_key, or let the server make one with people.pseudonyms")
	}
	return e.opts.Names, nil
}

func renamed(names account.Renamer, l account.Labels) account.Labels {
	if names == nil {
		return l
	}
	return names.Rename(l)
}

// hidePeople replaces names of people in explanations, and keeps those for whose
// labels where holds as they are shown then.
func hidePeople(found []derive.Explanation, where account.Filter, names account.Renamer) []derive.Explanation {
	if names == nil {
		return found
	}
	var kept []derive.Explanation
	for _, x := range found {
		if x.Account.Labels = names.Rename(x.Account.Labels); !where.Holds(x.Account.Labels) {
			continue
		}
		x.Policy.Weights = hideWeights(x.Policy.Weights, names)
		hosts := slices.Clone(x.Hosts)
		for i := range hosts {
			h := &hosts[i]
			h.Labels, h.Subject.Labels = names.Rename(h.Labels), names.Rename(h.Subject.Labels)
		}
		x.Hosts = hosts
		kept = append(kept, x)
	}
	return kept
}

// hideWeights leaves out whom the weights of a policy are for.
func hideWeights(rules []derive.WeightRule, names account.Renamer) []derive.WeightRule {
	out := slices.Clone(rules)
	for i := range out {
		out[i].Where = out[i].Where.Renamed(names)
	}
	return out
}

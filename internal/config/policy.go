package config

import (
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
)

func defaultPolicy() derive.Policy {
	return derive.Policy{
		Name: "default", Divide: derive.DivideUsage, Idle: derive.IdleHolder, Sharing: derive.SharingOwner, Experiments: derive.MatchEven,
	}
}

// demoPolicies are beside the simulation's own, so that there is something to compare:
// idle energy is shared by use within a facility.
func demoPolicies() []derive.Policy {
	shared := defaultPolicy()
	shared.Name, shared.Idle, shared.Pool = "idle-shared", derive.IdleProRata, []string{account.LabelFacility}
	return []derive.Policy{shared}
}

// policies is a target for the policies that can be asked for beside the ledger's own.
func policies(to *[]derive.Policy) target {
	fresh := func() derive.Policy {
		p := defaultPolicy()
		p.Name = ""
		return p
	}
	return objects[derive.Policy]{to: to, fresh: fresh, fields: func(p *derive.Policy) []field {
		return []field{
			{name: "name", doc: "how it is asked for: `--policy`, `--compare`", to: words(&p.Name, "a name"), required: true},
			{
				name: "divide", doc: "as `policy.divide`; `usage`, if it is left out",
				to: choice(&p.Divide, derive.DivideUsage, derive.DivideEven, derive.DivideReservation, derive.DivideWeighted),
			},
			{
				name: "idle", doc: "as `policy.idle`; `holder`, if it is left out",
				to: choice(&p.Idle, derive.IdleHolder, derive.IdleApart, derive.IdleProRata),
			},
			{name: "sharing", doc: "as `policy.sharing`; `owner`, if it is left out", to: choice(&p.Sharing, derive.SharingOwner, derive.SharingEven)},
			{
				name: "experiments", doc: "as `policy.experiments`; `even`, if it is left out",
				to: choice(&p.Experiments, derive.MatchEven, derive.MatchWeighted, derive.MatchUnattributed),
			},
			{name: "pool", doc: "as `policy.pool`", to: texts(&p.Pool, "a list of labels")},
			{name: "weights", doc: "as `policy.weights`", to: weights(&p.Weights)},
		}
	}}
}

func (c *Config) validatePolicies(l *problems) {
	names := []string{c.Policy.Name}
	for i, p := range c.Policies {
		path := "policies" + index(i)
		l.wrong(p.Name == "", path, "name: required")
		l.wrong(p.Name != "" && slices.Contains(names, p.Name), path, "another policy is called %q too", p.Name).Hint = "give each a name of its own; that of policy is " + c.Policy.Name
		names = append(names, p.Name)
	}
}

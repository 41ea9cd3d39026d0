package derive

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// Explanation says how the figures of one account in one slot came to be.
type Explanation struct {
	Slot    account.Span    `json:"slot"`
	Account account.Account `json:"account"`
	// Figures is what is shown of the account's quantities.
	Figures account.Figures `json:"figures"`
	Policy  Policy          `json:"policy"`
	// Hosts are the wholes of which the account has a share, in order.
	Hosts []HostExplanation `json:"hosts"`
	// Pooled is the idle energy that came from the pool of a policy that shares
	// it pro rata; nil under other policies.
	Pooled *account.Figures `json:"pooled,omitempty"`
}

// HostExplanation says how one host's slot was worked out and divided.
type HostExplanation struct {
	Subject account.Subject `json:"subject"`
	// Labels are those of the source and those that the method's rules add.
	Labels account.Labels `json:"labels"`
	Basis  account.Basis  `json:"basis"`
	// Facts are what was observed, Model what made it energy.
	Facts []ExplainedFact `json:"facts"`
	Model *energy.Model   `json:"model,omitempty"`
	// Intensities are the values that the slot's intensity is made of, each
	// with the part of the slot for which it holds.
	Intensities []UsedIntensity `json:"intensities"`
	// Steps are the calculation, one formula after the other.
	Steps []ExplainStep `json:"steps"`
	// Share is what the account got of the whole.
	Share account.Figures `json:"share"`
}

// ExplainedFact is a [account.Fact] by itself, with times instead of offsets.
type ExplainedFact struct {
	Span     account.Span   `json:"span"`
	Origin   account.Origin `json:"origin"`
	Busy     unit.Duration  `json:"cpu_busy_s"`
	Idle     unit.Duration  `json:"cpu_idle_s"`
	Observed unit.Duration  `json:"observed_s"`
	Expected unit.Duration  `json:"expected_s"`
	Bridged  unit.Duration  `json:"bridged_s"`
	Measured *unit.Joules   `json:"measured_j,omitempty"`
	Metered  *unit.Duration `json:"metered_s,omitempty"`
}

// ExplainStep is one formula with its numbers and its result.
type ExplainStep struct {
	Name    string `json:"name"`
	Formula string `json:"formula"`
	Result  string `json:"result"`
}

// Explain derives a slot and returns, in order of account, how the figures of
// each account for whose labels where holds came to be. The figures are those of
// [Deriver.Derive].
func (d *Deriver) Explain(b *account.Batch, where account.Filter) ([]Explanation, error) {
	if err := d.collect(b); err != nil {
		return nil, err
	}
	totals := map[int32]account.Quantities{}
	for i, key := range d.out.keys {
		sum, err := totals[key.account].Add(d.out.sums[i])
		if err != nil {
			return nil, err
		}
		totals[key.account] = sum
	}
	found := map[int32]*Explanation{}
	for id, total := range totals {
		if a := d.accounts.list[id]; where.Holds(a.Labels) {
			found[id] = &Explanation{Slot: b.Slot, Account: a, Figures: total.Figures(), Policy: d.method.Policy}
		}
	}
	own := map[int32]account.Quantities{}
	d.lastHost, d.contentions = "", nil // every host is derived a second time
	for facts := range hosts(b) {
		h, err := d.deriveHost(b, facts)
		if err != nil {
			return nil, err
		}
		if err := d.explainHost(b, &h, found, own); err != nil {
			return nil, err
		}
	}
	return d.finishExplanations(found, totals, own)
}

// explainHost adds what one host gave to each account that is asked about.
func (d *Deriver) explainHost(b *account.Batch, h *derivedHost, found map[int32]*Explanation, own map[int32]account.Quantities) error {
	for i := range h.shares {
		share := &h.shares[i]
		x, ok := found[share.account]
		if !ok {
			continue
		}
		q := h.divided[i]
		if d.method.Policy.Idle == IdleProRata {
			var err error
			if q, _, err = splitIdle(q); err != nil {
				return err
			}
		}
		sum, err := own[share.account].Add(q)
		if err != nil {
			return err
		}
		own[share.account] = sum
		x.Hosts = append(x.Hosts, d.hostExplanation(b, h, share, q))
	}
	return nil
}

// finishExplanations sorts and adds what came from pools.
func (d *Deriver) finishExplanations(found map[int32]*Explanation, totals, own map[int32]account.Quantities) ([]Explanation, error) {
	out := make([]Explanation, 0, len(found))
	for id, x := range found {
		if d.method.Policy.Idle == IdleProRata {
			pooled, err := totals[id].Sub(own[id])
			if err != nil {
				return nil, err
			}
			figures := pooled.Figures()
			x.Pooled = &figures
		}
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Explanation) int { return a.Account.Compare(b.Account) })
	return out, nil
}

func (d *Deriver) hostExplanation(b *account.Batch, h *derivedHost, s *share, q account.Quantities) HostExplanation {
	x := HostExplanation{
		Subject: h.subject, Labels: h.party.labels, Basis: h.whole.basis,
		Intensities: d.chain.Used(h.party.region, d.slot), Share: q.Figures(),
	}
	for _, f := range h.own {
		x.Facts = append(x.Facts, explainFact(b, f))
	}
	if !h.subject.Kind.IsScored() {
		m := h.party.estimator.Model()
		x.Model = &m
	}
	x.Steps = append(h.whole.explain(x.Model), h.whole.explainCarbon(x.Intensities)...)
	x.Steps = append(x.Steps, d.explainContentions(h.subject.Host, s.account)...)
	x.Steps = append(x.Steps, h.explainShare(s, q))
	x.Steps = append(x.Steps, h.explainEmbodied(s, q)...)
	return x
}

func explainFact(b *account.Batch, f account.Fact) ExplainedFact {
	x := ExplainedFact{
		Span:   account.NewSpan(after(b.Slot.From, f.From), after(b.Slot.From, f.To)),
		Origin: b.Origins[f.Origin],
		Busy:   f.Busy, Idle: f.Idle, Observed: f.Observed, Expected: f.Expected, Bridged: f.Bridged,
	}
	if f.Metered > 0 {
		x.Measured, x.Metered = &f.Measured, &f.Metered
	}
	return x
}

// after returns the instant that is an offset after another.
func after(t time.Time, offset unit.Duration) time.Time {
	return t.Add(time.Duration(offset) * time.Microsecond)
}

// explain tells how the whole's energy came to be.
func (w *whole) explain(m *energy.Model) []ExplainStep {
	sum := w.busy + w.idle
	if m == nil && w.basis.Energy == account.EnergyMeasured {
		return []ExplainStep{{"energy", "measured by the meter while none of its services did anything", sum.String()}}
	}
	if m == nil {
		return []ExplainStep{{"energy", "scored by the source", sum.String()}}
	}
	pue := ""
	if m.PUE != unit.One {
		pue = fmt.Sprintf(" × PUE %s", m.PUE)
	}
	var steps []ExplainStep
	meter := fmt.Sprintf("meter: %s ÷ 3.6e6 J/kWh%s", w.use.Measured, pue)
	switch w.basis.Energy {
	case account.EnergyMeasured:
		steps = append(steps, ExplainStep{"energy", meter, sum.String()})
	case account.EnergyPartly:
		steps = append(steps, ExplainStep{"energy", fmt.Sprintf("%s, and %s%s for the %s of %s without meter",
			meter, modelFormula(m, w.use), pue, w.use.Observed-w.use.Metered, w.use.Observed), sum.String()})
	default:
		steps = append(steps, ExplainStep{"energy", modelFormula(m, w.use) + pue, sum.String()})
	}
	return append(steps, ExplainStep{
		"busy and idle", fmt.Sprintf("%s split by model %q", sum, m.Name), fmt.Sprintf("%s busy, %s idle", w.busy, w.idle),
	})
}

// modelFormula is a model with the numbers of a use.
func modelFormula(m *energy.Model, u energy.Use) string {
	if m.Per == energy.PerCPU && len(m.Curve) == 2 {
		return fmt.Sprintf("(%s × %s busy + %s × %s idle) ÷ 3.6e6 J/kWh", m.Curve[1].Power, u.Busy, m.Curve[0].Power, u.Idle)
	}
	var points []string
	for _, p := range m.Curve {
		points = append(points, fmt.Sprintf("%s at %s", p.Power, p.Use))
	}
	use := "0"
	if r, err := unit.RatioOf(u.Busy, u.Busy+u.Idle); err == nil {
		use = r.String()
	}
	time := fmt.Sprintf("%s of processors", u.Busy+u.Idle)
	if m.Per == energy.PerHost {
		time = fmt.Sprintf("%s of the host", u.Observed)
	}
	return fmt.Sprintf("power at use %s on the line through %s, × %s ÷ 3.6e6 J/kWh", use, strings.Join(points, ", "), time)
}

// explainCarbon tells how energy became carbon.
func (w *whole) explainCarbon(used []UsedIntensity) []ExplainStep {
	if !w.carbonKnown {
		return []ExplainStep{{"intensity", "no source of the chain knows the slot", "unknown"}}
	}
	parts := make([]string, len(used))
	for i, u := range used {
		parts[i] = fmt.Sprintf("%s (%s, %s)", u.Value, u.Kind, u.Source)
		if len(used) > 1 {
			parts[i] += " for " + u.Part.Length().String()
		}
	}
	formula := strings.Join(parts, ", ")
	if len(used) > 1 {
		formula = "mean over time of " + formula
	}
	return []ExplainStep{
		{"intensity", formula, w.intensity.String()},
		{"carbon", fmt.Sprintf("%s × %s", w.busy+w.idle, w.intensity), w.carbon.String()},
	}
}

// explainShare tells how the account came to its share.
func (h *derivedHost) explainShare(s *share, q account.Quantities) ExplainStep {
	formula := "all of it"
	if len(h.shares) > 1 {
		total := share{}
		for _, other := range h.shares {
			total.busy, total.idle, total.expected = total.busy+other.busy, total.idle+other.idle, total.expected+other.expected
		}
		formula = fmt.Sprintf("busy energy × %s of %s, idle energy × %s of %s", s.busy, total.busy, s.idle, total.idle)
		if s.estimated {
			formula += ", cut where nothing was measured (estimated)"
		}
	}
	carbon := "carbon unknown"
	if h.whole.carbonKnown {
		carbon = q.Operational.String()
	}
	return ExplainStep{"share", formula, fmt.Sprintf("%s, %s", q.Energy, carbon)}
}

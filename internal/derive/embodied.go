package derive

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/wide"
	"github.com/dendro-carbon/dendro/unit"
)

// EmbodiedRule gives the hosts that a filter holds for a share of what making and
// scrapping their machine emits (ISO/IEC 21031:2024, "Embodied emissions"):
// M = TE × TiR/EL × RR/ToR, where TiR is the host time that was observed.
type EmbodiedRule struct {
	Where account.Filter `json:"where,omitempty"`
	// Total is TE, the emissions of the whole machine over its life cycle
	// without its use, and Lifespan is EL, how long it is expected to be used.
	Total    unit.Mass     `json:"total_gco2e"`
	Lifespan unit.Duration `json:"lifespan_s"`
	// Reserved is RR, what a host has of the machine, such as processors, and
	// Resources is ToR, what the machine has in all.
	Reserved  uint64 `json:"reserved"`
	Resources uint64 `json:"resources"`
}

// validate returns what is wrong with a rule.
func (e *EmbodiedRule) validate() error {
	switch {
	case e.Total < 0:
		return fmt.Errorf("%w: embodied carbon of %s is negative", ErrMethod, e.Total)
	case e.Lifespan <= 0:
		return fmt.Errorf("%w: embodied carbon needs the lifespan of the machine", ErrMethod)
	case e.Reserved == 0 || e.Reserved > e.Resources:
		return fmt.Errorf("%w: embodied carbon: %d of %d resources are reserved", ErrMethod, e.Reserved, e.Resources)
	}
	if _, ok := wide.Product(uint64(e.Lifespan), e.Resources).Narrow(); !ok {
		return fmt.Errorf("%w: embodied carbon: lifespan and resources are too large", ErrMethod)
	}
	return nil
}

// of returns the embodied carbon of host time, rounded once, half to even.
func (e *EmbodiedRule) of(observed unit.Duration) (unit.Mass, error) {
	product, err := wide.Product(uint64(e.Total), uint64(observed)).Times(e.Reserved)
	if err != nil {
		return 0, fmt.Errorf("embodied carbon: %w", unit.ErrOverflow)
	}
	mass, err := product.Over(wide.Product(uint64(e.Lifespan), e.Resources))
	if err != nil {
		return 0, fmt.Errorf("embodied carbon: %w", unit.ErrOverflow)
	}
	return unit.Mass(mass), nil
}

// embodied returns the rule for a host, nil when there is none.
func (m *Method) embodied(labels account.Labels) *EmbodiedRule {
	for i := range m.Embodied {
		if m.Embodied[i].Where.Holds(labels) {
			return &m.Embodied[i]
		}
	}
	return nil
}

// explainEmbodied tells how the embodied carbon of a whole and of a share came to
// be; nothing where it is not modelled.
func (h *derivedHost) explainEmbodied(s *share, q account.Quantities) []ExplainStep {
	e := h.whole.embodiedBy
	if e == nil {
		return nil
	}
	steps := []ExplainStep{{
		"embodied carbon",
		fmt.Sprintf("TE %s × TiR %s ÷ EL %s × RR %d ÷ ToR %d", e.Total, h.whole.observed, e.Lifespan, e.Reserved, e.Resources),
		h.whole.embodied.String(),
	}}
	if len(h.shares) > 1 {
		steps = append(steps, ExplainStep{
			"share of embodied carbon", fmt.Sprintf("× host time %s of %s", s.observed, h.whole.observed), q.Embodied.String(),
		})
	}
	return steps
}

package derive_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// A quarter of a server of 1,200 kg that lasts for four years, for half an hour.
func ExampleDeriver_Explain_embodied() {
	slot := account.NewSpan(time.Unix(0, 0), time.Unix(1800, 0))
	d, err := derive.New(derive.Method{
		Models: []derive.ModelRule{{Model: energy.Default()}}, Policy: derive.Policy{Name: "ours"},
		Embodied: []derive.EmbodiedRule{{Total: 1_200_000_000_000, Lifespan: 126_230_400_000_000, Reserved: 16, Resources: 64}},
	}, derive.Known{})
	if err != nil {
		fmt.Println(err)
		return
	}
	explained, err := d.Explain(&account.Batch{
		Slot: slot, Origins: []account.Origin{{Source: "example"}}, Subjects: []account.Subject{{Host: "a"}},
		Facts: []account.Fact{{To: slot.Length(), Busy: slot.Length(), Observed: slot.Length(), Expected: slot.Length()}},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	f := explained[0].Figures
	fmt.Println(f.Embodied, f.EmbodiedCoverage, f.Operational)
	steps := explained[0].Hosts[0].Steps
	fmt.Println(steps[len(steps)-1].Formula)
	// Output:
	// 4.277892 gCO2e 1 <nil>
	// TE 1200000 gCO2e × TiR 1800 s ÷ EL 126230400 s × RR 16 ÷ ToR 64
}

// TestEmbodiedRules holds that rules that mean nothing are refused.
func TestEmbodiedRules(t *testing.T) {
	t.Parallel()
	good := derive.EmbodiedRule{Total: 5, Lifespan: 1e12, Reserved: 1, Resources: 4}
	for says, change := range map[string]func(*derive.EmbodiedRule){
		"negative":         func(e *derive.EmbodiedRule) { e.Total = -1 },
		"lifespan":         func(e *derive.EmbodiedRule) { e.Lifespan = 0 },
		"0 of 4 resources": func(e *derive.EmbodiedRule) { e.Reserved = 0 },
		"5 of 4 resources": func(e *derive.EmbodiedRule) { e.Reserved = 5 },
		"too large":        func(e *derive.EmbodiedRule) { e.Resources = 1 << 60 },
	} {
		m := facility(derive.Policy{Name: "ours"})
		m.Embodied = []derive.EmbodiedRule{good}
		if err := m.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&m.Embodied[0])
		if err := m.Validate(); !errors.Is(err, derive.ErrMethod) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// TestEmbodiedOverflow holds that an amount that does not fit is an error.
func TestEmbodiedOverflow(t *testing.T) {
	t.Parallel()
	m := facility(derive.Policy{Name: "ours"})
	m.Embodied = []derive.EmbodiedRule{{Total: 9e18, Lifespan: 1, Reserved: 1, Resources: 1}}
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	d, err := derive.New(m, derive.Known{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Derive(&account.Batch{
		Slot: slot, Origins: []account.Origin{{Source: "x"}}, Subjects: []account.Subject{{Host: "a"}},
		Facts: []account.Fact{{To: slot.Length(), Busy: 1, Observed: slot.Length(), Expected: slot.Length()}},
	})
	if !errors.Is(err, unit.ErrOverflow) {
		t.Errorf("%v", err)
	}
}

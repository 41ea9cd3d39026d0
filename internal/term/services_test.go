package term

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/window"
)

// scored returns a window with a cap, an unknown region and a hostile name.
func scored(t *testing.T) *window.Window {
	t.Helper()
	c := window.Defaults()
	c.Limits.Services = 2
	c.Places = map[string]window.Place{"pl": {Annual: 590.8, PUE: 1.5}}
	var spans []window.Span
	for i, service := range []string{"a", "\x1b[31mred", "c", "a"} {
		spans = append(spans, window.Span{Service: service, Kind: window.KindMessaging, Environment: "prod", Trace: window.TraceID{byte(i + 1)}})
	}
	spans[0].Region, spans[3].Region, spans[3].Start = "pl", "pl", 1_752_157_921e9
	w, err := window.Score(c, spans, window.Conditions{
		Drops:    []window.Drop{{Reason: "overload", Spans: 3}},
		Readings: []window.Reading{{Source: window.EnergyKepler, Services: []string{"a"}, From: 1, To: 1 << 62, KWh: 3e-7}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &w
}

func TestServices(t *testing.T) {
	t.Parallel()
	text := servicesText(scored(t), Screen{})
	for _, want := range []string{
		"(other)", "(unknown)", "kepler_ebpf 75 %", "prod", "≥ ", "3 spans left out: overload", "of 4 traces",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Errorf("a name reaches the terminal as it is:\n%q", text)
	}
	if n := strings.Count(text, "\na "); n != 1 {
		t.Errorf("service a has %d rows, want one for both slots:\n%s", n, text)
	}
}

func TestServicesFitTheScreen(t *testing.T) {
	t.Parallel()
	w := scored(t)
	for _, columns := range []int{20, 40, 60, 80, 100} {
		text := servicesText(w, Screen{Width: columns, Terminal: true})
		table, _, _ := strings.Cut(text, "no room for: ")
		for line := range strings.Lines(table) {
			if n := width(strings.TrimRight(line, "\n")); n > columns {
				t.Errorf("%d columns: %d wide: %s", columns, n, line)
			}
		}
		if !strings.Contains(text, "no room for: ") {
			t.Errorf("%d columns: nothing is left out:\n%s", columns, text)
		}
	}
}

func TestServicesOfAnEmptyWindow(t *testing.T) {
	t.Parallel()
	w, err := window.Score(window.Defaults(), nil, window.Conditions{})
	if err != nil {
		t.Fatal(err)
	}
	if text, want := servicesText(&w, Screen{}), "carbon 0 gCO2e, between 0 gCO2e and 0 gCO2e in all\n"; !strings.HasPrefix(text, want) {
		t.Errorf("got %s", fmt.Sprintf("%q", text))
	}
}

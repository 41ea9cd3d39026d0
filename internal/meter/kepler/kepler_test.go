package kepler_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/meter/kepler"
	"github.com/dendro-carbon/dendro/internal/meter/metertest"
)

// page is what Kepler 0.11 tells, with joules more than at first, two containers of one
// name, a row that comes twice, a value that is none, and one that is nobody's.
func page(joules float64) string {
	return fmt.Sprintf(`# HELP kepler_container_cpu_joules_total Energy consumption of cpu at container level in joules
# TYPE kepler_container_cpu_joules_total counter
kepler_container_cpu_joules_total{container_id="1",container_name="cart",node_name="n1",runtime="containerd",state="running",zone="package"} %[1]v
kepler_container_cpu_joules_total{container_id="1",container_name="cart",node_name="n1",runtime="containerd",state="running",zone="core"} 9e9
kepler_container_cpu_joules_total{container_id="1",container_name="cart",node_name="n1",runtime="containerd",state="running",zone="dram"} %[2]v
kepler_container_cpu_joules_total{container_id="2",container_name="cart",node_name="n1",runtime="containerd",state="running",zone="package"} 7
kepler_container_cpu_joules_total{container_id="2",container_name="cart",node_name="n1",runtime="containerd",state="running",zone="package"} 8
kepler_container_cpu_joules_total{container_id="3",container_name="Pay",node_name="n1",runtime="containerd",state="running",zone="package"} %[1]v
kepler_container_cpu_joules_total{container_id="4",container_name="pay",node_name="n1",runtime="containerd",state="running",zone="package"} 5
kepler_container_cpu_joules_total{container_id="5",container_name="Pay",node_name="n1",runtime="containerd",state="running",zone="package"} NaN
# TYPE kepler_node_cpu_joules_total counter
kepler_node_cpu_joules_total{zone="package"} 1e9
`, 1000+joules, 100+joules)
}

func open(t *testing.T, change func(*kepler.Config), readers ...exposition.Reader) *kepler.Source {
	t.Helper()
	c := kepler.Defaults()
	c.Targets = []kepler.Target{{"cart", []string{"cart-svc"}}, {"Pay", []string{"pay-svc", "refund-svc"}}}
	if change != nil {
		change(&c)
	}
	s, err := kepler.New(c, readers...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	p := metertest.Serve(t, page(0))
	joules := 0.0
	good, gone := exposition.Scraped{Client: p.Client}, exposition.Scraped{Client: metertest.Nowhere(t)}
	metertest.Run(t, metertest.Harness{
		Source: open(t, nil, good), Partly: open(t, nil, gone, good), Unavailable: open(t, nil, gone),
		Invalid: open(t, nil, exposition.Scraped{Client: metertest.Serve(t, "<html>sign in</html>").Client}),
		Step:    func() { joules += 250; p.Set(page(joules)) },
	})
}

func TestRows(t *testing.T) {
	s := open(t, nil, exposition.Scraped{Client: metertest.Serve(t, page(0)).Client})
	got, err := s.Read(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b meter.Sample) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Value, b.Value))
	})
	var sums []string
	for _, s := range got {
		sums = append(sums, fmt.Sprint(s.Target, ": ", s.Value))
	}
	if want := "0: 7 0: 100 0: 1000 1: 1000"; strings.Join(sums, " ") != want {
		t.Errorf("%v, want %s", sums, want)
	}
}

func TestProcesses(t *testing.T) {
	p := metertest.Serve(t, `kepler_process_cpu_joules_total{comm="postgres",pid="7"} 12
kepler_process_cpu_joules_total{comm="postgres",pid="8"} 13
`)
	s := open(t, func(c *kepler.Config) {
		c.Kind, c.Targets = kepler.Processes, []kepler.Target{{"postgres", []string{"db"}}}
	}, exposition.Scraped{Client: p.Client})
	if got, err := s.Read(t.Context(), time.Now()); err != nil || len(got) != 2 || got[0].Value+got[1].Value != 25 {
		t.Errorf("%v, %v", got, err)
	}
}

// A container that has ended is told of once more, as terminated: it is the same counter,
// so what it used last is not lost.
func TestTerminated(t *testing.T) {
	const row = `kepler_container_cpu_joules_total{container_id="1",container_name="cart",state="%s",zone="package"} %d` + "\n"
	p := metertest.Serve(t, fmt.Sprintf(row, "running", 1000))
	s := open(t, nil, exposition.Scraped{Client: p.Client})
	before, err := s.Read(t.Context(), time.Now())
	if err != nil || len(before) != 1 {
		t.Fatal(before, err)
	}
	p.Set(fmt.Sprintf(row, "terminated", 1003))
	after, err := s.Read(t.Context(), time.Now())
	if err != nil || len(after) != 1 || after[0].Series != before[0].Series || after[0].Value != 1003 {
		t.Errorf("%+v, then %+v, %v", before, after, err)
	}
}

func TestValidate(t *testing.T) {
	for says, change := range map[string]func(*kepler.Config){
		"use container, pod":          func(c *kepler.Config) { c.Kind = "node" },
		"give each name once":         func(c *kepler.Config) { c.Targets = append(c.Targets, c.Targets[0]) },
		`: "a-very-long-nam"`:         func(c *kepler.Config) { c.Kind, c.Targets[0].Value = kepler.Processes, "a-very-long-name" },
		"targets: 0: from 1":          func(c *kepler.Config) { c.Targets = nil },
		"services: required":          func(c *kepler.Config) { c.Targets[0].Services = nil },
		"whole seconds from 1s to 1h": func(c *kepler.Config) { c.Every = 0 },
	} {
		c := kepler.Defaults()
		c.Targets = []kepler.Target{{"cart", []string{"cart-svc"}}}
		change(&c)
		if _, err := kepler.New(c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

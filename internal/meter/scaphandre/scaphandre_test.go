package scaphandre_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/meter/exposition"
	"github.com/dendro-carbon/dendro/internal/meter/metertest"
	"github.com/dendro-carbon/dendro/internal/meter/scaphandre"
)

const page = `# HELP scaph_process_power_consumption_microwatts Power consumption due to the process, measured on at the topology level, in microwatts
# TYPE scaph_process_power_consumption_microwatts gauge
scaph_process_power_consumption_microwatts{exe="java",cmdline="java-jarcart.jar",pid="11"} 12000000
scaph_process_power_consumption_microwatts{exe="java",cmdline="java-jarcart.jar",pid="12"} 500000
scaph_process_power_consumption_microwatts{exe="java",cmdline="java-jarcartography.jar",pid="13"} 1000000
scaph_process_power_consumption_microwatts{exe="java",cmdline="java-jarcart.jar",pid="11"} 99000000
scaph_process_power_consumption_microwatts{exe="postgres",cmdline="postgres: writer \"a\\b\"",pid="14"} 0
scaph_process_power_consumption_microwatts{exe="java",cmdline="java-jarcart.jar",pid="15"} -1
scaph_process_power_consumption_microwatts{exe="bash",cmdline="",pid="16"} 7
# TYPE scaph_host_power_microwatts gauge
scaph_host_power_microwatts 90000000
`

func open(t *testing.T, readers ...exposition.Reader) *scaphandre.Source {
	t.Helper()
	c := scaphandre.Defaults()
	c.Targets = []scaphandre.Target{
		{Exe: "java", Cmdline: "cart.jar", Services: []string{"cart"}},
		{Exe: "java", Services: []string{"maps", "tiles"}},
		{Exe: "postgres", Services: []string{"db"}},
	}
	s, err := scaphandre.New(c, readers...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	good, gone := exposition.Scraped{Client: metertest.Serve(t, page).Client}, exposition.Scraped{Client: metertest.Nowhere(t)}
	metertest.Run(t, metertest.Harness{
		Source: open(t, good), Partly: open(t, gone, good), Unavailable: open(t, gone),
		Invalid: open(t, exposition.Scraped{Client: metertest.Serve(t, "{}").Client}),
	})
}

// A process belongs to the first target that it matches, all processes of a service are
// added up, and 0 W is measured.
func TestRows(t *testing.T) {
	got, err := open(t, exposition.Scraped{Client: metertest.Serve(t, page).Client}).Read(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	watts := map[int][]float64{}
	for _, s := range got {
		watts[s.Target] = append(watts[s.Target], s.Value)
	}
	if diff := cmp.Diff(map[int][]float64{0: {12, 0.5}, 1: {1}, 2: {0}}, watts); diff != "" {
		t.Error(diff)
	}
}

func TestValidate(t *testing.T) {
	c := scaphandre.Defaults()
	c.Targets = []scaphandre.Target{{Services: []string{"a"}}}
	if _, err := scaphandre.New(c); err == nil || !strings.Contains(fmt.Sprint(err), "exe, cmdline or both") {
		t.Error(err)
	}
}

package metric_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/metric"
)

// A page of documentation lists metrics in the order in which they were set; the
// last to speak of one is right.
func ExampleRegistry_All() {
	r := &metric.Registry{}
	r.Set(metric.Info{Name: "requests", Unit: "1", Time: metric.Sum, Component: metric.Sum})
	r.Set(metric.Info{Name: "*/latency", Unit: "s", Time: metric.Avg, Component: metric.Avg})
	r.Set(metric.Info{Name: "requests", Unit: "1", Time: metric.Sum, Component: metric.None})
	for info := range r.All() {
		fmt.Println(info.Name, info.Unit, info.Time, info.Component)
	}
	// Output:
	// requests 1 sum none
	// */latency s avg avg
}

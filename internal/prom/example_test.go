package prom_test

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/prom"
)

func ExampleParseMatcher() {
	m, err := prom.ParseMatcher(`cloud_project_name=~"IDA.*|CDA.*"`)
	fmt.Println(m.Label, m.Value, err)
	_, err = prom.ParseMatcher(`cloud_project_name=IDAaaS`)
	fmt.Println(err)
	// Output:
	// cloud_project_name IDA.*|CDA.* <nil>
	// matcher "cloud_project_name=IDAaaS": write it as in PromQL: label="value", or with !=, =~ or !~
}

// Values stand for themselves, whatever they hold.
func ExampleAnyOf() {
	sel := prom.Metric("node_cpu_seconds_total").And(prom.AnyOf("machine_name", []string{"Artemis (Matlab)", `x"} or vector(1) #`}))
	fmt.Println(sel)
	// Output: {__name__="node_cpu_seconds_total",machine_name=~"Artemis \\(Matlab\\)|x\"\\} or vector\\(1\\) #"}
}

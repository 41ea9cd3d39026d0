package facility_test

import (
	"fmt"
	"net/http"
	"testing"
)

// BenchmarkEndpoints asks a facility of 780 groups and 1,000 hosts, each a workspace.
func BenchmarkEndpoints(b *testing.B) {
	var list []host
	for i := range 1000 {
		list = append(list, host{[]string{
			"cloud_project_name", "IDAaaS", "machine_name", fmt.Sprintf("Machine %03d", i%780), "instance", fmt.Sprintf("h%04d:9100", i),
			"workspace", fmt.Sprintf("ws-%04d", i), "user", fmt.Sprintf("user%03d", i%310), "experiment", fmt.Sprintf("RB%d", i%40),
		}, float64(i), 1800})
	}
	f := newFixtureOf(b, list, nil)
	for name, path := range map[string]string{
		"groups":            "/groups",
		"group-usage":       "/groups/IDAaaS_Machine%20007/usage",
		"group-summary":     "/groups/IDAaaS_Machine%20007/summary",
		"experiment":        "/experiments/RB7/summary",
		"user-usage":        "/users/user007/usage",
		"user-summary":      "/users/user007/summary",
		"workspace":         "/workspaces/ws-0007",
		"workspace-summary": "/workspaces/summary",
		"history-day":       "/carbon/history?view=day&data_type=carbon&date=2026-01-28",
		"heatmap":           "/carbon/heatmap?year=2026",
		"current":           "/carbon/intensity/current",
		"equivalencies":     "/carbon/equivalencies/1000",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := f.ask(path, ""); w.Code != http.StatusOK {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}

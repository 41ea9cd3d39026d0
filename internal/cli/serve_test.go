package cli

import (
	"maps"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/config"
)

// The setting that a start names is one that changes what it tells of: intensity.region is
// not for services.
func TestWhereabouts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		flags map[string]string
		want  string // "" for nothing to say
	}{
		"machine":            {nil, "intensity.region"},
		"machine of a place": {map[string]string{"intensity.region": "GB"}, ""},
		"services":           {map[string]string{"source.kind": "none", "services.receive": "true"}, "services.default_region"},
		"services of a place": {map[string]string{
			"source.kind": "none", "services.receive": "true", "services.default_region": "eu-west-2",
		}, ""},
		"simulated": {map[string]string{"source.kind": "demo"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			flags := map[string]string{"data": "data"}
			maps.Copy(flags, tt.flags)
			l, err := config.Load(config.Input{Flags: flags})
			if err != nil {
				t.Fatal(err)
			}
			if got := whereabouts(l); tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("%q, want something of %q", got, tt.want)
			}
		})
	}
}

package cli

import (
	"maps"
	"strings"
	"testing"
	"time"

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
			"source.kind": "none", "services.receive": "true", "services.default_region": "eu-west-2"}, ""},
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

func TestWholeMinutes(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{30 * time.Minute: "30m", time.Minute: "1m", 10 * time.Second: "10s", time.Hour: "1h0m", 90 * time.Second: "1m30s"} {
		if got := wholeMinutes(d); got != want {
			t.Errorf("%v is told as %s, want %s", d, got, want)
		}
	}
}

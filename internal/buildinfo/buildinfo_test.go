package buildinfo

import (
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	tagged := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"},
			{Key: "vcs.modified", Value: "true"},
		},
	}
	tests := []struct {
		name, linked string
		build        *debug.BuildInfo
		want         string
	}{
		{name: "nothing", want: "devel, "},
		{name: "untagged", build: &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, want: "devel, "},
		{name: "tagged", build: tagged, want: "v1.2.3 (commit 0123456789ab with changes), "},
		{name: "linked", linked: "v2.0.0", build: tagged, want: "v2.0.0 (commit 0123456789ab with changes), "},
		{name: "archive", linked: "v2.0.0", want: "v2.0.0, "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := describe(test.linked, test.build).String(); !strings.HasPrefix(got, test.want) {
				t.Errorf("got %q, want it to begin with %q", got, test.want)
			}
		})
	}
}

func ExampleInfo_String() {
	info := Info{Version: "v1.2.3", Commit: "0123456789abcdef", Go: "go1.26.1", Platform: "linux/amd64"}
	fmt.Println(info)
	// Output: v1.2.3 (commit 0123456789ab), go1.26.1 linux/amd64
}

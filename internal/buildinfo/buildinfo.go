// Package buildinfo says which Dendro this is: the version, the commit, whether
// the tree had changes, the Go release. It tells nothing of the machine or the
// hour of the build, so that equal sources give equal programs.
package buildinfo

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the linker (-X) in builds from an archive without version
// control; otherwise the Go toolchain records the tag or the pseudo-version.
//
//archtest:table the linker sets it before the program starts; no code writes to it
var version string

// Info describes one build.
type Info struct {
	Version  string // "v1.2.3", a pseudo-version, or "devel"
	Commit   string // the full hash; empty when built without version control
	Modified bool   // the tree differed from Commit
	Go       string // "go1.26.1"
	Platform string // "linux/amd64"
}

// Read returns the description of the running program.
func Read() Info {
	build, _ := debug.ReadBuildInfo() // nil where the toolchain recorded nothing
	return describe(version, build)
}

func describe(linked string, build *debug.BuildInfo) Info {
	info := Info{Version: linked, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if build != nil {
		if info.Version == "" {
			info.Version = strings.Trim(build.Main.Version, "()")
		}
		for _, setting := range build.Settings {
			switch setting.Key {
			case "vcs.revision":
				info.Commit = setting.Value
			case "vcs.modified":
				info.Modified = setting.Value == "true"
			}
		}
	}
	if info.Version == "" {
		info.Version = "devel"
	}
	return info
}

// String returns one line: version, commit, Go release and platform.
func (i Info) String() string {
	if i.Commit == "" {
		return fmt.Sprintf("%s, %s %s", i.Version, i.Go, i.Platform)
	}
	changed := ""
	if i.Modified {
		changed = " with changes"
	}
	return fmt.Sprintf("%s (commit %.12s%s), %s %s", i.Version, i.Commit, changed, i.Go, i.Platform)
}

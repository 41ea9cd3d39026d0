package host

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxDepth and maxGroups bound the walk: a tree that is larger was not made by
	// systemd or a container runtime.
	maxDepth  = 16
	maxGroups = 50_000
)

// unitKey is a unit as facts name it. Several control groups may be one unit.
type unitKey struct{ unit, container string }

// cgroups walks the control groups of version 2.
type cgroups struct {
	// root is the folder of the hierarchy, "" where there is none.
	root string
	// used is the processor time of each unit's group at the last walk, in
	// microseconds, and units the unit of each group, by path.
	used  map[string]int64
	units map[string]unitKey
	count int
}

// newCgroups finds the hierarchy: alone, or beside those of version 1.
func newCgroups(root string) *cgroups {
	c := &cgroups{}
	for _, mount := range []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"} {
		dir := filepath.Join(root, filepath.FromSlash(mount))
		if _, err := os.Stat(filepath.Join(dir, "cgroup.controllers")); err == nil {
			c.root = dir
			break
		}
	}
	return c
}

// walk calls use for each group that is a unit, with what it has used since the last
// walk, or since it was made. A group counts all below it, also what is no more,
// so nothing below a unit is looked at.
func (c *cgroups) walk(use func(unitKey, int64)) {
	if c.root == "" {
		return
	}
	before := c.used
	c.used, c.units, c.count = map[string]int64{}, map[string]unitKey{}, 0
	c.visit("/", 0)
	for _, at := range slices.Sorted(maps.Keys(c.used)) {
		now := c.used[at]
		more := now
		if old, ok := before[at]; ok && old <= now {
			more = now - old // and else it is another group of that name
		}
		use(c.units[at], more)
	}
}

// visit looks at a group, by its path, and at those below it.
func (c *cgroups) visit(at string, depth int) {
	if c.count++; c.count > maxGroups || depth > maxDepth {
		return
	}
	key, isUnit := nameUnit(path.Base(at))
	if !isUnit {
		below := 0
		entries, err := os.ReadDir(c.folder(at))
		if err != nil {
			return
		}
		for _, e := range entries {
			if e.IsDir() {
				below++
				c.visit(path.Join(at, e.Name()), depth+1)
			}
		}
		if below > 0 || at == "/" {
			return
		}
		key = unitKey{unit: strings.ToValidUTF8(strings.TrimPrefix(at, "/"), "?")}
	}
	text, err := os.ReadFile(filepath.Join(c.folder(at), "cpu.stat"))
	if err != nil {
		return // it is no more
	}
	if used, ok := parseUsage(string(text)); ok {
		c.used[at], c.units[at] = used, key
	}
}

func (c *cgroups) folder(at string) string { return filepath.Join(c.root, filepath.FromSlash(at)) }

// unitOf returns the unit of a process by the path of its group, an empty one where
// it is in none.
func (c *cgroups) unitOf(at string) unitKey {
	for at = path.Clean(at); at != "/" && at != "."; at = path.Dir(at) {
		if key, ok := c.units[at]; ok {
			return key
		}
	}
	return unitKey{}
}

var (
	// containerName is the identity that Docker, Podman, containerd and CRI-O put into
	// the names of groups, alone or between a prefix and .scope.
	containerName = regexp.MustCompile(`^(.*?)([0-9a-f]{64})(\.scope)?$`)
	// transient is a unit that systemd-run has named.
	transient = regexp.MustCompile(`^run-[a-z]?[0-9a-f]+(?:-[a-z]?[0-9a-f]+)?\.(service|scope)$`)
	// userSlice is all that a user runs in sessions and as services of his own.
	userSlice = regexp.MustCompile(`^user-[0-9]+\.slice$`)
	unitName  = regexp.MustCompile(`\.(?:service|scope|socket|mount|swap)$`)
)

// nameUnit returns the unit that a group's name stands for, and false for groups
// that hold units. Sessions and transient units are told apart by numbers that never
// come again, so they are put together: they would be new accounts each time.
func nameUnit(name string) (unitKey, bool) {
	name = strings.ToValidUTF8(name, "?")
	switch {
	case userSlice.MatchString(name):
		return unitKey{unit: name}, true
	case transient.MatchString(name):
		return unitKey{unit: "run" + path.Ext(name)}, true
	}
	if m := containerName.FindStringSubmatch(name); m != nil {
		const shown = 12 // as docker ps shows it
		return unitKey{unit: m[1] + m[2][:shown] + m[3], container: m[2][:shown]}, true
	}
	if container, ok := strings.CutPrefix(name, "lxc.payload."); ok {
		return unitKey{unit: name, container: container}, true
	}
	return unitKey{unit: name}, unitName.MatchString(name)
}

// parseUsage reads usage_usec of cpu.stat.
func parseUsage(text string) (int64, bool) {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, "usage_usec "); ok {
			micro, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return micro, err == nil && micro >= 0
		}
	}
	return 0, false
}

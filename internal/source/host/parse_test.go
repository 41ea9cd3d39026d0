package host

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNameUnit(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for name, want := range map[string]unitKey{
		"ssh.service":                        {"ssh.service", ""},
		"getty@tty1.service":                 {"getty@tty1.service", ""},
		"user-1000.slice":                    {"user-1000.slice", ""},
		"init.scope":                         {"init.scope", ""},
		"dev-disk-by\\x2duuid-1.swap":        {"dev-disk-by\\x2duuid-1.swap", ""},
		"docker-" + id + ".scope":            {"docker-0123456789ab.scope", "0123456789ab"},
		"cri-containerd-" + id + ".scope":    {"cri-containerd-0123456789ab.scope", "0123456789ab"},
		"libpod-conmon-" + id + ".scope":     {"libpod-conmon-0123456789ab.scope", "0123456789ab"},
		id:                                   {"0123456789ab", "0123456789ab"},
		"lxc.payload.web":                    {"lxc.payload.web", "web"},
		"machine-qemu\\x2d1\\x2dvm.scope":    {"machine-qemu\\x2d1\\x2dvm.scope", ""},
		"run-u12.service":                    {"run.service", ""},
		"run-p1234-i5678.service":            {"run.service", ""},
		"run-r0123456789abcdef0123456.scope": {"run.scope", ""},
		"run-docker-netns.mount":             {"run-docker-netns.mount", ""},
		"a\xff.service":                      {"a?.service", ""},
	} {
		if got, ok := nameUnit(name); got != want || !ok {
			t.Errorf("%s: %+v, %v; want %+v", name, got, ok, want)
		}
	}
	for _, name := range []string{"/", "system.slice", "user.slice", "kubepods.slice", "kubepods-burstable-pod1.slice", "user-bob.slice", id[1:]} {
		if got, ok := nameUnit(name); ok {
			t.Errorf("%s: %+v, want none", name, got)
		}
	}
}

func TestUnitOf(t *testing.T) {
	t.Parallel()
	c := &cgroups{units: map[string]unitKey{"/a/b.service": {unit: "b.service"}, "/x": {unit: "x"}}}
	for at, want := range map[string]string{
		"/a/b.service": "b.service", "/a/b.service/c/d": "b.service", "/a": "", "/": "", "": "", "/x/../a/b.service": "b.service",
		"/../../outside": "", "x": "", "/a/b.service2": "",
	} {
		if got := c.unitOf(at); got.unit != want {
			t.Errorf("%q: %q, want %q", at, got.unit, want)
		}
	}
}

func TestPasswd(t *testing.T) {
	t.Parallel()
	got := parsePasswd("root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n+nis:::\n#c:x:5:\nbroken\nno:number:x:\n::7:\nlast:x:9:9")
	if len(got) != 2 || got[0] != "root" || got[9] != "last" {
		t.Errorf("%v", got)
	}
}

func TestZone(t *testing.T) {
	t.Parallel()
	const second = 1_000_000
	for name, tt := range map[string]struct {
		span   int64
		values [][2]int64 // time in seconds, and joules
		want   int64      // joules
	}{
		"rising":                    {262_143, [][2]int64{{0, 100}, {5, 600}, {10, 1100}}, 1000},
		"wrapped":                   {262_143, [][2]int64{{0, 262_000}, {5, 357}}, 500},
		"set back":                  {262_143, [][2]int64{{0, 150_000}, {5, 400}}, 400},
		"back by a little":          {262_143, [][2]int64{{0, 150_000}, {5, 149_999}, {10, 150_099}}, 100},
		"set back, range not known": {0, [][2]int64{{0, 262_000}, {5, 357}}, 357},
		"beyond its range":          {1000, [][2]int64{{0, 262_000}, {5, 357}}, 357},
		"no time between":           {262_143, [][2]int64{{5, 262_000}, {5, 357}}, 0},
		"clock set back":            {262_143, [][2]int64{{5, 262_000}, {0, 357}}, 0},
	} {
		z := &zone{span: tt.span * second}
		for _, v := range tt.values {
			z.add(v[0]*second, v[1]*second)
		}
		if z.sum != tt.want*second {
			t.Errorf("%s: %d J, want %d", name, z.sum/second, tt.want)
		}
	}
}

func FuzzUsage(f *testing.F) {
	f.Add("usage_usec 12345\nuser_usec 1\nsystem_usec 2\nnr_periods 0\n")
	f.Add("usage_usec -1\n")
	f.Add("xusage_usec 1\nusage_usec 9223372036854775807")
	f.Fuzz(func(t *testing.T, text string) {
		if v, ok := parseUsage(text); ok && (v < 0 || !strings.Contains(text, "usage_usec")) {
			t.Errorf("%q: %d", text, v)
		}
	})
}

func FuzzPasswd(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1000::/:\n")
	f.Add("::0:\n:\n\nbob:x:4294967296:0")
	f.Fuzz(func(t *testing.T, text string) {
		for uid, name := range parsePasswd(text) {
			if name == "" || strings.ContainsAny(name, ":\n") || !utf8.ValidString(name) || uid > 1<<32-1 {
				t.Errorf("%d: %q", uid, name)
			}
		}
	})
}

func FuzzNameUnit(f *testing.F) {
	f.Add("docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope")
	f.Add("run-r0.service")
	f.Add("user-0.slice")
	f.Fuzz(func(t *testing.T, name string) {
		key, ok := nameUnit(name)
		if !utf8.ValidString(key.unit) || !utf8.ValidString(key.container) || (ok && key.unit == "" && name != "") {
			t.Errorf("%q: %+v", name, key)
		}
		if again, _ := nameUnit(key.unit); len(again.unit) > len(key.unit) {
			t.Errorf("%q: %+v, then %+v", name, key, again)
		}
	})
}

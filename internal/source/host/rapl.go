package host

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxZonePower is more than any processor package draws, in watts. A counter that
// seems to have wrapped and would mean more was set back.
const maxZonePower = 2000

// rapl reads the energy counters of processors and memory that the kernel shows
// under /sys/class/powercap. Packages and memory are added up; cores and graphics
// are in the package, and psys, where there is one, counts them all again.
//
// These counters are all that a processor says: the rest of the machine, from fans to
// disks, is not in them.
type rapl struct {
	zones []*zone
	// unreadable is why zones are not read, nil when they are or there are none.
	unreadable error
}

// zone is one counter.
type zone struct {
	name, path string
	span       int64 // at which it wraps, in microjoules; 0 if not known

	any  bool
	at   int64 // of the last reading, in microseconds
	last int64
	sum  int64 // since the first reading
}

// newRAPL finds the zones.
func newRAPL(root string) *rapl {
	r := &rapl{}
	dir := filepath.Join(root, "sys", "class", "powercap")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return r
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		name, err := os.ReadFile(filepath.Join(path, "name"))
		// intel-rapl-mmio shows the same packages once more.
		if err != nil || !strings.HasPrefix(e.Name(), "intel-rapl:") || !counted(strings.TrimSpace(string(name))) {
			continue
		}
		z := &zone{name: strings.TrimSpace(string(name)), path: filepath.Join(path, "energy_uj")}
		z.span, _ = readMicro(filepath.Join(path, "max_energy_range_uj"))
		if _, err := readMicro(z.path); err != nil {
			r.unreadable = err
			continue
		}
		r.zones = append(r.zones, z)
	}
	if r.unreadable != nil { // a part of the counters would be less than the machine
		r.zones = nil
	}
	slices.SortFunc(r.zones, func(a, b *zone) int { return strings.Compare(a.path, b.path) })
	return r
}

// counted reports whether a zone is one that is added up.
func counted(name string) bool { return strings.HasPrefix(name, "package") || name == "dram" }

// describe says what is read, for the log.
func (r *rapl) describe() string {
	switch {
	case r.unreadable != nil:
		return fmt.Sprintf("none: %v", r.unreadable)
	case len(r.zones) == 0:
		return "none"
	}
	return fmt.Sprintf("%d zones of powercap", len(r.zones))
}

// read returns the zones that can be read now.
func (r *rapl) read(at int64) []meterCount {
	var out []meterCount
	for i, z := range r.zones {
		value, err := readMicro(z.path)
		if err != nil {
			continue
		}
		z.add(at, value)
		out = append(out, meterCount{i, z.sum})
	}
	return out
}

// add takes a reading. A counter that fell has wrapped, or it was set back: then it
// counts what it says now. Of the two it is the one that a processor can do.
func (z *zone) add(at, value int64) {
	more := value - z.last
	if more < 0 {
		possible := max(0, at-z.at) * maxZonePower // µs of W are µJ
		switch wrapped := more + z.span; {
		case z.span > 0 && z.last <= z.span && wrapped <= possible:
			more = wrapped
		case value <= possible:
			more = value
		default:
			more = 0
		}
	}
	if z.any {
		z.sum += more
	}
	z.any, z.at, z.last = true, at, value
}

// readMicro reads a file that holds one number.
func readMicro(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	value, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err == nil && value < 0 {
		err = fmt.Errorf("%s: %d is negative", path, value)
	}
	return value, err
}

// Command instances writes the tables of instance types that
// internal/meter/specpower embeds, from packages of Cloud Carbon Footprint as npm serves them:
//
//	npm pack @cloud-carbon-footprint/core@1.0.0 @cloud-carbon-footprint/aws@0.15.0 @cloud-carbon-footprint/azure@1.8.0
//	go run -C tools ./instances "$PWD"/cloud-carbon-footprint-{core,aws,azure}-*.tgz ../internal/meter/specpower/data
//
// It asks no server itself, so what it writes depends on the files alone.
package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "instances:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return errors.New("give the packages core, aws and azure in this order, and the folder to write to")
	}
	var packs [3]pack
	for i, name := range args[:3] {
		var err error
		if packs[i], err = unpack(name); err != nil {
			return err
		}
	}
	t := tables{names: map[string]string{}, lists: map[string][]string{}, watts: map[string][2]float64{}, means: map[string][2]float64{}}
	t.core(packs[0])
	t.aws(packs[1])
	t.azure(packs[2])
	if t.err != nil {
		return t.err
	}
	return t.write(args[3], packs)
}

// pack is what an npm package has.
type pack struct {
	name, version string
	files         map[string]string // scripts by their paths below dist
}

// unpack reads a .tgz.
func unpack(name string) (p pack, err error) {
	f, err := os.Open(name)
	if err != nil {
		return p, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return p, err
	}
	p.files = map[string]string{}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p, err
		}
		if !strings.HasSuffix(h.Name, ".js") && h.Name != "package/package.json" {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(t, 1<<20))
		if err != nil {
			return p, err
		}
		p.files[strings.TrimPrefix(h.Name, "package/dist/")] = string(text)
	}
	var about struct{ Name, Version, License string }
	if err := json.Unmarshal([]byte(p.files["package/package.json"]), &about); err != nil {
		return p, err
	}
	if about.License != "Apache-2.0" {
		return p, fmt.Errorf("%s: licence %q: these tables are for Apache-2.0", about.Name, about.License)
	}
	p.name, p.version = about.Name, about.Version
	return p, nil
}

// tables are what the packages say together.
type tables struct {
	names map[string]string   // of architectures, by their constants
	lists map[string][]string // architectures by the constants of lists
	watts map[string][2]float64
	means map[string][2]float64 // by provider
	rows  []row
	err   error
}

// row is an instance type.
type row struct {
	provider, name string
	vcpus          int
	share          string // of its processors that it is promised; empty is all
	more           string
	architectures  []string
}

func (t *tables) fail(format string, args ...any) {
	t.err = errors.Join(t.err, fmt.Errorf(format, args...))
}

// block returns the text between the begin of an object and its end.
func (t *tables) block(text, begin, end string) string {
	_, rest, ok := strings.Cut(text, begin+" {\n")
	inside, _, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.fail("%q was not found", begin)
	}
	return inside
}

// core reads the names of architectures and of lists of them.
func (t *tables) core(p pack) {
	text := p.files["compute/ComputeProcessorTypes.js"]
	for _, m := range regexp.MustCompile(`COMPUTE_PROCESSOR_TYPES\["(\w+)"\] = "([^"]+)"`).FindAllStringSubmatch(text, -1) {
		t.names[m[1]] = m[2]
	}
	for _, m := range regexp.MustCompile(`exports\.(\w+) = \[\s([^\]]+)\]`).FindAllStringSubmatch(text, -1) {
		t.lists[m[1]] = t.constants(m[2])
	}
	if len(t.names) == 0 {
		t.fail("%s has no names of processors", p.name)
	}
}

// constants returns the architectures that a text names by their constants.
func (t *tables) constants(text string) (out []string) {
	for _, m := range regexp.MustCompile(`COMPUTE_PROCESSOR_TYPES\.(\w+)`).FindAllStringSubmatch(text, -1) {
		if name := t.names[m[1]]; name != "Unknown" {
			out = append(out, name)
		}
	}
	return out
}

// power reads the watts of architectures and the mean of a provider.
func (t *tables) power(provider, text string) {
	var mean [2]float64
	for i, which := range []string{"MIN", "MAX"} {
		m := regexp.MustCompile(which + `_WATTS_AVG: ([\d.]+)`).FindStringSubmatch(text)
		if m == nil {
			t.fail("%s has no mean", provider)
			continue
		}
		mean[i], _ = strconv.ParseFloat(m[1], 64)
		values := t.block(text, which+"_WATTS_BY_COMPUTE_PROCESSOR:", "\n    },")
		for _, m := range regexp.MustCompile(`TYPES\.(\w+)\]: ([\d.]+)`).FindAllStringSubmatch(values, -1) {
			name := t.names[m[1]]
			if value, _ := strconv.ParseFloat(m[2], 64); isProcessor(name) {
				w := t.watts[name]
				if w[i] != 0 && w[i] != value {
					t.fail("%s: %v W and %v W", name, w[i], value)
				}
				w[i] = value
				t.watts[name] = w
			}
		}
	}
	t.means[provider] = mean
}

// isProcessor tells processors from accelerators, whose watts are of another whole.
func isProcessor(name string) bool {
	return !strings.HasPrefix(name, "Nvidia") && !strings.HasPrefix(name, "AMD Radeon") && !strings.HasPrefix(name, "Xilinx")
}

// processors returns the architectures by instance type.
func (t *tables) processors(text string) map[string][]string {
	out := map[string][]string{}
	text = t.block(text, "exports.INSTANCE_TYPE_COMPUTE_PROCESSOR_MAPPING =", "\n};")
	for _, m := range regexp.MustCompile(`(?m)^    '?([^':\n]+)'?: (?:core_1\.(\w+),|\[([^\]]*)\])`).FindAllStringSubmatch(text, -1) {
		out[m[1]] = append(t.constants(m[3]), t.lists[m[2]]...)
	}
	return out
}

// sizes calls f with each object of numbers that a text has two levels deep.
func sizes(text string, f func(outer, inner string, vcpus int)) {
	outer := ""
	for line := range strings.Lines(text) {
		if m := regexp.MustCompile(`^    '?([^':]+)'?: \{$`).FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			outer = m[1]
		} else if m := regexp.MustCompile(`^        '?([^':]+)'?: \[(\d+)`).FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[2])
			f(outer, m[1], n)
		}
	}
}

// keys returns the keys of an object of numbers.
func (t *tables) keys(text, begin string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^    '?([^':\n]+)'?: ([\d.]+),`).FindAllStringSubmatch(t.block(text, begin, "\n};"), -1) {
		out[m[1]] = m[2]
	}
	return out
}

func (t *tables) aws(p pack) {
	t.power("aws", p.files["domain/AwsFootprintEstimationConstants.js"])
	text := p.files["lib/AWSInstanceTypes.js"]
	processors := t.processors(text)
	shares := t.keys(text, "exports.BURSTABLE_INSTANCE_BASELINE_UTILIZATION =")
	accelerated := t.keys(text, "exports.GPU_INSTANCES_TYPES =")
	for _, object := range []string{"exports.EC2_INSTANCE_TYPES =", "exports.INSTANCE_FAMILY_TO_INSTANCE_TYPE_MAPPING ="} {
		sizes(t.block(text, object, "\n};"), func(family, size string, vcpus int) {
			name := family + "." + size
			r := row{provider: "aws", name: name, vcpus: vcpus, architectures: processors[name]}
			if percent, ok := shares[name]; ok {
				share, _ := strconv.ParseFloat(percent, 64)
				r.share = strconv.FormatFloat(share/100, 'f', -1, 64)
			}
			if accelerated[name] != "" {
				r.more = "accelerators"
			}
			t.rows = append(t.rows, r)
		})
	}
}

func (t *tables) azure(p pack) {
	t.power("azure", p.files["domain/AzureFootprintEstimationConstants.js"])
	text := p.files["lib/VirtualMachineTypes.js"]
	processors := t.processors(text)
	accelerated := t.keys(text, "exports.GPU_VIRTUAL_MACHINE_TYPES =")
	sizes(t.block(text, "exports.VIRTUAL_MACHINE_TYPE_SERIES_MAPPING =", "\n};"), func(series, name string, vcpus int) {
		r := row{provider: "azure", name: strings.ToLower(strings.ReplaceAll(name, " ", "_")), vcpus: vcpus, architectures: processors[name]}
		if strings.HasPrefix(series, "SAP") || strings.HasPrefix(r.name, "b") {
			return // no sizes that can be rented by themselves; the B series is in families.csv
		}
		if accelerated[name] != "" {
			r.more = "accelerators"
		}
		t.rows = append(t.rows, r)
	})
}

// write writes both tables, without the rows that stand twice.
func (t *tables) write(folder string, packs [3]pack) error {
	head := fmt.Sprintf("# Data: Cloud Carbon Footprint, Copyright 2021 Thoughtworks Inc, npm packages %s@%s, %s@%s, %s@%s.\n"+
		"# Licence: Apache-2.0. Written by tools/instances; see ATTRIBUTION.md.\n",
		packs[0].name, packs[0].version, packs[1].name, packs[1].version, packs[2].name, packs[2].version)
	var w, i strings.Builder
	fmt.Fprintf(&w, "# Power of a vCPU without load and at full load, in watts; the mean of a provider is that of unknown processors.\n%s", head)
	for _, name := range slices.Sorted(maps.Keys(t.means)) {
		fmt.Fprintf(&w, "mean of %s,%v,%v\n", name, t.means[name][0], t.means[name][1])
	}
	for _, name := range slices.Sorted(maps.Keys(t.watts)) {
		fmt.Fprintf(&w, "%s,%v,%v\n", name, t.watts[name][0], t.watts[name][1])
	}
	fmt.Fprintf(&i, "# Instance types: provider, type, vCPUs, the promised share of each if it is shared, what else it has, processors.\n%s", head)
	slices.SortStableFunc(t.rows, func(a, b row) int { return strings.Compare(a.provider+" "+a.name, b.provider+" "+b.name) })
	for n, r := range t.rows {
		if n > 0 && t.rows[n-1].name == r.name {
			continue
		}
		fmt.Fprintf(&i, "%s,%s,%d,%s,%s,%s\n", r.provider, r.name, r.vcpus, r.share, r.more, strings.Join(r.architectures, "|"))
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "processors.csv"), []byte(w.String()), 0o644),
		os.WriteFile(filepath.Join(folder, "instances.csv"), []byte(i.String()), 0o644))
}

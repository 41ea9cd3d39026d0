package specpower

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dendro-carbon/dendro/internal/embedded"
)

//go:embed data/*.csv
var data embed.FS

// Provider is who rents out instances.
type Provider string

// The providers whose types are embedded.
const (
	AWS   Provider = "aws"
	GCP   Provider = "gcp"
	Azure Provider = "azure"
)

// Type is what is known of a type of instances.
type Type struct {
	Provider Provider
	Name     string
	// Idle and Max are the power of one without and with full load, in watts: that of
	// its vCPUs, and with them of the rest of a server without much memory or disks.
	Idle, Max float64
	// VCPUs is how many it has, or 0 if that is not known.
	VCPUs float64
	// Share is the part of its processors that it is promised, 1 unless it shares them.
	Share float64
	// Burst is how many times the load may be 100 %: more than once where the provider
	// tells the load as that of the promised share.
	Burst float64
	// Processors are the microarchitectures that it may have; Mean says that the power
	// of none of them is known, so that the mean of the provider stands for it.
	Processors []string
	Mean       bool
	// Accelerators says that it has some, whose power is not in Idle and Max.
	Accelerators bool
}

// watts is the power of a vCPU.
type watts struct{ idle, max float64 }

// kind is a record of a type or a family.
type kind struct {
	vcpus, share float64
	more         string
	processors   []string
}

// Types are the embedded tables. They do not change.
type Types struct {
	watts map[string]watts // by microarchitecture, or "mean of PROVIDER"
	kinds map[string]kind  // by provider and type or family
}

// Load reads the embedded tables. It fails only if they were edited wrongly.
func Load() (*Types, error) {
	t := &Types{watts: map[string]watts{}, kinds: map[string]kind{}}
	return t, errors.Join(embedded.Records(data, "data/processors.csv", 3, t.processor),
		embedded.Records(data, "data/instances.csv", 6, t.kind), embedded.Records(data, "data/families.csv", 6, t.kind))
}

func (t *Types) processor(fields []string) error {
	idle, err := strconv.ParseFloat(fields[1], 64)
	if err != nil {
		return err
	}
	most, err := strconv.ParseFloat(fields[2], 64)
	if err != nil || !(0 < idle && idle < most && most < 100) {
		return fmt.Errorf("%q: %v and %v W", fields[0], idle, fields[2])
	}
	t.watts[fields[0]] = watts{idle, most}
	return nil
}

func (t *Types) kind(fields []string) (err error) {
	k := kind{share: 1, more: fields[4]}
	if fields[2] != "" {
		k.vcpus, err = strconv.ParseFloat(fields[2], 64)
	}
	if fields[3] != "" && err == nil {
		k.share, err = strconv.ParseFloat(fields[3], 64)
	}
	if fields[5] != "" {
		k.processors = strings.Split(fields[5], "|")
	}
	key := fields[0] + " " + fields[1]
	if _, again := t.kinds[key]; again || err != nil || !(k.share > 0 && k.share <= 1) {
		return fmt.Errorf("%q: %w", key, cmpErr(err))
	}
	t.kinds[key] = k
	return nil
}

// cmpErr returns an error, or one that says that a record is there again or no share.
func cmpErr(err error) error {
	if err != nil {
		return err
	}
	return errors.New("it stands twice, or its share is none")
}

// Find returns a type by its provider and its name, as the provider writes it; case does
// not matter. Types that are in no table are found if their names tell their vCPUs, or
// these are given; 0 is what the tables or the name say.
func (t *Types) Find(p Provider, name string, vcpus float64) (Type, error) {
	key := strings.ToLower(strings.TrimSpace(name))
	if p == Azure {
		key = strings.TrimPrefix(strings.TrimPrefix(strings.ReplaceAll(key, " ", "_"), "standard_"), "basic_")
	}
	family, size := split(p, key)
	k, known := t.kinds[string(p)+" "+key]
	if !known {
		k = t.kinds[string(p)+" "+family]
		k.vcpus = size
	}
	if vcpus > 0 {
		k.vcpus = vcpus
	}
	if k.vcpus == 0 {
		return Type{}, fmt.Errorf("%s %q is in no table, and its name does not tell its vCPUs", p, name)
	}
	return t.typeOf(p, name, k), nil
}

// typeOf multiplies the power of a vCPU.
func (t *Types) typeOf(p Provider, name string, k kind) Type {
	share := cmp.Or(k.share, 1)
	out := Type{Provider: p, Name: name, VCPUs: k.vcpus, Share: share, Burst: 1, Processors: k.processors, Accelerators: k.more == "accelerators"}
	var each watts
	each, out.Mean = t.each(p, k.processors)
	// What a host draws without load is shared by all that rent a part of it, so one has
	// that of its promised part. At full load it has what it uses.
	out.Idle, out.Max = float64(k.vcpus*share)*each.idle, k.vcpus*each.max
	if p == GCP && share < 1 {
		// Google tells the load of what is promised, which may be more than all of it.
		out.Burst = 1 / share
	}
	return out
}

// each returns the power of a vCPU: the mean over processors, or the median where two
// old ones are among them that differ much from the others; that of the provider if
// none is known.
func (t *Types) each(p Provider, processors []string) (w watts, mean bool) {
	var idle, most []float64
	old := false
	for _, name := range processors {
		if each, ok := t.watts[name]; ok {
			idle, most = append(idle, each.idle), append(most, each.max)
			old = old || name == "Sandy Bridge" || name == "Ivy Bridge"
		}
	}
	switch {
	case len(idle) == 0:
		w, ok := t.watts["mean of "+string(p)]
		if !ok {
			w = t.watts["mean of "+string(AWS)]
		}
		return w, true
	case old:
		return watts{median(idle), median(most)}, false
	}
	return watts{average(idle), average(most)}, false
}

func average(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func median(values []float64) float64 {
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 1 {
		return values[half]
	}
	return (values[half-1] + values[half]) / 2
}

// split returns the family of a type and its vCPUs, as its name tells them; 0 if it does
// not.
func split(p Provider, name string) (family string, vcpus float64) {
	number := func(text string) float64 {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n > 4096 {
			return 0
		}
		return n
	}
	switch p {
	case AWS:
		family, size, _ := strings.Cut(name, ".")
		if m := regexp.MustCompile(`^(?:metal-)?(\d*)xl(?:arge)?$`).FindStringSubmatch(size); m != nil {
			if m[1] == "" {
				return family, 4
			}
			return family, 4 * number(m[1])
		}
		return family, map[string]float64{"medium": 1, "large": 2}[size]
	case GCP:
		if rest, ok := strings.CutPrefix(name, "custom-"); ok {
			name = "n1-custom-" + rest
		}
		if m := regexp.MustCompile(`^([a-z]\d+[a-z]?)-[a-z]+-(\d+)(?:-.*)?$`).FindStringSubmatch(name); m != nil {
			return m[1], number(m[2])
		}
		family, _, _ := strings.Cut(name, "-")
		return family, 0
	case Azure:
		if m := regexp.MustCompile(`^([a-z]+)(\d+)(?:-\d+)?[a-z]*(?:_[a-z0-9]+)*_v(?:[3-9]|\d\d)$`).FindStringSubmatch(name); m != nil {
			return m[1], number(m[2])
		}
	}
	return "", 0
}

// Assumes says what the power of a type rests on, for who wants to know better; empty
// if on its processors.
func (t Type) Assumes() string {
	var notes []string
	if t.Mean {
		notes = append(notes, fmt.Sprintf("the power of its processors is not known: the mean of a vCPU at %s stands for it", t.Provider))
	}
	if t.Share < 1 {
		notes = append(notes, fmt.Sprintf("it shares processors and is promised %v of them, so its idle power is that part", t.Share))
	}
	if t.Accelerators {
		notes = append(notes, "the power of its accelerators is not counted")
	}
	return strings.Join(notes, "; ")
}

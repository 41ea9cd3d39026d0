package disclosure

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// ErrOrganisation is wrapped by the errors of organisation files.
var ErrOrganisation = errors.New("the organisation file is not valid")

// Org is what an organisation says of itself and of what it leaves out: its file, in
// TOML of perf-sentinel's shape with additions, or the same in YAML. What machines
// know is not in it.
type Org struct {
	Organisation Organisation   `toml:"organisation" yaml:"organisation"`
	Methodology  OrgMethodology `toml:"methodology" yaml:"methodology"`
	Scope        OrgScope       `toml:"scope_manifest" yaml:"scope_manifest"`
	Notes        OrgNotes       `toml:"notes" yaml:"notes"`
	// FunctionalUnit is what a score is per.
	FunctionalUnit OrgUnit `toml:"functional_unit" yaml:"functional_unit"`
	// Acknowledged are reasons by the code of a finding about the inputs: an official
	// disclosure stands with such a finding only if it says why.
	Acknowledged map[string]string `toml:"acknowledged" yaml:"acknowledged"`
}

// Organisation says who discloses.
type Organisation struct {
	Name        string      `toml:"name" yaml:"name" json:"name"`
	Country     string      `toml:"country" yaml:"country" json:"country"` // ISO 3166-1 alpha-2
	Sector      string      `toml:"sector" yaml:"sector" json:"sector,omitempty"`
	Identifiers Identifiers `toml:"identifiers" yaml:"identifiers" json:"identifiers,omitzero"`
}

// Identifiers name an organisation in registers.
type Identifiers struct {
	Siren         string `toml:"siren" yaml:"siren" json:"siren,omitempty"`
	VAT           string `toml:"vat" yaml:"vat" json:"vat,omitempty"`
	LEI           string `toml:"lei" yaml:"lei" json:"lei,omitempty"`
	OpenCorporate string `toml:"opencorporates_url" yaml:"opencorporates_url" json:"opencorporates_url,omitempty"`
	Domain        string `toml:"domain" yaml:"domain" json:"domain,omitempty"`
}

// OrgMethodology is what the organisation says of its method. Most of it is for the
// foreign schema: Dendro's own document takes the method from the inputs.
type OrgMethodology struct {
	SCISpecification string         `toml:"sci_specification" yaml:"sci_specification"`
	EnabledPatterns  []string       `toml:"enabled_patterns" yaml:"enabled_patterns"`
	DisabledPatterns []Reasoned     `toml:"disabled_patterns" yaml:"disabled_patterns"`
	Conformance      string         `toml:"conformance" yaml:"conformance"`
	Calibration      OrgCalibration `toml:"calibration" yaml:"calibration"`
}

// OrgCalibration is what the organisation says of the factors in use.
type OrgCalibration struct {
	CloudRegions          []string `toml:"cloud_regions" yaml:"cloud_regions"`
	CarbonIntensitySource string   `toml:"carbon_intensity_source" yaml:"carbon_intensity_source"`
	SPECpowerTableVersion string   `toml:"specpower_table_version" yaml:"specpower_table_version"`
	ScaphandreUsed        bool     `toml:"scaphandre_used" yaml:"scaphandre_used"`
}

// OrgScope is what the disclosure is about, and what is left out.
type OrgScope struct {
	ApplicationsDeclared uint32 `toml:"total_applications_declared" yaml:"total_applications_declared"`
	// Requests is how many requests there were in the period; nil is not known.
	Requests     *uint64           `toml:"total_requests_in_period" yaml:"total_requests_in_period"`
	Environments []string          `toml:"environments_measured" yaml:"environments_measured"`
	Excluded     []ReasonedService `toml:"applications_excluded" yaml:"applications_excluded"`
	Absent       []Reasoned        `toml:"environments_excluded" yaml:"environments_excluded"`
}

// Reasoned is a name with the reason why it is left out.
type Reasoned struct {
	Name   string `toml:"name" yaml:"name"`
	Reason string `toml:"reason" yaml:"reason"`
}

// ReasonedService is a service with the reason why it is left out.
type ReasonedService struct {
	Service string `toml:"service_name" yaml:"service_name"`
	Reason  string `toml:"reason" yaml:"reason"`
}

// OrgNotes are texts for readers.
type OrgNotes struct {
	Disclaimers []string          `toml:"disclaimers" yaml:"disclaimers"`
	References  map[string]string `toml:"reference_urls" yaml:"reference_urls"`
}

// OrgUnit is a functional unit and how many of it there were; without a number the
// requests that were counted are meant.
type OrgUnit struct {
	Name  string  `toml:"name" yaml:"name"`
	Count *uint64 `toml:"count" yaml:"count"`
}

// ParseOrg reads an organisation file: YAML if its name ends in .yaml or .yml, TOML
// otherwise. Everything that is wrong comes at once, each with its line, as errors that
// wrap [ErrOrganisation].
func ParseOrg(name string, text []byte) (*Org, error) {
	f := &orgFile{name: name, text: text}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml":
		f.yaml()
	default:
		f.toml()
	}
	if len(f.problems) == 0 {
		f.check()
	}
	if len(f.problems) > 0 {
		return nil, refusedOrg{f.problems}
	}
	return &f.org, nil
}

// refusedOrg is all that is wrong with a file.
type refusedOrg struct{ diag.List }

func (r refusedOrg) Is(target error) bool { return target == ErrOrganisation }

// Unwrap gives the problems to whoever lists them.
func (r refusedOrg) Unwrap() error { return r.List }

// orgFile is a file that is being read.
type orgFile struct {
	name     string
	text     []byte
	org      Org
	problems diag.List
	root     *yaml.Node // of YAML
}

func (f *orgFile) problem(line int, hint, format string, args ...any) {
	f.problems.Add(&diag.Problem{File: f.name, Line: line, Text: fmt.Sprintf(format, args...), Hint: hint})
}

func (f *orgFile) toml() {
	meta, err := toml.Decode(string(f.text), &f.org)
	if parse, ok := errors.AsType[toml.ParseError](err); ok {
		f.problem(parse.Position.Line, "", "%s", cmp.Or(parse.Message, parse.Error()))
		return
	}
	if err != nil {
		f.problem(lineIn(err), "", "%s", strings.TrimPrefix(err.Error(), "toml: "))
		return
	}
	for _, key := range meta.Undecoded() {
		if slices.ContainsFunc(meta.Undecoded(), func(k toml.Key) bool { return len(k) < len(key) && slices.Equal(k, key[:len(k)]) }) {
			continue // the table that it is in is said to be unknown
		}
		f.problem(tomlLine(f.text, key), "remove it, or see docs/DISCLOSURE.md for the names", "unknown key %s", key)
	}
}

func (f *orgFile) yaml() {
	decoder := yaml.NewDecoder(bytes.NewReader(f.text))
	decoder.KnownFields(true)
	var root yaml.Node
	if err := yaml.Unmarshal(f.text, &root); err != nil {
		f.problem(lineIn(err), "", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	f.root = &root
	if err := decoder.Decode(&f.org); err != nil {
		f.problem(lineIn(err), "see docs/DISCLOSURE.md for the names", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
}

// lineIn returns the line that an error's text names, or 0.
func lineIn(err error) int {
	_, rest, ok := strings.Cut(err.Error(), "line ")
	line := 0
	for ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' && line < 1<<24 {
		line, rest = line*10+int(rest[0]-'0'), rest[1:]
	}
	return line
}

// line returns where a key stands, or 0.
func (f *orgFile) line(path ...string) int {
	if f.root == nil {
		return tomlLine(f.text, path)
	}
	line, node := 0, f.root
	if len(node.Content) > 0 {
		node = node.Content[0]
	}
	for _, name := range path {
		found := false
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				line, node, found = node.Content[i].Line, node.Content[i+1], true
				break
			}
		}
		if !found {
			break
		}
	}
	return line
}

// tomlLine returns the line of a key, or of the innermost table around it that is
// found; 0 if neither is. It is for messages: it knows headers and keys at the begin of
// lines, not inline tables.
func tomlLine(text []byte, key []string) int {
	table, best, bestDepth, number := "", 0, 0, 0
	want := strings.Join(key, ".")
	for raw := range strings.Lines(string(text)) {
		number++
		line := strings.TrimSpace(raw)
		path := ""
		if header, ok := strings.CutPrefix(line, "["); ok {
			header, _, _ = strings.Cut(strings.TrimPrefix(header, "["), "]")
			table = plainKey(header)
			path = table
		} else if name, _, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			path = strings.TrimPrefix(table+"."+plainKey(name), ".")
		}
		if path == "" || want != path && !strings.HasPrefix(want, path+".") {
			continue
		}
		if depth := strings.Count(path, ".") + 1; depth > bestDepth {
			best, bestDepth = number, depth
		}
	}
	return best
}

// plainKey returns a key without spaces and quotes.
func plainKey(text string) string {
	parts := strings.Split(text, ".")
	for i, part := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(part), `"'`)
	}
	return strings.Join(parts, ".")
}

// check refuses what no disclosure could use. What only an official one needs is a
// matter of [Rules].
func (f *orgFile) check() {
	o := &f.org
	if strings.TrimSpace(o.Organisation.Name) == "" {
		f.problem(f.line("organisation", "name"), "say who discloses", "organisation.name: empty")
	}
	if !IsCountry(o.Organisation.Country) {
		f.problem(f.line("organisation", "country"), "use the two letters of ISO 3166-1, such as FR or GB",
			"organisation.country: %q is no country", o.Organisation.Country)
	}
	for i, e := range o.Scope.Excluded {
		if strings.TrimSpace(e.Service) == "" || strings.TrimSpace(e.Reason) == "" {
			f.problem(f.line("scope_manifest", "applications_excluded"), "name the service and say why it is left out",
				"scope_manifest.applications_excluded: entry %d lacks its service_name or its reason", i+1)
		}
	}
	for i, e := range slices.Concat(o.Scope.Absent, o.Methodology.DisabledPatterns) {
		if strings.TrimSpace(e.Name) == "" || strings.TrimSpace(e.Reason) == "" {
			f.problem(f.line("scope_manifest", "environments_excluded"), "give a name and a reason",
				"environments_excluded, disabled_patterns: entry %d lacks its name or its reason", i+1)
		}
	}
	for _, code := range sortedKeys(o.Acknowledged) {
		if strings.TrimSpace(o.Acknowledged[code]) == "" {
			f.problem(f.line("acknowledged", code), "say why the figures stand in spite of it", "acknowledged.%s: no reason", code)
		}
	}
	if u := o.FunctionalUnit; u.Count != nil && *u.Count == 0 {
		f.problem(f.line("functional_unit", "count"), "leave it out to count requests", "functional_unit.count: nothing is no unit")
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

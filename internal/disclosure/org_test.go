package disclosure_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

const orgTOML = `[organisation]
name = "Example"
country = "FR"
[organisation.identifiers]
siren = "123"
[methodology]
sci_specification = "ISO/IEC 21031:2024"
enabled_patterns = ["n_plus_one_sql"]
conformance = "core-required"
[methodology.calibration]
carbon_intensity_source = "static_tables"
[scope_manifest]
total_applications_declared = 2
total_requests_in_period = 1000
[[scope_manifest.applications_excluded]]
service_name = "batch"
reason = "no spans"
[functional_unit]
name = "order"
count = 12
[acknowledged]
chain-broken = "a disk was replaced"
`

const orgYAML = `organisation:
  name: Example
  country: FR
  identifiers: {siren: "123"}
methodology:
  sci_specification: ISO/IEC 21031:2024
  enabled_patterns: [n_plus_one_sql]
  conformance: core-required
  calibration:
    carbon_intensity_source: static_tables
scope_manifest:
  total_applications_declared: 2
  total_requests_in_period: 1000
  applications_excluded:
    - service_name: batch
      reason: no spans
functional_unit: {name: order, count: 12}
acknowledged:
  chain-broken: a disk was replaced
`

func TestOrgInBothForms(t *testing.T) {
	t.Parallel()
	a, err := disclosure.ParseOrg("org.toml", []byte(orgTOML))
	if err != nil {
		t.Fatal(err)
	}
	b, err := disclosure.ParseOrg("org.yaml", []byte(orgYAML))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	if a.Organisation.Identifiers.Siren != "123" || *a.FunctionalUnit.Count != 12 || a.Acknowledged["chain-broken"] == "" {
		t.Errorf("got %+v", a)
	}
}

// TestOrgProblems wants each problem with its line.
func TestOrgProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"unknown key", "o.toml", `country = "FR"`, "country = \"FR\"\ncolour = \"green\"", "o.toml:4: unknown key organisation.colour"},
		{"unknown table", "o.toml", "[functional_unit]", "[unit]", "o.toml:18: unknown key unit"},
		{"no country", "o.toml", `"FR"`, `"ZZ"`, `o.toml:3: organisation.country: "ZZ" is no country`},
		{"small letters", "o.toml", `"FR"`, `"fr"`, `o.toml:3: organisation.country: "fr" is no country`},
		{"no name", "o.toml", `"Example"`, `" "`, "o.toml:2: organisation.name: empty"},
		{"another type", "o.toml", `"Example"`, "1", "o.toml:2: "},
		{"syntax", "o.toml", `"Example"`, `"Example`, "o.toml:2: "},
		{"negative", "o.toml", "= 2\n", "= -2\n", "o.toml:13: "},
		{"no reason", "o.toml", `"no spans"`, `""`, "o.toml:15: scope_manifest.applications_excluded: entry 1"},
		{"no acknowledgement", "o.toml", `"a disk was replaced"`, `""`, "o.toml:22: acknowledged.chain-broken: no reason"},
		{"no unit", "o.toml", "count = 12", "count = 0", "o.toml:20: functional_unit.count"},
		{"unknown key", "o.yaml", "  country: FR", "  country: FR\n  colour: green", "o.yaml:4: "},
		{"no country", "o.yaml", "country: FR", "country: UK", `o.yaml:3: organisation.country: "UK" is no country`},
		{"syntax", "o.yaml", "name: Example", "name: [", "o.yaml:"},
	} {
		text := orgTOML
		if strings.HasSuffix(c.file, "yaml") {
			text = orgYAML
		}
		changed := strings.Replace(text, c.old, c.new, 1)
		if changed == text {
			t.Errorf("%s: the test changed nothing", c.name)
		}
		_, err := disclosure.ParseOrg(c.file, []byte(changed))
		if !errors.Is(err, disclosure.ErrOrganisation) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want %q", c.file, c.name, err, c.want)
		}
	}
	_, err := disclosure.ParseOrg("o.toml", []byte("[organisation]\nname = \"\"\ncountry = \"\"\n"))
	if err == nil || strings.Count(err.Error(), "o.toml:") != 2 {
		t.Errorf("not all problems at once: %v", err)
	}
}

// TestOrgOfTheOriginal reads a file that was made for the original.
func TestOrgOfTheOriginal(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/org.toml")
	if err != nil {
		t.Fatal(err)
	}
	o, err := disclosure.ParseOrg("org.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	if o.Organisation.Name == "" || len(o.Methodology.EnabledPatterns) == 0 {
		t.Errorf("got %+v", o)
	}
}

func FuzzParseOrg(f *testing.F) {
	f.Add("o.toml", []byte(orgTOML))
	f.Add("o.yaml", []byte(orgYAML))
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		o, err := disclosure.ParseOrg(name, text)
		if (err == nil) != (o != nil) || err != nil && !errors.Is(err, disclosure.ErrOrganisation) {
			t.Errorf("%v and %v", o, err)
		}
	})
}

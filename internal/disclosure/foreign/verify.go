package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// IsReport reports whether a text says of itself that it is a report of perf-sentinel.
func IsReport(report []byte) bool {
	var head struct {
		Schema string `json:"schema_version"`
	}
	return json.Unmarshal(report, &head) == nil && strings.HasPrefix(head.Schema, "perf-sentinel-report/")
}

// Verify checks a report of perf-sentinel: its content hash, the version of its schema, and
// whether its total is that of its terms. It tells which members no hash covers. There
// is never a document in the result.
func Verify(report []byte) *disclosure.Verification {
	v := &disclosure.Verification{Hash: disclosure.Hash(report)}
	check := func(name, good string, wrong ...string) {
		c := disclosure.Check{Name: name, State: disclosure.OK, Texts: []string{good}}
		if len(wrong) > 0 {
			c.State, c.Texts = disclosure.Failed, wrong
		}
		v.Checks = append(v.Checks, c)
	}
	n, err := normal(report)
	if err != nil {
		check("form", "", err.Error())
		return v
	}
	check("form", "a report of perf-sentinel")
	check("schema", "known", unknownSchema(unquoted(n.get("schema_version")))...)
	stated := unquoted(n.get("integrity").get("content_hash"))
	hash, err := ContentHash(report)
	switch {
	case err != nil:
		check("content hash", "", err.Error())
	case hash != stated:
		check("content hash", "", fmt.Sprintf("stated is %q, the content makes %s", stated, hash))
	default:
		check("content hash", hash)
	}
	check("sums", "the terms of carbon add up to its total", inconsistent(&n)...)
	v.Checks = append(v.Checks, disclosure.Check{Name: "not covered by the hash", State: disclosure.NotGiven, Texts: uncovered(report)})
	return v
}

func unknownSchema(version string) []string {
	minor, ok := strings.CutPrefix(version, "perf-sentinel-report/v1.")
	if ok && len(minor) == 1 && minor >= "0" && minor <= "6" {
		return nil
	}
	return []string{fmt.Sprintf("%q is not one of perf-sentinel-report/v1.0 to v1.6", version)}
}

// inconsistent returns what is wrong with the sums of a report.
func inconsistent(n *node) []string {
	a := n.get("aggregate")
	total := numberOf(a.get("total_carbon_kgco2eq"))
	var wrong []string
	for _, name := range []string{"total_energy_kwh", "total_carbon_kgco2eq", "estimated_optimization_potential_kgco2eq"} {
		if numberOf(a.get(name)) < 0 {
			wrong = append(wrong, "aggregate."+name+" is negative")
		}
	}
	terms := a.get("carbon_breakdown")
	if terms == nil {
		return wrong
	}
	sum := 0.0
	for _, name := range []string{"operational_kgco2eq", "embodied_kgco2eq", "transport_kgco2eq"} {
		sum += numberOf(terms.get(name))
	}
	if diff := sum - total; diff > 1e-9*max(sum, total) || diff < -1e-9*max(sum, total) {
		wrong = append(wrong, fmt.Sprintf("aggregate.total_carbon_kgco2eq is %v, its terms add up to %v", total, sum))
	}
	return wrong
}

// numberOf returns a number, 0 for none.
func numberOf(n *node) float64 {
	var x float64
	if n != nil && json.Unmarshal(n.text, &x) != nil {
		return 0
	}
	return x
}

// uncovered returns the members of a report that are in no hash.
func uncovered(report []byte) []string {
	out := []string{"report_metadata.integrity_level", "integrity.signature", "integrity.binary_attestation"}
	walkUnknown("", report, reportFields(), func(where string) { out = append(out, where) })
	slices.Sort(out[3:])
	return out
}

// walkUnknown finds members that perf-sentinel does not know.
func walkUnknown(where string, raw []byte, fields []fieldOf, found func(string)) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return
	}
	for name, value := range members {
		i := slices.IndexFunc(fields, func(f fieldOf) bool { return f.name == name })
		at := strings.TrimPrefix(where+"."+name, ".")
		if i < 0 {
			found(at)
			continue
		}
		switch f := &fields[i]; f.shape {
		case anObject:
			walkUnknown(at, value, f.of, found)
		case objects, theChoice:
			walkItems(at, value, f, found)
		}
	}
}

func walkItems(where string, raw []byte, f *fieldOf, found func(string)) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return
	}
	for i, item := range items {
		fields := f.of
		if f.shape == theChoice {
			fields = applicationFields(bytes.Contains(item, []byte(`"anti_patterns"`)))
		}
		walkUnknown(fmt.Sprintf("%s[%d]", where, i), item, fields, found)
	}
}

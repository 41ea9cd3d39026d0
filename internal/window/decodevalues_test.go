package window_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/window"
)

// TestValuesAreTheTexts reads recorded lines both ways.
func TestValuesAreTheTexts(t *testing.T) {
	t.Parallel()
	values, texts := window.Decoder{Values: true}, window.Decoder{}
	seen := 0
	for _, line := range archives(t)["clean.ndjson"] {
		var a, b window.Line
		if err := errors.Join(values.Decode(line, &a), texts.Decode(line, &b)); err != nil {
			t.Fatal(err)
		}
		var found []struct {
			Type, Service string
			Pattern       struct{ Occurrences uint64 }
		}
		if err := json.Unmarshal(b.Window.Findings, &found); err != nil {
			t.Fatal(err)
		}
		for i, want := range found {
			seen++
			if got := a.Window.Found[i]; got != (window.Finding{Kind: want.Type, Service: want.Service, Occurrences: want.Pattern.Occurrences}) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
		compareWaste(t, a.Window.Waste, b.Window.DisclosureWaste)
		a.Window.Found, a.Window.Waste, b.Window.Findings, b.Window.DisclosureWaste = nil, nil, nil, nil
		if d := cmp.Diff(b, a); d != "" {
			t.Error(d)
		}
		if !bytes.Contains(line, a.Report) || !json.Valid(a.Report) {
			t.Errorf("the report is %s", a.Report)
		}
	}
	if seen == 0 {
		t.Error("no findings at all")
	}
}

func compareWaste(t *testing.T, got *window.Waste, text window.Raw) {
	t.Helper()
	type kind struct {
		Model            string
		EnergyKWh        float64  `json:"energy_kwh"`
		Operational      float64  `json:"operational_waste_kwh"`
		Canonical        float64  `json:"canonical_waste_kwh"`
		EnergyGrams      *float64 `json:"energy_gco2"`
		OperationalGrams *float64 `json:"operational_waste_gco2"`
		CanonicalGrams   *float64 `json:"canonical_waste_gco2"`
	}
	type tier struct {
		Threshold uint64  `json:"n_plus_one_threshold"`
		Ops       uint64  `json:"avoidable_io_ops"`
		KWh       float64 `json:"avoidable_kwh"`
		Grams     float64 `json:"avoidable_gco2"`
	}
	var want struct {
		Canonical, Operational tier
		Database, Messaging    *kind
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	as := window.Waste{Canonical: window.Tier(want.Canonical), Operational: window.Tier(want.Operational)}
	as.Database, as.Messaging = (*window.KindWaste)(want.Database), (*window.KindWaste)(want.Messaging)
	if d := cmp.Diff(&as, got); d != "" {
		t.Error(d)
	}
}

// TestValuesOfWrongShape: a line whose findings or waste are no such is no window.
func TestValuesOfWrongShape(t *testing.T) {
	t.Parallel()
	line := string(archives(t)["clean.ndjson"][0])
	d := window.Decoder{Values: true}
	var into window.Line
	for _, c := range []struct{ old, new string }{
		{`"occurrences":6`, `"occurrences":-6`},
		{`"occurrences":6`, `"occurrences":6.5`},
		{`"type":"n_plus_one_sql"`, `"type":7`},
		{`"avoidable_kwh":`, `"avoidable_kwh":"x","was":`},
		{`"disclosure_waste":{`, `"disclosure_waste":[],"was":{`},
		{`"model":"estimated"`, `"model":1e3`},
	} {
		if !strings.Contains(line, c.old) {
			t.Fatalf("no %s in the line", c.old)
		}
		if err := d.Decode([]byte(strings.Replace(line, c.old, c.new, 1)), &into); !errors.Is(err, window.ErrShape) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
	if err := d.Decode([]byte(line), &into); err != nil {
		t.Error(err)
	}
}

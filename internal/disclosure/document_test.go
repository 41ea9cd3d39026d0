package disclosure_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/unit"
)

// january is a period of two services, of which something is shared.
func january() *disclosure.Period {
	row := func(service string, energy unit.Energy, carbon unit.Mass) disclosure.Row {
		labels, _ := account.LabelsOf("service", service, "region", "eu-west-3")
		return disclosure.Row{
			Account: account.Account{Labels: labels},
			Quantities: account.Quantities{
				Energy: energy, CarbonEnergy: energy, Operational: carbon, MeasuredEnergy: energy / 2,
			},
			Operations: uint64(energy), Requests: 100, Low: carbon / 2, High: carbon * 2,
		}
	}
	p := &disclosure.Period{
		Span: account.NewSpan(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)),
		Rows: []disclosure.Row{row("mail", 4_000_000, 200_000), row("orders", 6_000_000, 300_000)},
		Total: disclosure.Row{
			Quantities: account.Quantities{Energy: 10_000_000, CarbonEnergy: 10_000_000, Operational: 500_000, MeasuredEnergy: 5_000_000},
			Operations: 10_000_000, Requests: 200, Low: 250_000, High: 1_000_000,
		},
		Embodied: 90_000, Transport: 10_000, Bounds: disclosure.Bounds{Low: 300_000, Mid: 600_000, High: 1_200_000},
		Windows: disclosure.Windows{Counted: 31, Runtime: 31, Chain: disclosure.ChainCounts{Verified: 31}},
		Coverage: disclosure.Coverage{
			Time: unit.One, Days: 31, ObservedDays: 31, Spans: unit.One, Carbon: unit.One, Attributed: unit.One,
			Measured: unit.One / 2, Modelled: unit.One / 2,
		},
		Models:      []disclosure.Source{{Name: "scaphandre_rapl", Energy: 5_000_000}, {Name: "specpower", Energy: 5_000_000}},
		Intensities: []disclosure.Source{{Name: "annual", Energy: 10_000_000}},
		Inputs: []disclosure.Input{{
			Name: "windows-1.ndjson", SHA256: strings.Repeat("ab", 32), Bytes: 1000, Lines: 31,
			Windows: disclosure.Windows{Counted: 31},
			First:   time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), Last: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
		}},
	}
	return p
}

// request is what makes an official document of [january].
func request() disclosure.Request {
	return disclosure.Request{
		Intent: disclosure.Official, Confidentiality: disclosure.Confidential, Zone: time.UTC, By: []string{"service", "region"},
		MadeAt: time.Date(2026, 2, 3, 4, 5, 6, 7, time.UTC), Program: disclosure.Program{Name: "dendro", Version: "v1"},
		Org: &disclosure.Org{
			Organisation: disclosure.Organisation{Name: "Example", Country: "FR"},
			Scope:        disclosure.OrgScope{ApplicationsDeclared: 2},
		},
	}
}

// made returns the document and its text.
func made(t testing.TB, p *disclosure.Period, r disclosure.Request) (*disclosure.Document, []byte) {
	t.Helper()
	d, err := disclosure.New(p, r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.Text()
	if err != nil {
		t.Fatal(err)
	}
	return d, text
}

func TestDocumentRoundTrip(t *testing.T) {
	t.Parallel()
	d, text := made(t, january(), request())
	if v := disclosure.Violations(d); len(v) > 0 {
		t.Errorf("a sound document breaks %v", v)
	}
	again, err := disclosure.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, twice := made(t, january(), request()); !bytes.Equal(text, twice) {
		t.Error("the same period gives two texts")
	}
	if out, err := again.Text(); err != nil || !bytes.Equal(out, text) {
		t.Errorf("read and written again it is\n%s\n%v", cmp.Diff(string(text), string(out)), err)
	}
	if bytes.Count(text, []byte("\n")) != 1 || text[len(text)-1] != '\n' {
		t.Error("not one line")
	}
	if got := d.Totals; got.LocationBased != 600_000 || *got.Embodied != 90_000 || d.SCI.Value != "0.003" {
		t.Errorf("totals %+v, SCI %+v", got, d.SCI)
	}
	other := request()
	other.MadeAt = other.MadeAt.Add(time.Hour)
	if o, _ := made(t, january(), other); o.ID == d.ID || !strings.HasPrefix(d.ID, "urn:uuid:") {
		t.Errorf("ids %s and %s", d.ID, o.ID)
	}
}

// TestEveryByteOfADocumentCounts changes each byte of a document and of its statement in
// turn, and wants verification to fail.
func TestEveryByteOfADocumentCounts(t *testing.T) {
	t.Parallel()
	_, text := made(t, january(), request())
	statement, err := disclosure.Statement("r.json", text)
	if err != nil {
		t.Fatal(err)
	}
	given := func(text, statement []byte) disclosure.Given {
		return disclosure.Given{Name: "r.json", Text: text, Statement: statement}
	}
	if v := disclosure.Verify(given(text, statement)); !v.Holds() {
		t.Fatalf("a sound document fails: %+v", v.Checks)
	}
	flip := func(of []byte, i int, bit byte) []byte {
		changed := bytes.Clone(of)
		changed[i] ^= bit
		return changed
	}
	for i := range text {
		if v := disclosure.Verify(given(flip(text, i, 1<<(i%8)), statement)); v.Holds() {
			t.Fatalf("byte %d of the document changed from %q and it verifies", i, text[i])
		}
	}
	for i := range statement {
		if v := disclosure.Verify(given(text, flip(statement, i, 1<<(i%8)))); v.Holds() {
			t.Fatalf("byte %d of the statement changed from %q and it verifies", i, statement[i])
		}
		if v := disclosure.Verify(given(text, statement[:i])); v.Holds() {
			t.Fatalf("the statement cut at %d verifies", i)
		}
	}
	if v := disclosure.Verify(disclosure.Given{Name: "other.json", Text: text, Statement: statement}); v.Holds() {
		t.Error("the statement of another file verifies")
	}
}

func TestParseRefusesWhatIsNotTheLegalForm(t *testing.T) {
	t.Parallel()
	_, text := made(t, january(), request())
	for name, wrong := range map[string]string{
		"no line feed":      strings.TrimSuffix(string(text), "\n"),
		"two line feeds":    string(text) + "\n",
		"a space":           strings.Replace(string(text), ":", ": ", 1),
		"another number":    strings.Replace(string(text), `"sci_gco2e_per_r":0.003`, `"sci_gco2e_per_r":3e-3`, 1),
		"an unknown member": strings.Replace(string(text), `{"confidentiality"`, `{"a":1,"confidentiality"`, 1),
		"a repeated member": strings.Replace(string(text), `{"confidentiality"`, `{"confidentiality":"x","confidentiality"`, 1),
		"another schema":    strings.Replace(string(text), disclosure.Schema, "dendro-disclosure/v9", 1),
		"two documents":     string(text) + string(text),
	} {
		if wrong == string(text) {
			t.Errorf("%s: the test changed nothing", name)
		}
		if _, err := disclosure.Parse([]byte(wrong)); !errors.Is(err, disclosure.ErrDocument) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRules breaks each rule in turn.
// TestEmbodiedOfAPart holds that a ledger which knows the embodied carbon of some hosts alone says
// so, and that archives, whose windows have it for all, do not.
func TestEmbodiedOfAPart(t *testing.T) {
	t.Parallel()
	p := january()
	p.Total.EmbodiedTime, p.Total.Embodied, p.Total.Observed = 60, 1_000, 100
	p.Rows[0].EmbodiedTime, p.Rows[0].Embodied, p.Rows[0].Observed = 60, 1_000, 100
	p.Embodied = 0
	if d, _ := made(t, p, request()); d.Coverage.Embodied != nil {
		t.Errorf("archives: %v", *d.Coverage.Embodied)
	}
	p.Ledger = &disclosure.LedgerInput{KnownAt: p.Span.To}
	d, _ := made(t, p, request())
	if e := d.Coverage.Embodied; e == nil || *e != unit.One*6/10 {
		t.Errorf("%v", e)
	}
	if text := strings.Join(d.Notes.Disclaimers, "\n"); !strings.Contains(text, "Embodied carbon is known of part of the host time (0.6)") {
		t.Error(text)
	}
	d.Coverage.Embodied = new(unit.One + 1)
	if wrong := disclosure.Inconsistencies(d); !slices.ContainsFunc(wrong, func(text string) bool { return strings.Contains(text, "no share") }) {
		t.Errorf("%v", wrong)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for rule, spoil := range map[string]func(d *disclosure.Document){
		"organisation":  func(d *disclosure.Document) { d.Organisation = &disclosure.Organisation{Name: "x", Country: "ZZ"} },
		"period-length": func(d *disclosure.Document) { d.Period.Days = 27 },
		"period-over":   func(d *disclosure.Document) { d.MadeAt = d.Period.To.Add(-time.Second) },
		"scope-excluded": func(d *disclosure.Document) {
			d.Scope.Excluded = []disclosure.Excluded{{What: "application", Name: "a"}}
		},
		"scope-applications":  func(d *disclosure.Document) { d.Scope.MeasuredApplications = 3 },
		"scope-requests":      func(d *disclosure.Document) { d.Scope.DeclaredRequests = new(uint64(1)) },
		"rows":                func(d *disclosure.Document) { d.Rows = nil },
		"people":              func(d *disclosure.Document) { d.Confidentiality, d.Scope.By = disclosure.Public, []string{"user"} },
		"sums":                func(d *disclosure.Document) { d.Totals.Energy++ },
		"embodied":            func(d *disclosure.Document) { d.Totals.Embodied = nil },
		"functional-unit":     func(d *disclosure.Document) { d.SCI = nil },
		"coverage-time":       func(d *disclosure.Document) { d.Coverage.Time = disclosure.MinCoverage - 1 },
		"coverage-spans":      func(d *disclosure.Document) { d.Coverage.Spans = disclosure.MinCoverage - 1 },
		"coverage-carbon":     func(d *disclosure.Document) { d.Coverage.Carbon = disclosure.MinCoverage - 1 },
		"coverage-embodied":   func(d *disclosure.Document) { d.Coverage.Embodied = new(disclosure.MinCoverage - 1) },
		"coverage-attributed": func(d *disclosure.Document) { d.Coverage.Attributed = 0 },
		"estimated":           func(d *disclosure.Document) { d.Coverage.Estimated = disclosure.MaxEstimated + 1 },
		"findings": func(d *disclosure.Document) {
			d.Quality.Findings = []disclosure.Acknowledged{{Finding: disclosure.Finding{Code: disclosure.FindingChain, Grave: true}}}
		},
		"inputs": func(d *disclosure.Document) { d.Inputs = disclosure.Sources{} },
	} {
		d, _ := made(t, january(), request())
		spoil(d)
		found := false
		for _, v := range disclosure.Violations(d) {
			found = found || v.Rule == rule && v.Hint != "" && v.Text != ""
		}
		if !found {
			t.Errorf("%s: not among %v", rule, disclosure.Violations(d))
		}
	}
	for _, r := range disclosure.Rules() {
		if r.ID == "" || r.Field == "" || r.Text == "" || r.Why == "" || r.Hint == "" {
			t.Errorf("rule %q is not explained", r.ID)
		}
	}
}

// TestFebruaryCanBeOfficial is of the shortest month, in a zone whose days are not UTC's.
func TestFebruaryCanBeOfficial(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	p, r := january(), request()
	p.Span = account.NewSpan(time.Date(2026, 2, 1, 0, 0, 0, 0, zone), time.Date(2026, 3, 1, 0, 0, 0, 0, zone))
	p.Coverage.Days, p.Coverage.ObservedDays = 28, 28
	r.Zone, r.MadeAt = zone, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	d, _ := made(t, p, r)
	if d.Period.Days != 28 || d.Period.Type != "calendar-month" || d.Period.FirstDate != "2026-02-01" || d.Period.LastDate != "2026-02-28" {
		t.Errorf("got %+v", d.Period)
	}
	if v := disclosure.Violations(d); len(v) > 0 {
		t.Errorf("February breaks %v", v)
	}
}

func TestPublicNamesNoFiles(t *testing.T) {
	t.Parallel()
	p, r := january(), request()
	p.Quality.Findings = []disclosure.Finding{{Code: disclosure.FindingChain, Input: "windows-1.ndjson", Text: "windows-1.ndjson: 1 break"}}
	r.Confidentiality = disclosure.Public
	if _, text := made(t, p, r); bytes.Contains(text, []byte("windows-1")) {
		t.Errorf("%s names a file", text)
	}
}

func TestRestatementSaysWhatChangedAndWhy(t *testing.T) {
	t.Parallel()
	old, text := made(t, january(), request())
	p, r := january(), request()
	p.Rows[0].Energy += 1_000_000
	p.Rows[0].CarbonEnergy += 1_000_000
	p.Total.Energy += 1_000_000
	p.Total.CarbonEnergy += 1_000_000
	p.Inputs = append(p.Inputs, disclosure.Input{Name: "windows-2.ndjson", SHA256: strings.Repeat("cd", 32), Windows: disclosure.Windows{Counted: 2}})
	r.Restates = &disclosure.Old{Document: old, SHA256: disclosure.Hash(text)}
	d, _ := made(t, p, r)
	got := ""
	for _, x := range d.Restates.Differences {
		row := "totals"
		if x.Row != nil {
			row = x.Row.Labels.Get("service")
		}
		got += fmt.Sprintln(row, x.Figure, *x.Before, *x.After, x.Causes)
	}
	if want := "totals energy_kwh 0.01 0.011 [late]\nmail energy_kwh 0.004 0.005 [late]\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if d.Restates.ID != old.ID || d.Restates.Evidence[0].Text != "windows-2.ndjson is new, with 2 windows" {
		t.Errorf("got %+v", d.Restates)
	}
	r.Restates.Document.Period.To = r.Restates.Document.Period.To.Add(time.Hour)
	if _, err := disclosure.New(p, r); !errors.Is(err, disclosure.ErrDocument) {
		t.Errorf("another period: %v", err)
	}
}

func TestVerifyPreviousAndInputs(t *testing.T) {
	t.Parallel()
	_, before := made(t, january(), request())
	d, _ := disclosure.Parse(before)
	p, r := january(), request()
	p.Span = account.NewSpan(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	r.Previous = &disclosure.Link{ID: d.ID, SHA256: disclosure.Hash(before)}
	r.MadeAt = r.MadeAt.AddDate(0, 1, 0)
	_, text := made(t, p, r)
	refold := func(p *disclosure.Period) func(*disclosure.Document) (*disclosure.Period, error) {
		return func(*disclosure.Document) (*disclosure.Period, error) { return p, nil }
	}
	changed := *p
	changed.Transport++
	for _, c := range []struct {
		name  string
		given disclosure.Given
		check string
		want  disclosure.State
	}{
		{"nothing given", disclosure.Given{}, "previous", disclosure.NotGiven},
		{"the one before", disclosure.Given{Previous: before}, "previous", disclosure.OK},
		{"another", disclosure.Given{Previous: text}, "previous", disclosure.Failed},
		{"no document", disclosure.Given{Previous: []byte("{}")}, "previous", disclosure.Failed},
		{"no inputs", disclosure.Given{}, "inputs", disclosure.NotGiven},
		{"its inputs", disclosure.Given{Refold: refold(p)}, "inputs", disclosure.OK},
		{"others", disclosure.Given{Refold: refold(&changed)}, "inputs", disclosure.Failed},
		{"a key and no signature", disclosure.Given{Key: true}, "signature", disclosure.Failed},
	} {
		c.given.Name, c.given.Text = "r.json", text
		found := disclosure.State("")
		for _, got := range disclosure.Verify(c.given).Checks {
			if got.Name == c.check {
				found = got.State
			}
		}
		if found != c.want {
			t.Errorf("%s: %s is %q, want %q", c.name, c.check, found, c.want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	_, text := made(f, january(), request())
	statement, err := disclosure.Statement("r.json", text)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, statement)
	f.Add([]byte("{}"), []byte(`{"subject":[{}]}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if d, err := disclosure.Parse(a); err == nil {
			if again, err := d.Text(); err != nil || !bytes.Equal(a, again) {
				t.Errorf("%q is read, and written as %q", a, again)
			}
		}
		v := disclosure.Verify(disclosure.Given{Name: "r.json", Text: a, Statement: b})
		if v.Holds() && (!bytes.Equal(a, text) || !bytes.Equal(b, statement)) {
			if s, err := disclosure.Statement("r.json", a); err != nil || !bytes.Equal(s, b) {
				t.Errorf("%q with %q verifies", a, b)
			}
		}
	})
}

// TestViewsAddUp makes documents of every view of the same period: their rows add up to the
// same totals.
func TestViewsAddUp(t *testing.T) {
	t.Parallel()
	for _, by := range [][]string{{"service"}, {"region"}, {"environment"}, nil} {
		p, r := january(), request()
		p.Rows[1].Kind = account.KindOther
		r.By = by
		d, _ := made(t, p, r)
		if wrong := disclosure.Inconsistencies(d); len(wrong) > 0 || len(d.Rows) != 2 {
			t.Errorf("by %v: %d rows, %v", by, len(d.Rows), wrong)
		}
	}
	p, r := january(), request()
	r.By = []string{"region"}
	d, _ := made(t, p, r)
	if len(d.Rows) != 1 || d.Rows[0].Energy != d.Totals.Energy || d.Rows[0].Requests != 200 {
		t.Errorf("by region: %+v", d.Rows)
	}
	r.By = []string{"environment"}
	if d, _ = made(t, p, r); len(d.Rows) != 1 || d.Rows[0].Kind != account.KindUnknown {
		t.Errorf("by a label that no row has: %+v", d.Rows)
	}
}

package disclosure_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/golden"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	p, r := january(), request()
	p.Rows[1].Labels, _ = account.LabelsOf("service", "=cmd()", "region", "a,b")
	d, _ := made(t, p, r)
	var b bytes.Buffer
	if err := d.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/january.csv", b.String())
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(records) != 5 {
		t.Fatalf("%d records, %v", len(records), err)
	}
}

// restatement is a document that replaces another for two causes, of which late windows brought a row.
func restatement(t *testing.T) *disclosure.Document {
	t.Helper()
	old, text := made(t, january(), request())
	late, now := january(), january()
	for _, p := range []*disclosure.Period{late, now} {
		p.Rows[0].Energy, p.Total.Energy = p.Rows[0].Energy+7_000, p.Total.Energy+7_000
		p.Rows[0].Requests, p.Total.Requests = p.Rows[0].Requests+13, p.Total.Requests+13
	}
	now.Rows[0].Energy, now.Total.Energy = now.Rows[0].Energy-2_000, now.Total.Energy-2_000
	now.Embodied += 5_000
	r := request()
	r.Restates = &disclosure.Old{Document: old, SHA256: disclosure.Hash(text)}
	first, second, third := snapshot(t, january()), snapshot(t, late), snapshot(t, now)
	r.Portions = []disclosure.Portion{
		{Cause: disclosure.CauseLate, Before: first, After: second}, {Cause: disclosure.CauseMethod, Before: second, After: third},
	}
	d, _ := made(t, now, r)
	return d
}

func snapshot(t *testing.T, p *disclosure.Period) disclosure.Snapshot {
	t.Helper()
	s, err := p.Snapshot([]string{"service", "region"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSharesInExports asks that people and spreadsheets see each cause's part of a restatement,
// as the document has it.
func TestSharesInExports(t *testing.T) {
	t.Parallel()
	d := restatement(t)
	var table, page bytes.Buffer
	if err := errors.Join(d.WriteCSV(&table), d.WriteHTML(&page, strings.Repeat("ab", 32))); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/restated.csv", table.String())
	for _, want := range []string{
		"<tr><td>Total</td><td>energy</td><td class=\"n\">10 Wh</td><td class=\"n\">10.01 Wh</td><td>late &#43;7 mWh, method −2 mWh</td></tr>",
		"<td>requests</td><td class=\"n\">200</td><td class=\"n\">213</td><td>late &#43;13</td></tr>",
		"<tr><td>mail · eu-west-3</td><td>energy</td>",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not have %s\n%s", want, page.String())
		}
	}

	// A server shows what it has read.
	text, err := d.Text()
	if err != nil {
		t.Fatal(err)
	}
	d, err = disclosure.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var tableAgain, pageAgain bytes.Buffer
	if err := errors.Join(d.WriteCSV(&tableAgain), d.WriteHTML(&pageAgain, strings.Repeat("ab", 32))); err != nil {
		t.Fatal(err)
	}
	if tableAgain.String() != table.String() || pageAgain.String() != page.String() {
		t.Errorf("a document that was read is shown otherwise:\n%s", tableAgain.String())
	}

	// Of what nobody worked the parts out, the whole is of any of the causes.
	for i := range d.Restates.Differences {
		d.Restates.Differences[i].Shares = nil
		d.Restates.Differences[i].Causes = []disclosure.Cause{disclosure.CauseInput, disclosure.CauseMethod}
	}
	table.Reset()
	page.Reset()
	if err := errors.Join(d.WriteCSV(&table), d.WriteHTML(&page, "")); err != nil {
		t.Fatal(err)
	}
	if want := ",change,,,0.000005,,,,,,,0.005,,,13,total,input or method\n"; !strings.Contains(table.String(), want) {
		t.Errorf("%s", table.String())
	}
	if want := "<td>input or method</td></tr>"; !strings.Contains(page.String(), want) {
		t.Errorf("the page does not have %s", want)
	}
}

// TestAmountsAreSmallEnough asks that no number of a document makes who reads it work out a million digits.
func TestAmountsAreSmallEnough(t *testing.T) {
	t.Parallel()
	d := restatement(t)
	text, err := d.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, amount := range []string{"7e+999999", "7e-999999", "7e-99999999999999999999", "7e"} {
		changed := bytes.Replace(text, []byte(`"value":0.000007`), []byte(`"value":`+amount), 1)
		if _, err := disclosure.Parse(changed); err == nil || bytes.Equal(changed, text) {
			t.Errorf("%s: %v", amount, err)
		}
	}
}

// TestManyChanges asks that a page stays one: the document has what is not listed there.
func TestManyChanges(t *testing.T) {
	t.Parallel()
	d := restatement(t)
	for len(d.Restates.Differences) < 100 {
		d.Restates.Differences = append(d.Restates.Differences, d.Restates.Differences[0])
	}
	var b bytes.Buffer
	if err := d.WriteHTML(&b, ""); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "40 more differences are in the document.") {
		t.Error("what is not listed is not counted")
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	d := full(t)
	d.Rows[0].Labels, _ = account.LabelsOf("service", `<script>alert("x")</script>`, "region", strings.Repeat("long", 20))
	var b bytes.Buffer
	if err := d.WriteHTML(&b, strings.Repeat("ab", 32)); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/full.html", b.String())
	for _, foreign := range []string{"<script", "http://", "@import", "url(", "<img", "<link"} {
		if strings.Contains(b.String(), foreign) {
			t.Errorf("the page holds %q", foreign)
		}
	}
	if n := len(regexp.MustCompile(`<svg `).FindAllString(b.String(), -1)); n != 3 {
		t.Errorf("%d charts", n)
	}
}

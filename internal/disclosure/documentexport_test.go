package disclosure_test

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
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

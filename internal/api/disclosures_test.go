package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/disclosuretest"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/sign"
	"github.com/dendro-carbon/dendro/unit"
)

// monthOf is a period of one service, whose name is hostile.
func monthOf(month time.Month, energy unit.Energy) *disclosure.Period {
	return disclosuretest.Month(month, "<script>alert(1)</script>", energy)
}

// disclosing is a server with a folder of two months that a key signed.
type disclosing struct {
	*server
	dir      string
	jan, feb *disclosure.Old
}

// text returns a file of the folder.
func (d *disclosing) text(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, name))
	check(t, err)
	return string(text)
}

// want asks for JSON and wants a status.
func (d *disclosing) want(t testing.TB, status int, path string, into any) {
	t.Helper()
	got, body, _ := d.get(t, "/api/v1/disclosures"+path)
	if got != status {
		t.Fatalf("%s: status %d, want %d\n%s", path, got, status, body)
	}
	if into != nil {
		check(t, json.Unmarshal([]byte(body), into))
	}
}

func discloseMonths(t testing.TB, inputs map[string]api.Refold) *disclosing {
	t.Helper()
	key, err := sign.NewKey(sign.ECDSAP256)
	check(t, err)
	public, err := key.Public()
	check(t, err)
	d := &disclosing{dir: t.TempDir()}
	put := func(name string, p *disclosure.Period, previous *disclosure.Link) *disclosure.Old {
		doc, err := disclosure.New(p, disclosure.Request{
			Intent: disclosure.Internal, Confidentiality: disclosure.Confidential, Zone: time.UTC, By: []string{"service"},
			MadeAt: p.Span.To, Program: disclosure.Program{Name: "dendro", Version: "v1"}, Previous: previous,
		})
		check(t, err)
		text, err := doc.Text()
		check(t, err)
		statement, err := disclosure.Statement(name, text)
		check(t, err)
		envelope, err := sign.Sign(statement, key)
		check(t, err)
		for suffix, content := range map[string][]byte{".json": text, disclosure.StatementSuffix: statement, disclosure.EnvelopeSuffix: envelope} {
			check(t, os.WriteFile(filepath.Join(d.dir, disclosure.Beside(name, suffix)), content, 0o600))
		}
		return &disclosure.Old{Document: doc, SHA256: disclosure.Hash(text)}
	}
	d.jan = put("jan.json", monthOf(1, 4_000_000), nil)
	d.feb = put("feb \"é\".json", monthOf(2, 5_000_000), &disclosure.Link{ID: d.jan.Document.ID, SHA256: d.jan.SHA256})
	folder := shelf.New(shelf.Config{Dir: d.dir, Peek: sign.Open, Keys: []shelf.Key{{
		Name: "k.pub", ID: public.ID(), Open: func(e []byte) ([]byte, error) { return sign.Verify(e, public) },
	}}})
	d.server = serve(t, func(deps *api.Deps) { deps.Disclosures, deps.Inputs = folder, inputs })
	return d
}

// listed is what a list of disclosures says.
type listed struct {
	Disclosures []shelf.Item
	Broken      []shelf.Broken
	Keys        []struct{ Name, ID string }
	Inputs      []string
	More        bool
}

func TestDisclosuresAreListed(t *testing.T) {
	d := discloseMonths(t, nil)
	check(t, os.WriteFile(filepath.Join(d.dir, "broken.json"), []byte("{}"), 0o600))
	var list listed
	d.want(t, http.StatusOK, "", &list)
	if len(list.Disclosures) != 2 || list.Disclosures[0].SHA256 != d.feb.SHA256 || len(list.Keys) != 1 || len(list.Inputs) != 0 || list.More {
		t.Fatalf("%+v", list)
	}
	feb := list.Disclosures[0]
	if !feb.Holds || feb.Signature.Name != "k.pub" || feb.Signature.Keys[0] != list.Keys[0].ID || feb.Previous.File != "jan.json" || feb.Totals.Energy != 5_000_000 {
		t.Errorf("%+v", feb)
	}
	if len(list.Broken) != 1 || list.Broken[0].File != "broken.json" || list.Broken[0].Error == "" {
		t.Errorf("%+v", list.Broken)
	}
	d.want(t, http.StatusOK, "?limit=1", &list)
	if len(list.Disclosures) != 1 || !list.More {
		t.Errorf("%d with a limit of one, more %v", len(list.Disclosures), list.More)
	}
	d.want(t, http.StatusBadRequest, "?page=2", nil)
	var status struct{ Features []string }
	_, body, _ := d.get(t, "/api/v1/status")
	check(t, json.Unmarshal([]byte(body), &status))
	if diff := cmp.Diff([]string{"disclosures"}, status.Features); diff != "" {
		t.Error(diff)
	}
}

func TestDisclosureFilesAreThoseOfTheFolder(t *testing.T) {
	d := discloseMonths(t, nil)
	at := "/api/v1/disclosures/" + d.feb.SHA256
	for _, c := range []struct{ path, file, contentType string }{
		{"", "feb \"é\".json", "application/json"},
		{"/statement", "feb \"é\".intoto.json", "application/vnd.in-toto+json"},
		{"/envelope", "feb \"é\".dsse.json", "application/vnd.dsse.envelope.v1+json"},
	} {
		status, body, header := d.get(t, at+c.path)
		if status != http.StatusOK || body != d.text(t, c.file) || header.Get("Content-Type") != c.contentType {
			t.Errorf("%s: status %d, %s", c.path, status, header)
		}
		if header.Get("ETag") != `"`+disclosure.Hash([]byte(body))+`"` || !strings.HasPrefix(header.Get("Content-Disposition"), "inline; filename") {
			t.Errorf("%s: %v", c.path, header)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+at, http.NoBody)
	check(t, err)
	r.Header.Set("If-None-Match", `W/"`+d.feb.SHA256+`"`)
	answer, err := http.DefaultClient.Do(r)
	check(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusNotModified {
		t.Errorf("known: status %d", answer.StatusCode)
	}
	status, page, header := d.get(t, at+"/html")
	if policy := header.Get("Content-Security-Policy"); status != http.StatusOK || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "sandbox") {
		t.Errorf("page: status %d, %v", status, header)
	}
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("the page has what a service is called as it is")
	}
	if _, rows, _ := d.get(t, at+"/csv"); strings.Count(rows, "\n") != 4 || !strings.Contains(rows, ",0.005,") {
		t.Errorf("rows:\n%s", rows)
	}
	for _, path := range []string{"/nothing", "/..%2f..%2fetc%2fpasswd", "/" + strings.Repeat("0", 64)} {
		d.want(t, http.StatusNotFound, path, nil)
	}
	check(t, os.Remove(filepath.Join(d.dir, "jan.dsse.json")))
	d.want(t, http.StatusNotFound, "/"+d.jan.SHA256+"/envelope", nil)
}

// verified is the answer of a verification.
type verified struct {
	File   string
	Holds  bool
	SHA256 string
	Checks []disclosure.Check
}

func (v *verified) state(name string) disclosure.State {
	for _, c := range v.Checks {
		if c.Name == name {
			return c.State
		}
	}
	return ""
}

func TestDisclosureIsVerified(t *testing.T) {
	d := discloseMonths(t, nil)
	var v verified
	d.want(t, http.StatusOK, "/"+d.feb.SHA256+"/verify", &v)
	if !v.Holds || v.SHA256 != d.feb.SHA256 || v.state("previous") != disclosure.OK || v.state("signature") != disclosure.OK || v.state("inputs") != disclosure.NotGiven {
		t.Errorf("%+v", v)
	}
	path := filepath.Join(d.dir, "feb \"é\".json")
	text := strings.Replace(d.text(t, "feb \"é\".json"), `"energy_kwh":0.005`, `"energy_kwh":0.004`, 1)
	check(t, os.WriteFile(path, []byte(text), 0o600))
	d.want(t, http.StatusNotFound, "/"+d.feb.SHA256+"/verify", nil)
	d.want(t, http.StatusOK, "/"+d.feb.Document.ID+"/verify", &v)
	if v.Holds || v.state("signature") != disclosure.Failed || v.state("id") != disclosure.Failed {
		t.Errorf("%+v", v)
	}
	d.want(t, http.StatusBadRequest, "/"+d.jan.SHA256+"/verify?inputs=true", nil)
}

// TestInputsAreReadOneAtATime holds the reading of one, and asks for another.
func TestInputsAreReadOneAtATime(t *testing.T) {
	reading, ended := make(chan struct{}), make(chan error, 1)
	var d *disclosing
	d = discloseMonths(t, map[string]api.Refold{disclosure.SourceArchives: func(ctx context.Context, doc *disclosure.Document) (*disclosure.Period, error) {
		if doc.ID == d.jan.Document.ID {
			return monthOf(1, 4_000_000), nil
		}
		close(reading)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}})
	var v verified
	d.want(t, http.StatusOK, "/"+d.jan.SHA256+"/verify?inputs=true", &v)
	if v.state("inputs") != disclosure.OK || !v.Holds {
		t.Errorf("%+v", v)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL+"/api/v1/disclosures/"+d.feb.SHA256+"/verify?inputs=true", http.NoBody)
		if err == nil {
			var answer *http.Response
			if answer, err = http.DefaultClient.Do(r); err == nil {
				answer.Body.Close()
			}
		}
		gone <- err
	}()
	<-reading
	d.want(t, http.StatusConflict, "/"+d.jan.SHA256+"/verify?inputs=true", nil)
	d.want(t, http.StatusOK, "/"+d.jan.SHA256+"/verify", nil)
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("the reading goes on without its client")
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if status, _, _ := d.get(t, "/api/v1/disclosures/"+d.jan.SHA256+"/verify?inputs=true"); status == http.StatusOK {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the place is not free again: status %d", status)
		}
	}
}

func TestDisclosuresAreCompared(t *testing.T) {
	d := discloseMonths(t, nil)
	var c disclosure.Comparison
	d.want(t, http.StatusOK, "/"+d.feb.SHA256+"/compare", &c)
	if c.Before.SHA256 != d.jan.SHA256 || c.SamePeriod || *c.Totals.Energy != 1_000_000 || len(c.Rows) != 1 || c.LocationBased != 250_000 {
		t.Errorf("%+v", c)
	}
	d.want(t, http.StatusOK, "/"+d.jan.SHA256+"/compare?with="+d.feb.Document.ID, &c)
	if *c.Totals.Energy != -1_000_000 {
		t.Errorf("%+v", c)
	}
	d.want(t, http.StatusNotFound, "/"+d.jan.SHA256+"/compare", nil)
}

func TestDisclosuresNeedAToken(t *testing.T) {
	tokens, err := api.ReadTokens("tokens", strings.NewReader("alice read "+strings.Repeat("0", 64)))
	check(t, err)
	d := discloseMonths(t, nil)
	s := serve(t, func(deps *api.Deps) {
		deps.Tokens, deps.Disclosures = tokens, shelf.New(shelf.Config{Dir: d.dir, Peek: sign.Open})
	})
	for _, path := range []string{"", "/" + d.jan.SHA256, "/" + d.jan.SHA256 + "/html", "/" + d.jan.SHA256 + "/verify"} {
		if status, body, _ := s.get(t, "/api/v1/disclosures"+path); status != http.StatusUnauthorized || bytes.Contains([]byte(body), []byte("kwh")) {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestDisclosuresOfNoFolder(t *testing.T) {
	s := serve(t, nil)
	if status, body, _ := s.get(t, "/api/v1/disclosures"); status != http.StatusOK || !strings.Contains(body, `"disclosures":[]`) {
		t.Errorf("status %d: %s", status, body)
	}
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o600))
	s = serve(t, func(d *api.Deps) { d.Disclosures = shelf.New(shelf.Config{Dir: file}) })
	if status, body, _ := s.get(t, "/api/v1/disclosures"); status != http.StatusServiceUnavailable || strings.Contains(body, file) {
		t.Errorf("a folder that is none: status %d: %s", status, body)
	}
}

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/cli"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/window"
)

// archived writes a chained archive of a window a day, from a date on, of services that a
// meter measured.
func archived(t testing.TB, path, from string, days int) {
	t.Helper()
	begin, err := time.Parse(time.DateOnly, from)
	if err != nil {
		t.Fatal(err)
	}
	c := window.Defaults()
	c.Places = map[string]window.Place{"eu-west-3": {Annual: 41.5, PUE: 1.15}}
	c.DefaultRegion = "eu-west-3"
	var out []byte
	prev := window.ChainSeed
	for day := range days {
		start := begin.AddDate(0, 0, day)
		end := start.AddDate(0, 0, 1)
		w, err := window.Score(c, spansOf(start), window.Conditions{
			From: start.UnixNano(), To: end.UnixNano(),
			Readings: []window.Reading{window.Always(window.EnergyScaphandre, "orders", 5e-4), window.Always(window.EnergyScaphandre, "mail", 2e-4)},
		})
		if err != nil {
			t.Fatal(err)
		}
		var hash string
		out, hash, err = window.AppendLine(out, window.Envelope{Prev: prev, Seq: uint64(day), HasSeq: true, Time: end.Add(-time.Second)}, &w)
		if err != nil {
			t.Fatal(err)
		}
		prev = hash
		if !bytes.HasSuffix(out, []byte("\n")) {
			out = append(out, '\n')
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out, 0o666); err != nil {
		t.Fatal(err)
	}
}

// spansOf returns the operations of a day.
func spansOf(start time.Time) []window.Span {
	var spans []window.Span
	for n := range 10 {
		service := []string{"orders", "mail"}[n%2]
		spans = append(spans, window.Span{
			Service: service, Kind: window.KindSQL, Verb: window.VerbSelect, LocalRoot: true,
			Trace: window.TraceID{byte(n), byte(start.YearDay())}, Start: start.Add(time.Duration(n) * time.Hour).UnixNano(),
		})
	}
	return spans
}

const disclosingOrg = `[organisation]
name = "Example SAS"
country = "FR"
[scope_manifest]
total_applications_declared = 2
`

// desk is a folder in which a test discloses and verifies.
type desk struct {
	testing.TB
	dir string
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t, t.TempDir()}
	archived(t, d.path("archive/windows.ndjson"), "2026-01-01", 31)
	d.write("org.toml", disclosingOrg)
	return d
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) write(name, text string) {
	d.Helper()
	if err := os.WriteFile(d.path(name), []byte(text), 0o666); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) read(name string) []byte {
	d.Helper()
	text, err := os.ReadFile(d.path(name))
	if err != nil {
		d.Fatal(err)
	}
	return text
}

// run runs the program, whose arguments that begin with @ are files of the desk, and wants a
// status. It returns what was printed.
func (d *desk) run(want int, args ...string) string {
	d.Helper()
	for i, arg := range args {
		if name, ok := strings.CutPrefix(arg, "@"); ok {
			args[i] = d.path(name)
		}
	}
	var out, err bytes.Buffer
	if got := cli.Run(d.Context(), args, strings.NewReader(""), &out, &err); got != want {
		d.Fatalf("%v ended with status %d, want %d\n%s%s", args, got, want, &out, &err)
	}
	return out.String() + err.String()
}

func (d *desk) disclose(want int, more ...string) string {
	d.Helper()
	return d.run(want, append([]string{
		"disclose", "--month", "2026-01", "--input", "@archive", "--org", "@org.toml", "--intent", "official", "--as-of", "2026-02-03", "--quiet",
	}, more...)...)
}

// TestDiscloseSignVerifyTamper goes the whole way of a disclosure, and wants every byte of
// what was published to count.
func TestDiscloseSignVerifyTamper(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run(0, "key", "new", "--output", "@k")
	d.run(0, "key", "new", "--output", "@other")
	d.disclose(0, "--key", "@k", "--output", "@r.json", "--format", "html,csv")
	verify := []string{"verify", "@r.json", "--key", "@k.pub"}
	said := d.run(0, append(verify, "--inputs", "@archive")...)
	for _, check := range []string{"form", "id", "sums", "rules", "statement", "signature", "inputs"} {
		if !regexp.MustCompile(`(?m)^ok +` + check + ` `).MatchString(said) {
			t.Errorf("%s is not ok in\n%s", check, said)
		}
	}
	d.run(3, "verify", "@r.json", "--key", "@other.pub")
	for _, name := range []string{"r.json", "r.intoto.json", "r.dsse.json"} {
		text := d.read(name)
		for i := 0; i < len(text); i += 1 + len(text)/40 {
			changed := bytes.Clone(text)
			changed[i] ^= 1 << (i % 8)
			d.write(name, string(changed))
			d.run(3, verify...)
		}
		d.write(name, string(text))
	}
	d.run(0, verify...)

	archive := d.read("archive/windows.ndjson")
	d.write("archive/windows.ndjson", strings.Replace(string(archive), `"traces_analyzed":10`, `"traces_analyzed":90`, 1))
	if said := d.run(3, append(verify, "--inputs", "@archive")...); !strings.Contains(said, "failed     inputs") {
		t.Errorf("changed inputs are not told:\n%s", said)
	}
	if said := d.disclose(3, "--output", "@tampered.json"); !strings.Contains(said, "quality.findings (findings): chain-broken") {
		t.Errorf("a changed archive is disclosed:\n%s", said)
	}
	d.write("org.toml", disclosingOrg+"[acknowledged]\nchain-broken = \"changed by a test\"\n")
	d.disclose(0, "--output", "@tampered.json")
}

// TestSameInputsSameBytes discloses a split archive and the whole, in another order.
func TestSameInputsSameBytes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	archived(t, d.path("b/x.ndjson"), "2026-01-01", 31)
	d.disclose(0, "--output", "@r1.json", "--input", "@b")
	d.disclose(0, "--output", "@r2.json")
	args := []string{"disclose", "--from", "2026-01-01", "--to", "2026-01-31", "--input", "@b", "--input", "@archive", "--org", "@org.toml", "--intent", "official", "--as-of", "2026-02-03", "--output", "@r3.json"}
	d.run(0, args...)
	if !bytes.Equal(d.read("r1.json"), d.read("r3.json")) {
		t.Error("the order of inputs changes the document")
	}
	totals := regexp.MustCompile(`"totals":\{[^}]*\}`)
	if a, b := totals.Find(d.read("r1.json")), totals.Find(d.read("r2.json")); !bytes.Equal(a, b) || len(a) == 0 {
		t.Errorf("a copied file is counted:\n%s\n%s", a, b)
	}
	if said := d.disclose(1, "--output", "@r1.json"); !strings.Contains(said, "exists, with another content") {
		t.Errorf("got %s", said)
	}
	d.disclose(0, "--output", "@r2.json")
}

// TestSeriesAndRestatement chains two months, and restates one.
func TestSeriesAndRestatement(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.disclose(0, "--output", "@jan.json")
	archived(t, d.path("archive/windows-2.ndjson"), "2026-02-01", 28)
	d.run(0, "disclose", "--month", "2026-02", "--input", "@archive", "--org", "@org.toml", "--intent", "official",
		"--as-of", "2026-03-03", "--previous", "@jan.json", "--output", "@feb.json")
	d.run(0, "verify", "@feb.json", "--previous", "@jan.json")
	d.run(3, "verify", "@feb.json", "--previous", "@feb.json")

	archived(t, d.path("archive/late.ndjson"), "2026-01-15", 1)
	late := strings.ReplaceAll(string(d.read("archive/late.ndjson")), `"orders"`, `"stock"`)
	d.write("archive/late.ndjson", late)
	d.write("org.toml", strings.Replace(disclosingOrg, "= 2", "= 3", 1)+"[acknowledged]\nchain-broken = \"relabelled by a test\"\n")
	d.disclose(0, "--restates", "@jan.json", "--output", "@jan-b.json")
	for _, want := range []string{`"cause":"late","text":"late.ndjson is new, with 1 windows"`, `"figure":"energy_kwh"`, `"restates":{`} {
		if !bytes.Contains(d.read("jan-b.json"), []byte(want)) {
			t.Errorf("no %s in\n%s", want, d.read("jan-b.json"))
		}
	}
	if said := d.disclose(3, "--restates", "@feb.json", "--output", "@x.json"); !strings.Contains(said, "another period") {
		t.Errorf("got %s", said)
	}
}

// TestCommandsOfTheManual runs what docs/DISCLOSURE.md tells auditors to do with standard
// tools, and wants it to fail on a document that was changed.
func TestCommandsOfTheManual(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "jq", "openssl", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			testenv.Skip(t, "auditing", tool+" is not installed")
		}
	}
	d := newDesk(t)
	d.run(0, "key", "new", "--output", "@disclosure.key")
	d.disclose(0, "--key", "@disclosure.key", "--output", "@2026-Q1.json")
	manual, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "DISCLOSURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(manual), -1)
	if len(blocks) < 6 {
		t.Fatalf("%d blocks of commands", len(blocks))
	}
	run := func() (failed int) {
		for _, block := range blocks {
			cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", block[1])
			cmd.Dir = d.dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Logf("%s%s%v", block[1], out, err)
				failed++
			}
		}
		return failed
	}
	if failed := run(); failed > 0 {
		t.Errorf("%d commands fail on a sound document", failed)
	}
	text := string(d.read("2026-Q1.json"))
	d.write("2026-Q1.json", strings.Replace(text, `"energy_kwh":0.`, `"energy_kwh":1.`, 1))
	if run() == 0 {
		t.Error("no command fails on a changed document")
	}
}

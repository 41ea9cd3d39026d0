package config_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/slots"
)

//go:generate go test . -run ^TestDocument$ -update

// TestDocument holds docs/CONFIGURATION.md equal to the table.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := config.Document()
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "../../docs/CONFIGURATION.md", text)
}

// TestTable holds that every setting has one name in file and environment and
// is documented.
func TestTable(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	path := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	for _, section := range config.Settings() {
		if section.Title == "" {
			t.Error("a section without a title")
		}
		for _, s := range section.Settings {
			if !path.MatchString(s.Path) {
				t.Errorf("%s: not the path of a setting", s.Path)
			}
			if other, ok := seen[s.Env()]; ok {
				t.Errorf("%s and %s are both %s", s.Path, other, s.Env())
			}
			seen[s.Env()] = s.Path
			if !strings.HasSuffix(s.Doc, ".") && !strings.HasSuffix(s.Doc, "`.") {
				t.Errorf("%s: the description is no sentence: %q", s.Path, s.Doc)
			}
		}
	}
	for env, p := range seen {
		for _, other := range seen {
			if strings.HasPrefix(other, p+".") {
				t.Errorf("%s (%s) is a setting and the section of %s", p, env, other)
			}
		}
	}
}

// TestShow holds that what config show prints can be read again and means the same,
// secrets apart.
func TestShow(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"facility": facility, "default": ""} {
		l := load(t, text, "DENDRO_TIME_ZONE=Europe/Berlin")
		var shown bytes.Buffer
		if err := l.Show(&shown); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(shown.String(), "s3cr") || strings.Contains(shown.String(), "tenant") {
			t.Errorf("%s: a secret is shown", name)
		}
		printed := regexp.MustCompile(`# /.*/dendro.yaml`).ReplaceAllString(shown.String(), "# dendro.yaml")
		golden.Equal(t, "testdata/show-"+name+".yaml", printed)
		again, err := config.Load(config.Input{File: write(t, shown.String())})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again.Source.Prometheus.Server.Password = l.Source.Prometheus.Server.Password
		again.Source.Prometheus.Server.Header = maps.Clone(l.Source.Prometheus.Server.Header)
		options := cmp.Options{
			cmp.Comparer(func(a, b account.HostKey) bool { return true }),
			cmpopts.EquateEmpty(),
			cmp.Transformer("slots", func(c slots.Config) []any {
				return []any{c.Grace, c.Recheck, c.ReviseFor, c.CatchUp, c.OpenEvery, c.RetryAfter, c.RetryMax, c.ReadSlots, c.Parallel}
			}),
		}
		if diff := cmp.Diff(l.Config, again.Config, options); diff != "" {
			t.Errorf("%s: read again: %s", name, diff)
		}
	}
}

// TestShowAddress holds that the password in a URL is not shown.
func TestShowAddress(t *testing.T) {
	t.Parallel()
	l := load(t, "source: {kind: prometheus, prometheus: {url: 'https://me:s3cret@p.example.org/x'}}")
	var shown bytes.Buffer
	if err := l.Show(&shown); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(shown.String(), "s3cret") || !strings.Contains(shown.String(), "https://me@p.example.org/x") {
		t.Errorf("shown is %s", &shown)
	}
}

// FuzzLoad holds that no text makes reading panic or hang, that what is wrong is a
// list of problems, and that what is right can be shown and read again.
func FuzzLoad(f *testing.F) {
	f.Add(facility)
	f.Add("slot: 30m\nlog: {level: info}\n")
	f.Add("a: &a [*a]\n")
	f.Add("? [x]\n: y\n")
	f.Add("slot: 9223372036854775807h\ngrace: -1s\n")
	f.Add("energy: {model: {curve: [{use: 1e400, power_w: .inf}]}}\n")
	f.Add("\xff\xfe: 1\n")
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "file") {
			return // would read files of the machine
		}
		file, err := os.CreateTemp(folder, "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(file.Name())
		if _, err := file.WriteString(text); err != nil {
			t.Fatal(err)
		}
		file.Close()
		l, err := config.Load(config.Input{File: file.Name(), Env: []string{"HOME=/h"}})
		var list diag.List
		if err != nil {
			if !errors.As(err, &list) {
				t.Fatalf("%q: %v is no list of problems", text, err)
			}
			return
		}
		var shown bytes.Buffer
		if err := l.Show(&shown); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := os.WriteFile(file.Name(), shown.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(config.Input{File: file.Name()}); err != nil {
			t.Fatalf("%q is shown as\n%s\nwhich is refused: %v", text, &shown, err)
		}
	})
}

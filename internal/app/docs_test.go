package app_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
)

// TestExamples holds that the example configurations are valid, wired as a server
// would wire them. Files that only exist where they are meant for are replaced.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/config/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	secrets := t.TempDir()
	for name, secret := range map[string]string{
		"prometheus": "s3cret\n", "metrics": "s3cret\n", "mongo": "mongodb://reader:s3cret@127.0.0.1:1/\n",
		"tokens": "grafana read " + strings.Repeat("0f", 32) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS("../../examples/config")); err != nil {
				t.Fatal(err)
			}
			copied := filepath.Join(folder, filepath.Base(file))
			text, err := os.ReadFile(copied)
			if err != nil {
				t.Fatal(err)
			}
			here := strings.NewReplacer("/run/secrets", secrets, "/etc/dendro/tokens", filepath.Join(secrets, "tokens")).Replace(string(text))
			if err := os.WriteFile(copied, []byte(here), 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := config.Load(config.Input{File: copied, Env: []string{"HOME=/home/someone"}})
			if err != nil {
				t.Fatal(err)
			}
			if err := app.Check(t.Context(), &l.Config, app.Deps{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMetricsDocumented holds docs/OPERATIONS.md and /metrics equal: every metric
// that a server gives has a row, and every row is a metric of the program.
func TestMetricsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(dendro_\\w+)").FindAllStringSubmatch(string(doc), -1) {
		documented = append(documented, m[1])
	}
	a := serve(t, settings(t, nobody))
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (dendro_\w+)`).FindAllStringSubmatch(get(t, a.URL()+"/metrics"), -1) {
		if !slices.Contains(documented, m[1]) {
			t.Errorf("%s has no row in docs/OPERATIONS.md", m[1])
		}
	}
	var source []byte
	for _, name := range []string{"../api/operations.go", "../api/services.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	for _, name := range documented {
		if !strings.Contains(string(source), `"`+strings.TrimPrefix(name, "dendro_")+`"`) {
			t.Errorf("docs/OPERATIONS.md has a row for %s, which does not exist", name)
		}
	}
	for _, m := range regexp.MustCompile(`desc\("(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		if !slices.Contains(documented, "dendro_"+m[1]) {
			t.Errorf("dendro_%s has no row in docs/OPERATIONS.md", m[1])
		}
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, resp.StatusCode, err)
	}
	return string(text)
}

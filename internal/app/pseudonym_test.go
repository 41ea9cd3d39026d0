package app_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/query"
)

// TestPseudonymKey holds that a server makes a key that only its user can read and
// keeps it, that who may only read makes none, and that a configured key is taken
// instead.
func TestPseudonymKey(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	open := func(access app.Access, settings string) *app.Parts {
		file := filepath.Join(t.TempDir(), "dendro.yaml")
		if err := os.WriteFile(file, []byte(fmt.Sprintf("data: %s\nsource: {kind: prometheus, prometheus: {url: 'http://127.0.0.1:1'}}\n", data)+settings), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := config.Load(config.Input{File: file, Env: []string{"HOME=" + data}})
		if err != nil {
			t.Fatal(err)
		}
		p, err := app.Open(t.Context(), &l.Config, app.Deps{}, access)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	asks := func(p *app.Parts) error {
		defer p.Close(context.Background())
		now := time.Now()
		q, err := query.Asked{By: []string{"user"}, Pseudonyms: "true"}.Parse(p.Engine.Calendar(), now)
		if err == nil {
			_, err = p.Engine.Ask(t.Context(), q)
		}
		return err
	}
	path := filepath.Join(data, "pseudonym.key")
	if err := asks(open(app.Write, "")); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil || len(strings.TrimSpace(string(first))) != 64 {
		t.Fatalf("key %q, %v", first, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := asks(open(app.Write, "")); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || string(again) != string(first) {
		t.Errorf("the key has changed: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := asks(open(app.Read, "")); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("without a key: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("who may only read made a key")
	}
	if err := asks(open(app.Read, "people: {pseudonym_key: 0123456789abcdef}\n")); err != nil {
		t.Error(err)
	}
}

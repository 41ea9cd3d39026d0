package config_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/window"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	file := write(t, `
data: data
source: {kind: none}
services: {receive: true, window: 30s, sync: interval, regions: {cart: pl}, archive: {max_age: 6h, compress: true}}
`)
	l, err := config.Load(config.Input{File: file, Env: []string{"HOME=/h"}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := l.ServiceWindows()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(filepath.Dir(file), "data", "windows")
	if w.Window != 30*time.Second || w.Sync != scoring.SyncInterval || w.Journal != filepath.Join(dir, "journal") ||
		w.Scoring.Traces != window.LocalRoots || w.Scoring.ServiceRegions["cart"] != "pl" || w.Scoring.Slot != l.Slot {
		t.Errorf("%+v", w)
	}
	a := l.WindowArchive()
	if a.Dir != dir || a.MaxAge != 6*time.Hour || !a.Compress || a.Unsynced || a.MaxBytes != 100<<20 {
		t.Errorf("%+v", a)
	}
	if strings.Join(l.Levels, " ") != "service region" {
		t.Errorf("levels %q", l.Levels)
	}
}

// The slots of this machine wait for the windows of the services on it.
func TestReceiveWithHostWaitsForWindows(t *testing.T) {
	t.Parallel()
	l, err := config.Load(config.Input{File: write(t, "services: {receive: true, window: 20s}\n"), Env: []string{"HOME=/h"}})
	if err != nil || l.Slots.Grace != 50*time.Second {
		t.Errorf("grace %v, %v", l.Slots.Grace, err)
	}
}

func TestReceiveProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"source: {kind: none}\n":                                "nothing to account for",
		"services: {receive: true, http: '127.0.0.1:99999'}\n":  `services.http: "99999" is not a port`,
		"services: {receive: true, grpc: '', http: ''}\n":       "neither services.grpc nor services.http",
		"services: {receive: true, grpc: '0.0.0.0:4317'}\n":     "everybody there could send spans",
		"services: {receive: true, http: nowhere}\n":            "not a host and a port",
		"services: {receive: true, window: 10ms}\n":             "from 1s to 24h",
		"services: {receive: true, accounts: 0}\n":              "at least 1",
		"services: {receive: true, sync: sometimes}\n":          "always",
		"services: {receive: true, window_bytes: 1}\n":          "at least 65536",
		"services: {receive: true, archive: {max_bytes: -1}}\n": "not below 0",
	} {
		_, err := config.Load(config.Input{File: write(t, text), Env: []string{"HOME=/h"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

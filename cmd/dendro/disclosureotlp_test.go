package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// TestFromSpansToDisclosure sends spans by a real OTLP client through a server for several
// windows, and discloses, signs, verifies and tampers with what that archived.
func TestFromSpansToDisclosure(t *testing.T) {
	t.Parallel()
	p, address := servicesPlace(t)
	server := p.serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	acknowledged := map[string]bool{}
	sendUntil(ctx, t, address, acknowledged, func() {})
	server.stop()

	d := &desk{t, t.TempDir()}
	now := time.Now().UTC()
	windows := filepath.Join(filepath.Dir(p.config), "data", "windows")
	d.run(0, "key", "new", "--output", "@k")
	d.run(0, "disclose", "--from", now.AddDate(0, 0, -1).Format(time.DateOnly), "--to", now.Format(time.DateOnly),
		"--input", windows, "--by", "service", "--key", "@k", "--output", "@r.json", "--quiet")
	text := d.read("r.json")
	document, err := disclosure.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, row := range document.Rows {
		rows[row.Labels.Get("service")] = true
	}
	sent := 0
	for service, ok := range acknowledged {
		if ok {
			sent++
		}
		if ok && !rows[service] {
			t.Errorf("%s was acknowledged and is not disclosed", service)
		}
	}
	if sent == 0 || document.Quality.Windows.Counted < 2 {
		t.Errorf("%d requests in %d windows", sent, document.Quality.Windows.Counted)
	}
	verify := []string{"verify", "@r.json", "--key", "@k.pub", "--inputs", windows}
	if said := d.run(0, verify...); !strings.Contains(said, "ok         inputs") {
		t.Errorf("got\n%s", said)
	}
	d.write("r.json", string(bytes.Replace(text, []byte(`"requests":`), []byte(`"requests":1`), 1)))
	d.run(3, verify...)
}

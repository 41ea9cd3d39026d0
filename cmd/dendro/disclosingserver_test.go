package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
	"github.com/dendro-carbon/dendro/internal/window"
)

// days writes an archive of closed files, each of a day from a date on, by the archive's
// own writer.
func (d *desk) days(name, from string, days int) {
	d.Helper()
	a, err := archive.Open(archive.Config{Dir: d.path(name), MaxBytes: 1, Unsynced: true})
	if err != nil {
		d.Fatal(err)
	}
	begin, err := time.Parse(time.DateOnly, from)
	if err != nil {
		d.Fatal(err)
	}
	c := window.Defaults()
	c.Places = map[string]window.Place{"eu-west-3": {Annual: 41.5, PUE: 1.15}}
	c.DefaultRegion = "eu-west-3"
	for day := range days {
		start := begin.AddDate(0, 0, day)
		end := start.AddDate(0, 0, 1)
		w, err := window.Score(c, spansOf(start), window.Conditions{
			From: start.UnixNano(), To: end.UnixNano(), Readings: []window.Reading{window.Always(window.EnergyScaphandre, "orders", 5e-4)},
		})
		if err == nil {
			_, err = a.Next(end)
		}
		if err == nil {
			_, err = a.Append(&w, end.Add(-time.Second))
		}
		if err != nil {
			d.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		d.Fatal(err)
	}
}

// TestPruningWaitsForDisclosures has a server prune an archive of two months, of which one
// is disclosed. The last day of January reaches to the end of it; the first of February is
// of no disclosed time.
func TestPruningWaitsForDisclosures(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.days("data/windows", "2026-01-28", 8)
	if err := os.MkdirAll(d.path("data/disclosures"), 0o777); err != nil {
		t.Fatal(err)
	}
	month := []string{"disclose", "--from", "2026-01-28", "--to", "2026-01-31", "--input", "@data/windows", "--output", "@data/disclosures/jan.json", "--quiet"}
	d.run(0, month...)
	said := d.run(0, "archive", "ls", "@data/windows", "--disclosures", "@data/disclosures")
	if yes, no := strings.Count(said, "  yes  "), strings.Count(said, "  no  "); yes != 4 || no != 4 {
		t.Fatalf("%d files are disclosed and %d are not in\n%s", yes, no, said)
	}
	files := func() int {
		found, err := filepath.Glob(d.path("data/windows/windows-*.ndjson*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	config := func(keep string) string {
		write(t, d.path("dendro.yaml"), fmt.Sprintf("data: %s\nlisten: 127.0.0.1:0\nsource: {kind: none}\n"+
			"services: {receive: true, grpc: '', http: '127.0.0.1:0', archive: {keep: 1d%s, compress: true}}\n", d.path("data"), keep))
		return d.path("dendro.yaml")
	}
	wait := func(want int) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); files() != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d closed files are left, want %d", files(), want)
			}
		}
	}
	first := place{config("")}.serve(t)
	wait(3)
	time.Sleep(200 * time.Millisecond) // what is not disclosed would go at the same time
	wait(3)
	if err := first.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.ended
	if said := d.run(0, "archive", "ls", "@data/windows", "--disclosures", "@data/disclosures"); strings.Count(said, "pruned") != 4 || strings.Contains(said, "  yes  ") {
		t.Errorf("what was pruned is not told, or more was disclosed:\n%s", said)
	}
	place{config(", prune_undisclosed: true")}.serve(t)
	wait(0)
}

// TestDiscloseWhileTheServerRuns discloses a ledger in SQLite that a server has open, and
// wants the facts of the period pinned by it.
func TestDiscloseWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	to := time.Now().UTC().Truncate(30 * time.Minute).Add(-time.Hour)
	from := to.Add(-2 * time.Hour)
	p := installation(t, promtest.Start(t, promtest.Options{Text: wave(from.Add(-time.Hour), time.Now())}).URL, ukgridtest.Start(t).URL)
	span := []string{"--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339)}
	p.run(t, append([]string{"backfill", "--quiet"}, span...)...)
	p.serve(t)
	folder := filepath.Dir(p.config)
	document := filepath.Join(folder, "r.json")
	p.run(t, append([]string{"disclose", "--ledger", "--by", "group", "--output", document}, span...)...)
	if said := p.run(t, "verify", document, "--ledger"); !strings.Contains(said, "ok         inputs") {
		t.Errorf("the ledger does not give the figures:\n%s", said)
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(folder, "data", "ledger.db"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	pins, err := store.Pins(t.Context())
	if err != nil || len(pins) != 1 || pins[0].Name != "sha256:"+disclosure.Hash(text) || pins[0].Span != account.NewSpan(from, to) {
		t.Errorf("pins are %+v, %v", pins, err)
	}
}

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDisclosuresPage runs web/test/disclosures.mjs: the dashboard over disclosures that
// the program made and a key signed, one that was forged, and what is none; and over a
// server without any.
func TestDisclosuresPage(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a minute")
	}
	t.Parallel()
	browser := browserTests(t)
	d := newDesk(t)
	d.run(0, "key", "new", "--output", "@k")
	if err := os.Mkdir(d.path("disclosures"), 0o777); err != nil {
		t.Fatal(err)
	}
	forms := []string{"--key", "@k", "--format", "html,csv"}
	d.disclose(0, append([]string{"--output", "@disclosures/jan.json"}, forms...)...)
	archived(t, d.path("archive/windows-2.ndjson"), "2026-02-01", 28)
	d.run(0, append([]string{
		"disclose", "--month", "2026-02", "--input", "@archive", "--org", "@org.toml", "--intent", "official", "--as-of", "2026-03-03",
		"--previous", "@disclosures/jan.json", "--output", "@disclosures/feb.json",
	}, forms...)...)
	archived(t, d.path("late/late.ndjson"), "2026-01-15", 1)
	d.write("late/late.ndjson", strings.ReplaceAll(string(d.read("late/late.ndjson")), `"orders"`, `"stock"`))
	d.write("org.toml", strings.Replace(disclosingOrg, "= 2", "= 3", 1)+"[acknowledged]\nchain-broken = \"relabelled by a test\"\n")
	d.disclose(0, append([]string{"--input", "@late", "--restates", "@disclosures/jan.json", "--as-of", "2026-03-05", "--output", "@disclosures/jan-b.json"}, forms...)...)
	for _, suffix := range []string{".json", ".intoto.json", ".dsse.json"} {
		text := d.read("disclosures/feb" + suffix)
		if suffix == ".json" {
			text = bytes.Replace(text, []byte(`"energy_kwh":0.`), []byte(`"energy_kwh":1.`), 1)
		}
		d.write("disclosures/forged"+suffix, string(text))
	}
	d.write("disclosures/notes.json", "{\"what\": \"no disclosure\"}\n")
	d.write("disclosures/orphan.dsse.json", "{}\n")

	config := func(name, more string) string {
		path := d.path(name + ".yaml")
		write(t, path, fmt.Sprintf("data: %s\nlisten: 127.0.0.1:0\nsource: {kind: none}\nservices: {receive: true, grpc: '', http: '127.0.0.1:0'}\n%s", d.path(name), more))
		return path
	}
	full := config("full", fmt.Sprintf("disclosures: {dir: %s, keys: [%s], archives: [%s]}\n", d.path("disclosures"), d.path("k.pub"), d.path("archive")))
	browser.run("test/disclosures.mjs", "DENDRO_DISCLOSED="+serveFor(t, "--config", full), "DENDRO_NONE="+serveFor(t, "--config", config("none", "")),
		"DENDRO_FOLDER="+d.path("disclosures"), "DENDRO_KEY="+d.path("k.pub"))
}

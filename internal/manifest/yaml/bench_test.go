package yaml_test

import (
	"bytes"
	"testing"

	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/testenv/gen"
)

func generated(b *testing.B, components, steps int) []byte {
	b.Helper()
	var buf bytes.Buffer
	if err := gen.Manifest(&buf, components, steps, "both"); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkRead reads 100 components of 1,440 rows, 18 MB, on all cores.
func BenchmarkRead(b *testing.B) {
	data := generated(b, 100, 1440)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := yaml.Read("m.yml", data, yaml.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadByLibrary reads 10 components of 144 rows without the scanner.
func BenchmarkReadByLibrary(b *testing.B) {
	data := generated(b, 10, 144)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := yaml.Read("m.yml", data, yaml.Options{LibraryOnly: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFind finds the lists, on one core.
func BenchmarkFind(b *testing.B) {
	src := string(generated(b, 100, 1440))
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if n := len(scan.Find(src, scan.Options{Keys: []string{"inputs", "outputs"}})); n != 100 {
			b.Fatal(n)
		}
	}
}

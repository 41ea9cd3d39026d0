package scan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/manifest/scan"
)

// BenchmarkRows scans one list of 10,000 rows on one core, in the ways in which
// lists are written.
func BenchmarkRows(b *testing.B) {
	for _, style := range []struct{ name, row string }{
		{"Quoted", "    - timestamp: '%s'\n      duration: 60\n      cpu/utilization: %d.%d\n"},
		{"Unquoted", "    - timestamp: %s\n      duration: 60\n      cpu/utilization: %d.%d\n"},
		{"Labels", "    - timestamp: '%s'\n      duration: 60\n      cloud/vendor: aws\n      load: %d.%d\n      region: eu west\n"},
		{"Digits", "    - timestamp: '%s'\n      energy: 0.00012345678901%d%d\n      carbon: 1.2345678901234567e-7\n"},
		{"Flow", "    - {timestamp: '%s', duration: 60, cpu/utilization: %d.%d}\n"},
	} {
		b.Run(style.name, func(b *testing.B) {
			var text strings.Builder
			text.WriteString("inputs:\n")
			at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			for i := range 10_000 {
				fmt.Fprintf(&text, style.row, at.Add(time.Duration(i)*time.Minute).Format("2006-01-02T15:04:05.000Z"), i*17%100, i%10)
			}
			src := text.String()
			list := scan.Find(src, scan.Options{Keys: []string{"inputs"}})[0]
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if f, _, ok := new(scan.Reader).Rows(src, list, false); !ok || f.Len() != 10_000 {
					b.Fatal("not read")
				}
			}
		})
	}
}

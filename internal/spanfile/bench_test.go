package spanfile_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/internal/window"
)

// otlpLines returns requests as the Collector's file exporter writes them.
func otlpLines(tb testing.TB, requests int) []byte {
	tb.Helper()
	var file bytes.Buffer
	traffic := otlptest.Traffic{Spans: 256}
	for n := range requests {
		file.Write(otlptest.JSON(tb, traffic.Request(n)))
		file.WriteByte('\n')
	}
	return file.Bytes()
}

// events returns an array of native events, each on lines of its own as the
// original's tools write them, or all on one line.
func events(count int, pretty bool) []byte {
	gap := ""
	if pretty {
		gap = "\n  "
	}
	var file bytes.Buffer
	at := time.Date(2025, 7, 10, 14, 32, 1, 0, time.UTC)
	file.WriteByte('[')
	for i := range count {
		if i > 0 {
			file.WriteByte(',')
		}
		fmt.Fprintf(&file, `%[1]s{%[1]s"timestamp": "%[2]s",%[1]s"trace_id": "%032[3]x",%[1]s"span_id": "%016[4]x",%[1]s`+
			`"service": "order-svc-%[5]d",%[1]s"type": "sql",%[1]s"operation": "SELECT",%[1]s`+
			`"target": "SELECT * FROM order_item WHERE order_id = %[4]d",%[1]s"duration_us": %[6]d,%[1]s`+
			`"source": {%[1]s  "endpoint": "POST /api/orders/%[5]d/submit",%[1]s  "method": "OrderService::create_order"%[1]s},%[1]s`+
			`"cloud_region": "eu-west-3"%[1]s}`,
			gap, at.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), i/6+1, i+1, i%8, 300+i%900)
	}
	file.WriteString("]\n")
	return file.Bytes()
}

// What reading files costs on one core, from memory.
func BenchmarkRead(b *testing.B) {
	lines, array, pretty := otlpLines(b, 100), events(50_000, false), events(50_000, true)
	for _, c := range []struct {
		name string
		file []byte
	}{{"otlp", lines}, {"native", array}, {"native-pretty", pretty}, {"otlp-gzip", zipped(b, lines)}} {
		b.Run(c.name, func(b *testing.B) {
			size := len(c.file)
			if c.name == "otlp-gzip" {
				size = len(lines) // what counts is the content
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var spans int64
			for b.Loop() {
				summary, err := spanfile.Read(c.name, bytes.NewReader(c.file), spanfile.Limits{},
					func([]window.Span) error { return nil })
				if err != nil || len(summary.Problems) > 0 {
					b.Fatal(summary, err)
				}
				spans += summary.Spans
			}
			b.ReportMetric(float64(spans)/b.Elapsed().Seconds(), "spans/s")
		})
	}
}

func zipped(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

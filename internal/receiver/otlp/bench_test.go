package otlp_test

import (
	"context"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/internal/window"
)

// perSpan reports spans a second, and bytes by b.SetBytes.
func perSpan(b *testing.B, requests [][]byte, spans int) {
	b.Helper()
	size := 0
	for _, r := range requests {
		size += len(r)
	}
	b.SetBytes(int64(size / len(requests)))
	b.ReportMetric(float64(b.N)*float64(spans)/b.Elapsed().Seconds(), "spans/s")
	b.ReportMetric(float64(size)/float64(len(requests))/float64(spans), "B/span")
}

// What decoding protobuf costs, with what an SDK and what a Collector sends.
func BenchmarkDecoder(b *testing.B) {
	for _, traffic := range []otlptest.Traffic{{}, {Spans: 8192, Resources: 8}, {Legacy: true}} {
		b.Run(fmt.Sprintf("spans=%d,legacy=%v", max(traffic.Spans, 512), traffic.Legacy), func(b *testing.B) {
			requests := traffic.Encoded(b, 16)
			decoder := otlp.NewDecoder()
			var spans []window.Span
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				var err error
				if spans, _, err = decoder.Request(requests[n%len(requests)], spans[:0], 1<<20); err != nil {
					b.Fatal(err)
				}
				n++
			}
			perSpan(b, requests, len(spans))
		})
	}
}

// The same requests by the generated code of proto/otlp, decoded alone.
func BenchmarkGenerated(b *testing.B) {
	requests := otlptest.Traffic{}.Encoded(b, 16)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var request trace.TracesData
		if err := proto.Unmarshal(requests[n%len(requests)], &request); err != nil {
			b.Fatal(err)
		}
		n++
	}
	perSpan(b, requests, 512)
}

// counting is a sink that takes everything and keeps nothing.
type counting struct{}

func (counting) Accept(context.Context, *otlp.Batch) error { return nil }

// What receiving costs, client and server in one process: requests that are
// encoded already, several at a time over one connection.
func BenchmarkServer(b *testing.B) {
	for _, c := range []struct {
		name    string
		traffic otlptest.Traffic
	}{{"SDK", otlptest.Traffic{Spans: 512}}, {"Collector", otlptest.Traffic{Spans: 8192, Resources: 8}}} {
		b.Run(c.name, func(b *testing.B) {
			r := start(b, otlp.Config{}, counting{})
			client := r.dial(b)
			requests := c.traffic.Encoded(b, 16)
			b.SetParallelism(4)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for n := 0; pb.Next(); n++ {
					if _, err := client.Send(context.Background(), requests[n%len(requests)]); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.StopTimer()
			perSpan(b, requests, c.traffic.Spans)
			r.stop()
		})
	}
}

package app_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
)

// BenchmarkServices is all that a span costs: sent over gRPC by a client on the same
// machine, decoded, journaled, counted, archived and booked. What was acknowledged is
// in the archive at the end.
func BenchmarkServices(b *testing.B) {
	for _, traffic := range []struct {
		name string
		otlptest.Traffic
	}{{"SDK", otlptest.Traffic{Spans: 512}}, {"Collector", otlptest.Traffic{Spans: 8192, Resources: 8}}} {
		b.Run(traffic.name, func(b *testing.B) {
			c := receiving(b, map[string]string{"services.window": "5s", "slot": "30s"})
			a, err := app.New(b.Context(), c, app.Deps{})
			if err != nil {
				b.Fatal(err)
			}
			a.Start()
			grpc, _ := a.Receiving()
			client, err := otlptest.Dial(grpc)
			if err != nil {
				b.Fatal(err)
			}
			traffic.Start = time.Now()
			requests := traffic.Encoded(b, 1<<15/traffic.Spans)
			var sent atomic.Uint64
			b.SetParallelism(8)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for n := 0; pb.Next(); n++ {
					if _, err := client.Send(context.Background(), requests[n%len(requests)]); err != nil {
						b.Error(err)
						return
					}
					sent.Add(uint64(traffic.Spans))
				}
			})
			stopServices(b, a)
			b.StopTimer()
			b.ReportMetric(float64(sent.Load())/b.Elapsed().Seconds(), "spans/s")
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			b.ReportMetric(float64(memory.Sys)/(1<<20), "MiB")
			if err := client.Close(); err != nil {
				b.Error(err)
			}
			if got := readArchive(b, c); got.spans != sent.Load() {
				b.Errorf("sent %d, archived %d", sent.Load(), got.spans)
			}
		})
	}
}

func stopServices(b *testing.B, a *app.App) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		b.Error(err)
	}
}

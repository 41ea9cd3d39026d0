package builtin_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/value"
)

// benchRows is a day of minutes.
const benchRows = 1440

// benchFrame has no constant columns.
func benchFrame() *frame.Frame {
	random := rand.New(rand.NewPCG(1, 1))
	times, names := make([]int64, benchRows), make([]string, benchRows)
	for i := range times {
		times[i] = int64(i) * 60000
		names[i] = fmt.Sprintf("host-%d", random.IntN(1000))
	}
	cols := []*frame.Column{frame.NewTimes("timestamp", times, value.ISOMillis), frame.NewTexts("name", names)}
	for _, name := range []string{"duration", "a", "b", "c", "carbon", "vCPUs", "memory"} {
		nums := make([]float64, benchRows)
		for i := range nums {
			nums[i] = 1 + 90*random.Float64()
		}
		cols = append(cols, frame.NewNumbers(name, nums))
	}
	return frame.New(benchRows, cols...)
}

// BenchmarkRun measures each plugin on a day of one component, as results per
// second; "constant" has a row's numbers in constant columns.
func BenchmarkRun(b *testing.B) {
	in := benchFrame()
	constant := in.Take(make([]int, benchRows))
	for i, e := range rowwise() {
		name := e.method
		if i > 0 && rowwise()[i-1].method == e.method {
			name += "-2"
		}
		b.Run(name, func(b *testing.B) { benchmark(b, e, compat.Options{}, in) })
		b.Run(name+"/constant", func(b *testing.B) { benchmark(b, e, compat.Options{}, constant) })
		if !strings.ContainsAny(e.config, "+=") {
			b.Run(name+"/if11", func(b *testing.B) { benchmark(b, e, compat.IF11(), in) })
		}
	}
}

func benchmark(b *testing.B, e example, opts compat.Options, in *frame.Frame) {
	p, err := builtin.New(specOf(b, e), opts)
	if err != nil {
		b.Fatal(err)
	}
	env := &builtin.Env{Options: opts, First: true}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Run(context.Background(), env, in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "values/s")
}

func BenchmarkNew(b *testing.B) {
	spec := specOf(b, rowwise()[9])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := builtin.New(spec, compat.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

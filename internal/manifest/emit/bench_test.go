package emit_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// large returns a document as a day of minutes of so many components makes it:
// inputs of ten keys, outputs of eighteen, half of them numbers of 16 digits.
func large(components int) *emit.Document {
	const rows = 1440
	r := rand.New(rand.NewPCG(1, 2))
	times := make([]int64, rows)
	for i := range times {
		times[i] = 1702339200000 + int64(i)*60000
	}
	constant := func(name string, v value.Value) *frame.Column { return frame.NewConstant(name, rows, v) }
	numbers := func(name string, scale float64) *frame.Column {
		nums := make([]float64, rows)
		for i := range nums {
			nums[i] = r.Float64() * scale
		}
		return frame.NewNumbers(name, nums)
	}
	root := tree.New("", "tree")
	var children []*tree.Node
	for i := range components {
		name := fmt.Sprintf("server-%d", i)
		n := tree.New(name, "tree.children."+name)
		short := make([]float64, rows)
		for j := range short {
			short[j] = float64(r.IntN(10000)) / 100
		}
		cols := []*frame.Column{
			frame.NewTimes("timestamp", times, value.ISOMillis), constant("duration", value.OfNumber(60)),
			frame.NewNumbers("cpu/utilization", short), constant("cloud/instance-type", value.OfText("m5.xlarge")), constant("region", value.OfText("eu-west-1")),
			constant("grid/carbon-intensity", value.OfNumber(412.5)), constant("device/emissions-embodied", value.OfNumber(1533.12)), constant("time-reserved", value.OfNumber(3600)),
			constant("device/expected-lifespan", value.OfNumber(94608000)), constant("vcpus-allocated", value.OfNumber(4)),
		}
		n.SetInputs(frame.New(rows, cols...))
		for _, name := range []string{"cpu/power", "cpu/energy", "memory/energy", "network/energy", "energy", "carbon-operational", "carbon-embodied", "carbon"} {
			cols = append(cols, numbers(name, 0.05))
		}
		n.SetOutputs(frame.New(rows, cols...))
		children = append(children, n)
	}
	root.SetChildren(children)
	return &emit.Document{Head: pairsOf("name", value.OfText("large")), Tree: root}
}

func BenchmarkWrite(b *testing.B) {
	doc := large(20)
	writers := []struct {
		name  string
		write func(io.Writer, *emit.Document, emit.Options) error
	}{{"YAML", emit.YAML}, {"JSON", emit.JSON}, {"CSV", emit.CSV}}
	for _, wr := range writers {
		var buf bytes.Buffer
		if err := wr.write(&buf, doc, emit.Options{}); err != nil {
			b.Fatal(err)
		}
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", wr.name, workers), func(b *testing.B) {
				b.SetBytes(int64(buf.Len()))
				b.ReportAllocs()
				for b.Loop() {
					if err := wr.write(io.Discard, doc, emit.Options{Workers: workers}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// The limit: the same bytes, which are already there, copied in chunks of the
// same size.
func BenchmarkWriteLimit(b *testing.B) {
	var buf bytes.Buffer
	if err := emit.YAML(&buf, large(20), emit.Options{}); err != nil {
		b.Fatal(err)
	}
	chunk := make([]byte, 256<<10)
	b.SetBytes(int64(buf.Len()))
	for b.Loop() {
		for rest := buf.Bytes(); len(rest) > 0; {
			n := copy(chunk, rest)
			rest = rest[n:]
		}
	}
}

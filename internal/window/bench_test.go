package window_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// stream returns spans as a busy collector sends them: 64 services in 4 regions.
func stream(n int) []window.Span {
	r := rand.New(rand.NewPCG(1, 1))
	regions := []string{"eu-west-3", "us-east-1", "pl", ""}
	names, endpoints := make([]string, 64), make([]string, 20)
	for i := range names {
		names[i] = fmt.Sprintf("service-%02d", i)
	}
	for i := range endpoints {
		endpoints[i] = fmt.Sprintf("GET /resource/%d", i)
	}
	out := make([]window.Span, n)
	for i := range out {
		service := r.IntN(len(names))
		out[i] = window.Span{
			Service: names[service], Region: regions[service%4], Environment: "production", Endpoint: endpoints[r.IntN(len(endpoints))],
			Callee: names[r.IntN(len(names))], Trace: window.TraceID{byte(i / 6), byte(i / 6 >> 8), byte(i / 6 >> 16), 1},
			Start: july + int64(i)*int64(time.Microsecond), Duration: 1e6, ResponseBytes: r.Int64N(1 << 21),
			Kind: window.Kind(r.IntN(4)), Verb: window.Verb(r.IntN(5)), LocalRoot: i%6 == 0,
		}
	}
	return out
}

func benchConfig(rule window.TraceRule) window.Config {
	c := in("eu-west-3")
	c.Traces = rule
	c.ServiceRegions = map[string]string{"service-01": "us-east-1", "service-02": "pl", "service-63": "eu-west-3"}
	return c
}

// BenchmarkAdd counts spans of a stream, as the daemon does.
func BenchmarkAdd(b *testing.B) {
	all := stream(1 << 16)
	s, err := window.New(benchConfig(window.LocalRoots))
	if err != nil {
		b.Fatal(err)
	}
	for i := range all {
		s.Add(&all[i]) // so that all names are known
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.Add(&all[i&(len(all)-1)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mspans/s")
}

// BenchmarkAddMetered counts spans of services with meters, in ticks of a second.
func BenchmarkAddMetered(b *testing.B) {
	all := stream(1 << 16)
	for i := range all {
		all[i].Start = july + int64(i)*int64(time.Millisecond)
	}
	c := benchConfig(window.LocalRoots)
	for i := range 64 {
		c.Metered = append(c.Metered, fmt.Sprintf("service-%02d", i))
	}
	s, err := window.New(c)
	if err != nil {
		b.Fatal(err)
	}
	for i := range all {
		s.Add(&all[i])
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.Add(&all[i&(len(all)-1)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mspans/s")
}

// BenchmarkScoreBatch scores a batch of spans whole, traces told apart.
func BenchmarkScoreBatch(b *testing.B) {
	all := stream(1 << 16)
	s, err := window.New(benchConfig(window.DistinctTraces))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range all {
			s.Add(&all[i])
		}
		s.Close(window.Conditions{})
	}
	b.ReportMetric(float64(b.N)*float64(len(all))/b.Elapsed().Seconds()/1e6, "Mspans/s")
}

// BenchmarkClose prices a window of 64 services and writes its line.
func BenchmarkClose(b *testing.B) {
	all := stream(1 << 12)
	s, err := window.New(benchConfig(window.LocalRoots))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range all {
			s.Add(&all[i])
		}
		w := s.Close(window.Conditions{})
		if _, _, err := window.AppendLine(nil, window.Envelope{Prev: window.ChainSeed, Time: time.Unix(0, july)}, &w); err != nil {
			b.Fatal(err)
		}
	}
}

// recorded returns a line of about 12 kB.
func recorded(b *testing.B) []byte {
	c, when, all := random(rand.New(rand.NewPCG(1, 9)), 500)
	w := score(b, c, all, when)
	w.Detail = nil
	line, _, err := window.AppendLine(nil, window.Envelope{Prev: window.ChainSeed, Time: time.Unix(0, july)}, &w)
	if err != nil {
		b.Fatal(err)
	}
	return line
}

// BenchmarkDecode reads a line of the original's shape.
func BenchmarkDecode(b *testing.B) {
	text := recorded(b)
	var d window.Decoder
	var line window.Line
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(text, &line); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify recomputes the hash of a line.
func BenchmarkVerify(b *testing.B) {
	text := recorded(b)
	var v window.Verifier
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := v.Verify(text); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

// BenchmarkDecodeRecorded reads and verifies lines of the original.
func BenchmarkDecodeRecorded(b *testing.B) {
	lines := archives(b)["clean.ndjson"]
	var d window.Decoder
	var v window.Verifier
	var line window.Line
	size := 0
	for _, text := range lines {
		size += len(text)
	}
	b.SetBytes(int64(size / len(lines)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		text := lines[i%len(lines)]
		i++
		if err := d.Decode(text, &line); err != nil {
			b.Fatal(err)
		}
		if ok, err := v.Verify(text); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

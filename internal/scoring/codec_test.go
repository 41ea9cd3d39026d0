package scoring

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/window"
)

// varied returns spans that differ in every field.
func varied() []window.Span {
	return []window.Span{
		{Service: "a", Region: "pl", Environment: "prod", Endpoint: "GET /", Callee: "b", Start: 1e18, Duration: 5, ResponseBytes: 100, Kind: window.KindHTTP, LocalRoot: true},
		{Service: "a", Region: "pl", Environment: "prod", Endpoint: "GET /", Start: 1e18 - 7, Duration: -1, ResponseBytes: window.UnknownSize, Kind: window.KindSQL, Verb: window.VerbDelete},
		{},
		{Service: "é\x00\xff", Endpoint: "a", Start: math.MinInt64, ResponseBytes: math.MaxInt64, Kind: window.KindMessaging},
		{Service: "b", Start: math.MaxInt64, Duration: math.MaxInt64, Verb: window.VerbInsert},
		{Service: "a", Region: "a", Environment: "a", Endpoint: "a", Callee: "a"},
	}
}

func TestBatchIsReadAsWritten(t *testing.T) {
	t.Parallel()
	var e encoder
	for range 2 { // an encoder is used again
		record := e.batch(42, varied(), 3)
		var got decoded
		if err := decodeBatch(record, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(varied(), got.spans); diff != "" || got.received != 42 || got.rejected != 3 {
			t.Errorf("%d %d %s", got.received, got.rejected, diff)
		}
		for n := range record {
			if err := decodeBatch(record[:n], &got); err == nil {
				t.Fatalf("read when cut to %d of %d bytes", n, len(record))
			}
		}
	}
}

func FuzzDecodeBatch(f *testing.F) {
	var e encoder
	f.Add(e.batch(42, varied(), 3))
	f.Add([]byte{recordBatch, 0, 0, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, record []byte) {
		var first, again decoded
		if decodeBatch(record, &first) != nil {
			return
		}
		var e encoder
		if err := decodeBatch(e.batch(first.received, first.spans, first.rejected), &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.spans, again.spans); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever is in a journal, what lies before the damage is read, and what is written
// behind it is read too.
func FuzzReplay(f *testing.F) {
	var e encoder
	whole := appendFrame(nil, append([]byte{recordHeader}, 2))
	whole = appendFrame(whole, e.batch(42, varied(), 3))
	f.Add(whole, uint(len(whole)))
	f.Add(whole, uint(11))
	f.Add(append(whole, 1, 2, 3), uint(1000))
	closed, err := closing{at: account.Mark{File: 1, Seq: 2}, to: 5, readings: []window.Reading{window.Always(window.EnergyKepler, "a", 1)}}.record()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(appendFrame(whole, closed), uint(1000))
	f.Fuzz(func(t *testing.T, content []byte, cut uint) {
		dir := t.TempDir()
		name := filepath.Join(dir, "journal-000000000007.spans")
		if err := os.WriteFile(name, content[:min(uint(len(content)), cut)], 0o600); err != nil {
			t.Fatal(err)
		}
		spans := 0
		r, err := replay(dir, 7, func(_ int64, b *decoded) { spans += len(b.spans) })
		if err != nil {
			t.Fatal(err)
		}
		var e encoder
		if err := r.write(e.batch(1, varied(), 0)); err != nil {
			t.Fatal(err)
		}
		if err := r.file.Close(); err != nil {
			t.Fatal(err)
		}
		more := 0
		again, err := replay(dir, 7, func(_ int64, b *decoded) { more += len(b.spans) })
		if err != nil || more != spans+len(varied()) || again.lost != 0 {
			t.Errorf("%d spans, then %d, %d bytes lost: %v", spans, more, again.lost, err)
		}
		if err := again.file.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestExactSumsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	values := []float64{1e-7, 0.3, 1e-12, 5e-10, 123.456, math.Inf(1), math.NaN(), -1, 2.5e-9}
	var forth, back exact
	for i := range values {
		forth.add(values[i])
		back.add(values[len(values)-1-i])
	}
	if forth != back || forth.energy().String() != "123.756000103 kWh" {
		t.Errorf("%v and %v: %v", forth, back, forth.energy())
	}
	for kwh, want := range map[float64]int64{0.5e-9: 0, 1.5e-9: 2, 2.5e-9: 2, 1e300: math.MaxInt64 / 2} {
		var e exact
		e.add(kwh)
		if got := int64(e.energy()); got != want {
			t.Errorf("%v kWh is %d µWh, want %d", kwh, got, want)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	spans := make([]window.Span, 512)
	for i := range spans {
		spans[i] = varied()[i%2]
		spans[i].Start = int64(i) * int64(time.Millisecond)
	}
	var e encoder
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		size = len(e.batch(1, spans, 0))
	}
	b.ReportMetric(float64(b.N)*float64(len(spans))/b.Elapsed().Seconds()/1e6, "Mspans/s")
	b.ReportMetric(float64(size)/float64(len(spans)), "B/span")
}

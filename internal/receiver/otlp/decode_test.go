package otlp_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/internal/window"
)

// byGenerated makes spans of a request that generated code has read.
func byGenerated(request *trace.TracesData) ([]window.Span, classify.Rejections) {
	names := classify.NewNames()
	var spans []window.Span
	var rejected classify.Rejections
	for _, of := range request.ResourceSpans {
		var attributes classify.Attributes
		set(&attributes, of.GetResource().GetAttributes())
		about := names.Resource(&attributes)
		for _, scope := range of.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				attributes.Reset()
				set(&attributes, s.Attributes)
				record := classify.Record{
					TraceID: s.TraceId, SpanID: s.SpanId, ParentID: s.ParentSpanId,
					Flags: s.Flags, Start: s.StartTimeUnixNano, End: s.EndTimeUnixNano,
				}
				if s.Kind >= 0 && s.Kind <= trace.Span_SPAN_KIND_CONSUMER {
					record.Kind = classify.SpanKind(s.Kind)
				}
				var span window.Span
				if reason := names.Span(&span, &record, &attributes); reason != classify.Accepted {
					rejected[reason]++
					continue
				}
				about.Apply(&span)
				spans = append(spans, span)
			}
		}
	}
	return spans, rejected
}

// set sets attributes as generated code has read them.
func set(a *classify.Attributes, list []*common.KeyValue) {
	for _, kv := range list {
		key := classify.Find([]byte(kv.GetKey()))
		switch value := kv.GetValue().GetValue().(type) {
		case nil, *common.AnyValue_StringValueStrindex: // says nothing
		case *common.AnyValue_StringValue:
			a.SetText(key, []byte(value.StringValue))
		case *common.AnyValue_IntValue:
			a.SetNumber(key, value.IntValue)
		case *common.AnyValue_DoubleValue:
			d := value.DoubleValue
			if a.Unset(key); d == math.Trunc(d) && d >= math.MinInt64 && d < math.MaxInt64 {
				a.SetNumber(key, int64(d))
			}
		default:
			a.Unset(key)
		}
	}
}

// decoded reads a request by the decoder under test.
func decoded(t testing.TB, data []byte) ([]window.Span, classify.Rejections) {
	t.Helper()
	spans, rejected, err := otlp.NewDecoder().Request(data, nil, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	return spans, rejected
}

// The decoder reads what generated code reads.
func TestDecoderAsGenerated(t *testing.T) {
	t.Parallel()
	odd := oddRequest()
	for name, request := range map[string]*trace.TracesData{
		"SDK": otlptest.Traffic{}.Request(3), "Collector": otlptest.Traffic{Resources: 5, Spans: 300}.Request(1),
		"legacy": otlptest.Traffic{Legacy: true}.Request(2), "odd": odd, "empty": {},
	} {
		data, err := proto.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		want, wantRejected := byGenerated(request)
		got, rejected := decoded(t, data)
		if diff := cmp.Diff(want, got); diff != "" || rejected != wantRejected {
			t.Errorf("%s: rejected %v, want %v (-want +got):\n%s", name, rejected, wantRejected, diff)
		}
	}
}

// oddRequest has what senders may do and seldom do.
func oddRequest() *trace.TracesData {
	request := otlptest.Traffic{Spans: 16}.Request(0)
	spans := request.ResourceSpans[0].ScopeSpans[0].Spans
	spans[0].Kind = trace.Span_SpanKind(-3)
	spans[1].Kind = trace.Span_SpanKind(77)
	spans[2].EndTimeUnixNano = spans[2].StartTimeUnixNano - 1
	spans[3].StartTimeUnixNano = math.MaxUint64
	spans[4].Attributes = append(spans[4].Attributes,
		&common.KeyValue{Key: "http.response.body.size", Value: &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: 7e3}}})
	spans[5].Attributes = append(spans[5].Attributes,
		&common.KeyValue{Key: "http.response.body.size", Value: &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: true}}},
		&common.KeyValue{Key: "url.full"}, nil)
	spans[6].Attributes = append(spans[6].Attributes, otlptest.Number("messaging.message.body.size", -5))
	spans[9].Flags, spans[9].ParentSpanId = 0x300, spans[8].SpanId
	spans[10].Flags, spans[10].Kind = 0, trace.Span_SPAN_KIND_CONSUMER
	spans[11].TraceId = nil
	request.ResourceSpans = append(request.ResourceSpans, &trace.ResourceSpans{ScopeSpans: request.ResourceSpans[0].ScopeSpans}, nil)
	return request
}

// A resource counts for its spans also when it follows them, or comes in pieces.
func TestResourceAfterSpans(t *testing.T) {
	t.Parallel()
	traffic := otlptest.Traffic{Spans: 8}
	whole := traffic.Request(0).ResourceSpans[0]
	piece := func(of *trace.ResourceSpans) []byte {
		data, err := proto.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	half := len(whole.Resource.Attributes) / 2
	data := slices.Concat(
		piece(&trace.ResourceSpans{Resource: &resource.Resource{Attributes: whole.Resource.Attributes[half:]}}),
		piece(&trace.ResourceSpans{ScopeSpans: whole.ScopeSpans}),
		piece(&trace.ResourceSpans{Resource: &resource.Resource{Attributes: whole.Resource.Attributes[:half]}}),
	)
	got, _ := decoded(t, append([]byte{1<<3 | 2, byte(len(data)&0x7F | 0x80), byte(len(data) >> 7)}, data...))
	if want := want(t, traffic.Encoded(t, 1)[0]); !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// What is cut anywhere is an error or a shorter request, and never more.
func TestDecoderCut(t *testing.T) {
	t.Parallel()
	data := otlptest.Traffic{Spans: 9}.Encoded(t, 1)[0]
	kept := make([]window.Span, 1, 64)
	for end := range data {
		spans, _, err := otlp.NewDecoder().Request(data[:end], kept, 100)
		if end > 0 && err == nil {
			t.Fatalf("%d of %d bytes are read as %d spans", end, len(data), len(spans))
		}
		if len(spans) != 1 {
			t.Fatalf("%d spans after an error", len(spans))
		}
	}
}

// The number of spans is bounded, rejected ones included.
func TestDecoderLimit(t *testing.T) {
	t.Parallel()
	data, _ := withBad(t)
	if _, _, err := otlp.NewDecoder().Request(data, nil, 40); err != nil {
		t.Error(err)
	}
	if _, _, err := otlp.NewDecoder().Request(data, nil, 39); !errors.Is(err, classify.ErrTooManySpans) {
		t.Errorf("39 are allowed: %v", err)
	}
}

// A decoder allocates nothing for spans whose names it knows.
func TestDecoderAllocates(t *testing.T) {
	data := otlptest.Traffic{}.Encoded(t, 1)[0]
	decoder := otlp.NewDecoder()
	spans, _, err := decoder.Request(data, nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(20, func() { spans, _, _ = decoder.Request(data, spans[:0], 1000) }); n > 0 {
		t.Errorf("%v allocations for a request of 512 spans", n)
	}
}

// FuzzDecoder compares with generated code: what that reads, the decoder reads
// as the same spans; what the decoder refuses, that refuses too.
func FuzzDecoder(f *testing.F) {
	seeds := otlptest.Traffic{Spans: 1}.Encoded(f, 8) // short ones, which the engine can vary
	for _, seed := range append(seeds, nil, []byte("\x0a\x02\x0a\x00"), []byte("\x0b\x0a\x00\x0c")) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, rejected, err := otlp.NewDecoder().Request(data, nil, math.MaxInt)
		var request trace.TracesData
		if failed := proto.Unmarshal(data, &request); failed != nil {
			return // the decoder looks into less, and takes texts that are no UTF-8
		}
		if err != nil {
			t.Fatalf("generated code reads it: %v", err)
		}
		want, wantRejected := byGenerated(&request)
		if !slices.Equal(want, got) || rejected != wantRejected {
			t.Errorf("rejected %v, want %v (-want +got):\n%s", rejected, wantRejected, cmp.Diff(want, got))
		}
	})
}

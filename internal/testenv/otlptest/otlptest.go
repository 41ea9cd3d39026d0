// Package otlptest makes requests of OTLP traces that look like those of real
// services, and sends them as they are. The same [Traffic] makes the same
// requests, so that tests and benchmarks can be repeated.
package otlptest

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Traffic says what requests look like. Numbers that are 0 have defaults.
type Traffic struct {
	// Services is how many services report; 8. A request holds spans of one
	// service, as an SDK's does, or of several if Resources is more than 1, as a
	// Collector's does.
	Services, Resources int
	// Spans is how many spans a request has; 512, the batch of SDKs.
	Spans int
	// Start is when the first span began; each of the others a millisecond later.
	Start time.Time
	// Legacy has attributes named as before the conventions became stable.
	Legacy bool
}

func (t Traffic) filled() Traffic {
	t.Services = max(t.Services, 1)
	if t.Services == 1 {
		t.Services = 8
	}
	t.Resources = max(t.Resources, 1)
	if t.Spans == 0 {
		t.Spans = 512
	}
	if t.Start.IsZero() {
		t.Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	}
	return t
}

// Request returns the n-th request, an ExportTraceServiceRequest under the name
// of the type that is the same on the wire and needs no service. Of eight spans
// three are SQL, two HTTP requests, one is a message, one a server's and one
// internal.
func (t Traffic) Request(n int) *trace.TracesData {
	t = t.filled()
	request := &trace.TracesData{}
	for r := range t.Resources {
		service := (n*t.Resources + r) % t.Services
		of := &trace.ResourceSpans{
			Resource: &resource.Resource{Attributes: t.resource(service)},
			ScopeSpans: []*trace.ScopeSpans{{
				Scope: &common.InstrumentationScope{Name: "go.opentelemetry.io/contrib/instrumentation", Version: "0.70.0"},
			}},
		}
		for i := r; i < t.Spans; i += t.Resources {
			of.ScopeSpans[0].Spans = append(of.ScopeSpans[0].Spans, t.span(n, i))
		}
		request.ResourceSpans = append(request.ResourceSpans, of)
	}
	return request
}

// Encoded returns requests 0 to count-1 in protobuf.
func (t Traffic) Encoded(tb testing.TB, count int) [][]byte {
	tb.Helper()
	requests := make([][]byte, count)
	for n := range requests {
		var err error
		if requests[n], err = proto.Marshal(t.Request(n)); err != nil {
			tb.Fatal(err)
		}
	}
	return requests
}

// resource returns what an SDK says of a process.
func (t Traffic) resource(service int) []*common.KeyValue {
	regions := []string{"eu-west-3", "us-east-1", "eu-north-1", "europe-west4"}
	environment := "deployment.environment.name"
	if t.Legacy {
		environment = "deployment.environment"
	}
	return []*common.KeyValue{
		Text("service.name", fmt.Sprintf("service-%d", service)),
		Text("service.version", "4.17.2"),
		Text("service.instance.id", fmt.Sprintf("627cc493-f310-47de-96bd-71410b7dec%02d", service%100)),
		Text(environment, "production"),
		Text("cloud.provider", "aws"),
		Text("cloud.region", regions[service%len(regions)]),
		Text("host.name", fmt.Sprintf("ip-10-0-%d-7", service)),
		Text("telemetry.sdk.name", "opentelemetry"),
		Text("telemetry.sdk.language", "go"),
		Text("telemetry.sdk.version", "1.47.0"),
	}
}

// span returns the i-th span of the n-th request. Eight spans are a trace.
func (t Traffic) span(n, i int) *trace.Span {
	first := n*t.Spans + i
	start := uint64(t.Start.UnixNano()) + uint64(first)*uint64(time.Millisecond)
	span := &trace.Span{
		TraceId:           id(uint64(first/8)+1, 16),
		SpanId:            id(uint64(first)+1, 8),
		StartTimeUnixNano: start,
		EndTimeUnixNano:   start + uint64(time.Millisecond)*uint64(1+first%17),
		Flags:             0x101, // sampled; whether the parent is remote is known
		Status:            &trace.Status{},
	}
	if first%8 != 0 {
		span.ParentSpanId = id(uint64(first-first%8)+1, 8)
	}
	names := attributeNames(t.Legacy)
	switch first % 8 {
	case 0:
		span.Name, span.Kind = "POST /orders", trace.Span_SPAN_KIND_SERVER
		span.Attributes = server(names)
	case 1, 2, 3:
		span.Name, span.Kind = "SELECT orders", trace.Span_SPAN_KIND_CLIENT
		span.Attributes = database(names, first)
	case 4, 5:
		span.Name, span.Kind = "GET", trace.Span_SPAN_KIND_CLIENT
		span.Attributes = request(names, first)
	case 6:
		span.Name, span.Kind = "orders publish", trace.Span_SPAN_KIND_PRODUCER
		span.Attributes = message(names, first)
	default:
		span.Name, span.Kind = "render", trace.Span_SPAN_KIND_INTERNAL
		span.Attributes = []*common.KeyValue{Text("code.function.name", "render.Order"), Number("thread.id", 17)}
		span.Events = []*trace.Span_Event{{TimeUnixNano: start, Name: "cache miss", Attributes: []*common.KeyValue{
			Text("cache.key", "order:4711"),
		}}}
	}
	return span
}

// id returns an identifier of a size that is never zero.
func id(n uint64, size int) []byte {
	b := make([]byte, size)
	for at := 0; at < size; at += 8 {
		binary.BigEndian.PutUint64(b[at:], (n+uint64(at))*0x9E3779B97F4A7C15)
	}
	return b
}

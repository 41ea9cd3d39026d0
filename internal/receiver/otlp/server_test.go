package otlp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/dendro-carbon/dendro/internal/classify"
	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/internal/window"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a sink that remembers, and that says no when told to.
type memory struct {
	mu       sync.Mutex
	spans    []window.Span
	rejected int
	no       func(*otlp.Batch) error
}

func (m *memory) Accept(_ context.Context, batch *otlp.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.no != nil {
		if err := m.no(batch); err != nil {
			return err
		}
	}
	m.spans = append(m.spans, batch.Spans...) // copies: the slice is used again
	m.rejected += batch.Rejected.Total()
	return nil
}

// kept returns what the sink has.
func (m *memory) kept() ([]window.Span, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.spans), m.rejected
}

// running is a server under test.
type running struct {
	*otlp.Server
	grpc, http string // addresses
	stop       func() // may be called again
}

// start runs a server on free ports until the test ends.
func start(t testing.TB, config otlp.Config, sink otlp.Sink) *running {
	t.Helper()
	var addresses [2]string
	for i, into := range []*net.Listener{&config.GRPC, &config.HTTP} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		*into, addresses[i] = listener, listener.Addr().String()
	}
	r := &running{Server: otlp.New(config, sink, slog.New(slog.DiscardHandler)), grpc: addresses[0], http: addresses[1]}
	served := make(chan error, 1)
	go func() { served <- r.Serve() }()
	r.stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// dial returns a client that sends requests as they are.
func (r *running) dial(t testing.TB) *otlptest.Client {
	t.Helper()
	client, err := otlptest.Dial(r.grpc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// post sends a request over HTTP.
func (r *running) post(t testing.TB, body []byte, header ...string) (code int, reply []byte, answered http.Header) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, "http://"+r.http+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	reply, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, reply, response.Header
}

// want returns the spans of a request as the decoder reads them, which
// decode_test.go compares with generated code.
func want(t testing.TB, request []byte) []window.Span {
	t.Helper()
	spans, _, err := otlp.NewDecoder().Request(request, nil, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}

// withBad returns a request of which some spans are not valid, and how many.
func withBad(t testing.TB) (data []byte, bad int) {
	t.Helper()
	request := otlptest.Traffic{Spans: 40}.Request(0)
	spans := request.ResourceSpans[0].ScopeSpans[0].Spans
	spans[3].TraceId = spans[3].TraceId[:15]
	spans[7].TraceId = make([]byte, 16)
	spans[9].SpanId = nil
	spans[11].StartTimeUnixNano = 0
	data, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return data, 4
}

// Every way of sending brings the same spans.
func TestEveryTransport(t *testing.T) {
	t.Parallel()
	traffic := otlptest.Traffic{Spans: 100, Resources: 3}
	data := traffic.Encoded(t, 1)[0]
	text := otlptest.JSON(t, traffic.Request(0))
	send := map[string]func(*running){
		"gRPC":      func(r *running) { r.mustSend(t, data) },
		"gRPC gzip": func(r *running) { r.mustSend(t, data, grpc.UseCompressor(gzip.Name)) },
		"HTTP":      func(r *running) { r.mustPost(t, data) },
		"HTTP gzip": func(r *running) { r.mustPost(t, squeezed(t, "gzip", data), "Content-Encoding", "gzip") },
		"HTTP zstd": func(r *running) { r.mustPost(t, squeezed(t, "zstd", data), "Content-Encoding", "zstd") },
		"HTTP JSON": func(r *running) { r.mustPost(t, text, "Content-Type", "application/json; charset=utf-8") },
		"HTTP JSON gzip": func(r *running) {
			r.mustPost(t, squeezed(t, "gzip", text), "Content-Type", "application/json", "Content-Encoding", "gzip")
		},
	}
	for name, send := range send {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := new(memory)
			r := start(t, otlp.Config{}, sink)
			for range 3 { // desks are used again
				send(r)
			}
			got, _ := sink.kept()
			if spans := want(t, data); !slices.Equal(got, slices.Concat(spans, spans, spans)) {
				t.Errorf("%d spans arrived, other than were sent", len(got))
			}
			if c := r.Counts(); c.Requests != 3 || c.Accepted != 300 || c.Invalid.Total() != 0 || c.Bytes == 0 {
				t.Errorf("counts: %+v", c)
			}
		})
	}
}

func (r *running) mustSend(t testing.TB, data []byte, options ...grpc.CallOption) {
	t.Helper()
	reply, err := r.dial(t).Send(context.Background(), data, options...)
	if err != nil || reply.Rejected != 0 || reply.Message != "" {
		t.Fatalf("send: %+v, %v", reply, err)
	}
}

func (r *running) mustPost(t testing.TB, data []byte, header ...string) {
	t.Helper()
	code, reply, _ := r.post(t, data, header...)
	if text := string(reply); code != http.StatusOK || text != "" && text != "{}" {
		t.Fatalf("post: %d %s", code, reply)
	}
}

// Spans that are not valid are left out and reported, the others are taken.
func TestPartialSuccess(t *testing.T) {
	t.Parallel()
	data, bad := withBad(t)
	sink := new(memory)
	r := start(t, otlp.Config{}, sink)
	const says = "trace_id: want 16 bytes, not all of them zero (2 spans)"
	reply, err := r.dial(t).Send(context.Background(), data)
	if err != nil || reply.Rejected != int64(bad) || !strings.Contains(reply.Message, says) {
		t.Errorf("gRPC: %+v, %v", reply, err)
	}
	code, body, _ := r.post(t, data)
	if reply, err = otlptest.ParseReply(body); err != nil || code != 200 || reply.Rejected != int64(bad) {
		t.Errorf("HTTP: %d %+v, %v", code, reply, err)
	}
	var request trace.TracesData
	if err := proto.Unmarshal(data, &request); err != nil {
		t.Fatal(err)
	}
	code, body, _ = r.post(t, otlptest.JSON(t, &request), "Content-Type", "application/json")
	if code != 200 || !strings.Contains(string(body), `{"partialSuccess":{"rejectedSpans":"4","errorMessage":"`) ||
		!strings.Contains(string(body), says) {
		t.Errorf("JSON: %d %s", code, body)
	}
	got, rejected := sink.kept()
	if len(got) != 3*36 || rejected != 3*bad {
		t.Errorf("the sink has %d spans and knows of %d rejected ones", len(got), rejected)
	}
	c := r.Counts()
	if c.Invalid[classify.BadTraceID] != 6 || c.Invalid[classify.BadSpanID] != 3 || c.Invalid[classify.BadStartTime] != 3 {
		t.Errorf("counts: %+v", c)
	}
}

// A sink that has no room makes senders come again, and nothing is acknowledged.
func TestOverload(t *testing.T) {
	t.Parallel()
	sink := &memory{no: func(*otlp.Batch) error {
		return &otlp.Overload{RetryAfter: 2500 * time.Millisecond, Why: "the journal is full"}
	}}
	r := start(t, otlp.Config{}, sink)
	data := otlptest.Traffic{Spans: 10}.Encoded(t, 1)[0]
	_, err := r.dial(t).Send(context.Background(), data)
	answer := status.Convert(err)
	var after time.Duration
	for _, detail := range answer.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			after = info.RetryDelay.AsDuration()
		}
	}
	if answer.Code() != codes.ResourceExhausted || after != 2500*time.Millisecond {
		t.Errorf("gRPC: %v, retry after %v", err, after)
	}
	code, body, _ := r.post(t, data, "Content-Type", "application/json")
	if code != http.StatusBadRequest { // protobuf is no JSON, and is found out before the sink is asked
		t.Errorf("HTTP JSON: %d %s", code, body)
	}
	code, body, header := r.post(t, data)
	if code != http.StatusTooManyRequests || header.Get("Retry-After") != "3" || !bytes.Contains(body, []byte("journal is full")) {
		t.Errorf("HTTP: %d, %v, %s", code, header, body)
	}
	if c := r.Counts(); c.Accepted != 0 || c.Refused != 20 || c.Overloaded != 2 || c.Malformed != 1 {
		t.Errorf("counts: %+v", c)
	}
}

// A sink that fails is the server's trouble: senders come again, and do not
// learn what is inside.
func TestSinkFails(t *testing.T) {
	t.Parallel()
	r := start(t, otlp.Config{}, &memory{no: func(*otlp.Batch) error { return errors.New("secret path") }})
	data := otlptest.Traffic{Spans: 10}.Encoded(t, 1)[0]
	_, err := r.dial(t).Send(context.Background(), data)
	if status.Code(err) != codes.Unavailable || strings.Contains(err.Error(), "secret") {
		t.Errorf("gRPC: %v", err)
	}
	code, body, _ := r.post(t, data)
	if code != http.StatusServiceUnavailable || bytes.Contains(body, []byte("secret")) {
		t.Errorf("HTTP: %d %s", code, body)
	}
	if c := r.Counts(); c.Failed != 2 || c.Refused != 20 {
		t.Errorf("counts: %+v", c)
	}
}

// Requests that are not OTLP, or too large, are refused for good.
func TestRefused(t *testing.T) {
	t.Parallel()
	sink := new(memory)
	r := start(t, otlp.Config{MaxRequest: 20_000, MaxSpans: 50}, sink)
	many := otlptest.Traffic{Spans: 60}.Encoded(t, 1)[0]
	bomb := bytes.Repeat([]byte{0}, 1<<20)
	for name, c := range map[string]struct {
		body   []byte
		header []string
		code   int
	}{
		"no protobuf":       {body: []byte("hello"), code: 400},
		"no JSON":           {body: []byte(`{"resourceSpans":[{]}`), header: []string{"Content-Type", "application/json"}, code: 400},
		"two documents":     {body: []byte(`{}{}`), header: []string{"Content-Type", "application/json"}, code: 400},
		"not compressed":    {body: many, header: []string{"Content-Encoding", "gzip"}, code: 400},
		"unknown encoding":  {body: many, header: []string{"Content-Encoding", "br"}, code: 400},
		"cut gzip":          {body: squeezed(t, "gzip", many)[:900], header: []string{"Content-Encoding", "gzip"}, code: 400},
		"many spans":        {body: many, code: 413},
		"large":             {body: bomb, code: 413},
		"gzip bomb":         {body: squeezed(t, "gzip", bomb), header: []string{"Content-Encoding", "gzip"}, code: 413},
		"zstd bomb":         {body: squeezed(t, "zstd", bomb), header: []string{"Content-Encoding", "zstd"}, code: 413},
		"other type":        {body: many, header: []string{"Content-Type", "text/plain"}, code: 415},
		"type without name": {body: many, header: []string{"Content-Type", ";"}, code: 415},
	} {
		if code, reply, _ := r.post(t, c.body, c.header...); code != c.code {
			t.Errorf("%s: %d %q, want %d", name, code, reply, c.code)
		}
	}
	client := r.dial(t)
	for name, c := range map[string]struct {
		body []byte
		code codes.Code
	}{
		"no protobuf": {[]byte("hello"), codes.InvalidArgument},
		"many spans":  {many, codes.ResourceExhausted},
		"large":       {bomb, codes.ResourceExhausted},
	} {
		_, err := client.Send(context.Background(), c.body)
		if got := status.Convert(err); got.Code() != c.code || len(got.Details()) > 0 { // no RetryInfo: never again
			t.Errorf("gRPC, %s: %v", name, err)
		}
	}
	if _, err := client.Send(context.Background(), bomb, grpc.UseCompressor(gzip.Name)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("gRPC, gzip bomb: %v", err)
	}
	if got, _ := sink.kept(); len(got) > 0 {
		t.Errorf("the sink has %d spans", len(got))
	}
	if c := r.Counts(); c.Malformed != 9 || c.TooLarge != 7 || c.Requests != 16 {
		t.Errorf("counts: %+v", c)
	}
}

// Only requests with a token that is allowed are looked into.
func TestTokens(t *testing.T) {
	t.Parallel()
	r := start(t, otlp.Config{Allow: func(token string) bool { return token == "right" }}, new(memory))
	data := otlptest.Traffic{Spans: 10}.Encoded(t, 1)[0]
	for header, code := range map[string]int{"": 401, "Bearer wrong": 401, "Basic right": 401, "bearer right": 200} {
		if got, _, _ := r.post(t, data, "Authorization", header); got != code {
			t.Errorf("HTTP with %q: %d, want %d", header, got, code)
		}
	}
	client := r.dial(t)
	if _, err := client.Send(context.Background(), data); status.Code(err) != codes.Unauthenticated {
		t.Errorf("gRPC without a token: %v", err)
	}
	if _, err := client.Send(otlptest.WithToken(context.Background(), "right"), data); err != nil {
		t.Errorf("gRPC with a token: %v", err)
	}
	if c := r.Counts(); c.Unauthorized != 4 || c.Accepted != 20 {
		t.Errorf("counts: %+v", c)
	}
}

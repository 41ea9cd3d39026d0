package otlp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
)

// gate is a sink that holds every batch until it is opened.
type gate struct {
	memory
	inside  chan struct{} // gets a value for each batch that came in
	open    chan struct{}
	now     atomic.Int64
	highest atomic.Int64
}

func newGate() *gate { return &gate{inside: make(chan struct{}, 100), open: make(chan struct{})} }

func (g *gate) Accept(ctx context.Context, batch *otlp.Batch) error {
	if n := g.now.Add(1); n > g.highest.Load() {
		g.highest.Store(n)
	}
	defer g.now.Add(-1)
	g.inside <- struct{}{}
	<-g.open
	return g.memory.Accept(ctx, batch)
}

// Requests above the allowed number wait for a while and are then asked to come
// again; those inside go on.
func TestParallel(t *testing.T) {
	t.Parallel()
	sink := newGate()
	r := start(t, otlp.Config{Parallel: 2, Patience: 30 * time.Millisecond}, sink)
	data := otlptest.Traffic{Spans: 10}.Encoded(t, 1)[0]
	client := r.dial(t)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if _, err := client.Send(context.Background(), data); err != nil {
				t.Error(err)
			}
		})
		<-sink.inside
	}
	if _, err := client.Send(context.Background(), data); status.Code(err) != codes.ResourceExhausted ||
		len(status.Convert(err).Details()) != 1 {
		t.Errorf("gRPC: %v", err)
	}
	if code, body, header := r.post(t, data); code != http.StatusTooManyRequests || header.Get("Retry-After") != "1" {
		t.Errorf("HTTP: %d %s", code, body)
	}
	close(sink.open)
	group.Wait()
	if c := r.Counts(); c.Accepted != 20 || c.Overloaded != 2 || sink.highest.Load() != 2 {
		t.Errorf("at most %d at once; counts: %+v", sink.highest.Load(), c)
	}
}

// Stop waits for the requests inside, takes no more, and leaves no goroutine
// behind, which TestMain looks for.
func TestStopWaits(t *testing.T) {
	t.Parallel()
	sink := newGate()
	r := start(t, otlp.Config{}, sink)
	data := otlptest.Traffic{Spans: 10}.Encoded(t, 1)[0]
	client := r.dial(t)
	sent, posted, stopped := make(chan error, 1), make(chan int, 1), make(chan struct{})
	go func() {
		_, err := client.Send(context.Background(), data)
		sent <- err
	}()
	go func() {
		code, _, _ := r.post(t, data)
		posted <- code
	}()
	<-sink.inside
	<-sink.inside
	go func() {
		r.stop()
		close(stopped)
	}()
	select {
	case <-stopped:
		t.Error("stopped with requests inside")
	case <-time.After(50 * time.Millisecond):
	}
	close(sink.open)
	<-stopped
	if err := <-sent; err != nil {
		t.Errorf("gRPC: %v", err)
	}
	if code := <-posted; code != http.StatusOK {
		t.Errorf("HTTP: %d", code)
	}
	if _, err := net.Dial("tcp", r.grpc); err == nil {
		t.Error("still listening")
	}
}

// A server that never served gives its addresses back, and Stop may be called
// again; Serve after it ends at once.
func TestStopWithoutServe(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := otlp.New(otlp.Config{GRPC: listener}, new(memory), slog.New(slog.DiscardHandler))
	for range 2 {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if err := server.Serve(); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("still listening")
	}
}

// A listener that fails ends the server, with its error.
func TestListenerFails(t *testing.T) {
	t.Parallel()
	var listeners [2]net.Listener
	for i := range listeners {
		var err error
		if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	server := otlp.New(otlp.Config{GRPC: listeners[0], HTTP: listeners[1]}, new(memory), slog.New(slog.DiscardHandler))
	time.AfterFunc(20*time.Millisecond, func() { listeners[1].Close() }) // behind its back
	if err := server.Serve(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("serve: %v", err)
	}
	if err := server.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// Stop breaks requests off when its own time is up. What it broke off was not
// acknowledged.
func TestStopBreaksOff(t *testing.T) {
	t.Parallel()
	sink := newGate()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := otlp.New(otlp.Config{GRPC: listener}, sink, slog.New(slog.DiscardHandler))
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	client := (&running{grpc: listener.Addr().String()}).dial(t)
	sent := make(chan error, 1)
	go func() {
		_, err := client.Send(context.Background(), otlptest.Traffic{Spans: 10}.Encoded(t, 1)[0])
		sent <- err
	}()
	<-sink.inside
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	time.AfterFunc(60*time.Millisecond, func() { close(sink.open) }) // a sink ends some time
	if err := server.Stop(ctx); err != context.DeadlineExceeded {
		t.Errorf("stop: %v", err)
	}
	if err := <-sent; err == nil {
		t.Error("acknowledged after the server broke off")
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
}

// A sender that never ends its request loses its turn when its time is up.
func TestSlowSenders(t *testing.T) {
	t.Parallel()
	sink := new(memory)
	r := start(t, otlp.Config{Timeout: 100 * time.Millisecond, Parallel: 1, Patience: 3 * time.Second}, sink)
	conn, err := net.Dial("tcp", r.http)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 5000\r\n\r\nabc")
	data := otlptest.Traffic{Spans: 10}.Encoded(t, 1)[0]
	for code := 0; code != http.StatusOK; {
		code, _, _ = r.post(t, data) // gets its turn after the slow one
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil && line != "HTTP/1.1 503 Service Unavailable\r\n" {
		t.Errorf("the slow sender: %q", line)
	}
	client := r.dial(t)
	err = otlptest.Stall(r.grpc, func() {
		for failed := error(context.Canceled); failed != nil; {
			_, failed = client.Send(context.Background(), data) // its own time may be up while it waits
		}
	})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("the slow sender over gRPC: %v", err)
	}
	if c := r.Counts(); c.Accepted != 20 || c.Failed < 2 {
		t.Errorf("counts: %+v", c)
	}
}

// A flood of names costs no memory that stays.
func TestHostileNames(t *testing.T) {
	sink := &memory{no: func(*otlp.Batch) error { return &otlp.Overload{Why: "keep nothing"} }}
	r := start(t, otlp.Config{}, sink)
	client := r.dial(t)
	flood := func(n int) {
		request := otlptest.Traffic{Spans: 500, Resources: 500}.Request(n)
		for i, of := range request.ResourceSpans {
			of.Resource.Attributes[0] = otlptest.Text("service.name", fmt.Sprintf("%0250d", n*500+i))
			span := of.ScopeSpans[0].Spans[0]
			span.Kind = trace.Span_SPAN_KIND_CLIENT
			span.Attributes = append(span.Attributes[:0], otlptest.Text("url.full", fmt.Sprintf("http://h%0240d/", n*500+i)))
		}
		data, err := proto.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Send(context.Background(), data); status.Code(err) != codes.ResourceExhausted {
			t.Fatal(err)
		}
	}
	floods := 60 // 15 MB of names
	if testing.Short() {
		floods = 10
	}
	flood(0)
	before := heap()
	for n := range floods {
		flood(n + 1)
	}
	if grown := heap() - before; grown > 6<<20 {
		t.Errorf("%d bytes more after %d names", grown, 1000*floods)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // what pools held until now
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

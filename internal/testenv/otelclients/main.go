// Command otelclients sends spans by the exporters of the OpenTelemetry SDK for
// Go, as a service would, and prints how many it ended.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run sends traces of five spans: a server's, three SQL statements and an HTTP
// request, whose parent is the server's.
func run(ctx context.Context) error {
	protocol := flag.String("protocol", "grpc", "grpc or http")
	endpoint := flag.String("endpoint", "127.0.0.1:4317", "host:port of the receiver")
	traces := flag.Int("traces", 100, "how many traces to send")
	compress := flag.Bool("gzip", false, "compress requests")
	flag.Parse()

	exporter, err := newExporter(ctx, *protocol, *endpoint, *compress)
	if err != nil {
		return err
	}
	// What could not be sent in the end is an error of the process.
	var failed error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { failed = err }))
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(), resource.WithAttributes(
		attribute.String("service.name", "sdk-"+*protocol),
		attribute.String("cloud.region", "eu-west-3"),
		attribute.String("deployment.environment.name", "test"),
	))
	if err != nil {
		return err
	}
	provider := trace.NewTracerProvider(trace.WithResource(about),
		trace.WithBatcher(exporter, trace.WithMaxQueueSize(1<<20), trace.WithBatchTimeout(50*time.Millisecond)))
	tracer := provider.Tracer("otelclients")
	for range *traces {
		oneTrace(ctx, tracer)
	}
	if err := provider.Shutdown(ctx); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	fmt.Println(5 * *traces)
	return nil
}

func newExporter(ctx context.Context, protocol, endpoint string, compress bool) (trace.SpanExporter, error) {
	if protocol == "grpc" {
		options := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure()}
		if compress {
			options = append(options, otlptracegrpc.WithCompressor("gzip"))
		}
		return otlptracegrpc.New(ctx, options...)
	}
	options := []otlptracehttp.Option{otlptracehttp.WithEndpoint(endpoint), otlptracehttp.WithInsecure()}
	if compress {
		options = append(options, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
	}
	return otlptracehttp.New(ctx, options...)
}

// oneTrace ends five spans.
func oneTrace(ctx context.Context, tracer api.Tracer) {
	ctx, root := tracer.Start(ctx, "POST /orders", api.WithSpanKind(api.SpanKindServer))
	for _, statement := range []string{"SELECT 1", "INSERT INTO a VALUES (1)", "DELETE FROM a"} {
		_, span := tracer.Start(ctx, "db", api.WithSpanKind(api.SpanKindClient), api.WithAttributes(
			attribute.String("db.system.name", "postgresql"), attribute.String("db.query.text", statement)))
		span.End()
	}
	_, span := tracer.Start(ctx, "GET", api.WithSpanKind(api.SpanKindClient), api.WithAttributes(
		attribute.String("http.request.method", "GET"), attribute.String("url.full", "https://u:p@api.example.org/items?key=1"),
		attribute.Int("http.response.body.size", 12_345)))
	span.End()
	root.End()
}

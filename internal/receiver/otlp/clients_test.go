package otlp_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/receiver/otlp"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/window"
)

// sender returns the path of a real sender. DENDRO_OTELCLIENTS names a folder
// with those of internal/testenv/otelclients; .ci/run builds them.
func sender(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("DENDRO_OTELCLIENTS")
	if dir == "" {
		testenv.Skip(t, "otelclients", "set DENDRO_OTELCLIENTS to a folder with the programs that `go build -C "+
			"internal/testenv/otelclients -o DIR . github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen` makes")
	}
	return filepath.Join(dir, name)
}

// send runs a real sender to its end and returns what it printed.
func send(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	command := exec.Command(program, arguments...)
	command.Env = append(os.Environ(), "OTEL_RESOURCE_ATTRIBUTES=")
	var complaints strings.Builder
	command.Stderr = &complaints
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, arguments, err, complaints.String())
	}
	return string(printed)
}

// The exporters of the Go SDK: every span that was ended arrives once, as what
// it was.
func TestSDKExporters(t *testing.T) {
	t.Parallel()
	program := sender(t, "otelclients")
	const traces = 1500
	for _, protocol := range []string{"grpc", "http"} {
		for _, compress := range []bool{false, true} {
			t.Run(protocol+"/gzip="+strconv.FormatBool(compress), func(t *testing.T) {
				t.Parallel()
				sink := new(memory)
				r := start(t, otlp.Config{}, sink)
				address := map[string]string{"grpc": r.grpc, "http": r.http}[protocol]
				printed := send(t, program, "-protocol", protocol, "-endpoint", address, "-traces", strconv.Itoa(traces),
					"-gzip="+strconv.FormatBool(compress))
				sent, err := strconv.Atoi(strings.TrimSpace(printed))
				if err != nil {
					t.Fatal(err)
				}
				spans, rejected := sink.kept()
				if c := r.Counts(); int64(sent) != c.Accepted || len(spans) != sent || rejected != 0 || c.Refused != 0 {
					t.Errorf("sent %d, the sink has %d; counts: %+v", sent, len(spans), c)
				}
				checkSDKSpans(t, spans, traces, "sdk-"+protocol)
			})
		}
	}
}

// checkSDKSpans wants the five spans of every trace of the sender.
func checkSDKSpans(t *testing.T, spans []window.Span, traces int, service string) {
	t.Helper()
	seen := map[window.Span]int{}
	for _, span := range spans {
		if span.Trace == (window.TraceID{}) || span.Start <= 0 || span.Duration < 0 {
			t.Fatalf("incomplete: %+v", span)
		}
		span.Trace, span.Start, span.Duration = window.TraceID{}, 0, 0
		seen[span]++
	}
	common := window.Span{
		Service: service, Region: "eu-west-3", Environment: "test", ResponseBytes: window.UnknownSize,
	}
	root, request := common, common
	root.LocalRoot = true
	request.Kind, request.Callee, request.ResponseBytes = window.KindHTTP, "api.example.org", 12_345
	wanted := []window.Span{root, request}
	for _, verb := range []window.Verb{window.VerbSelect, window.VerbInsert, window.VerbDelete} {
		statement := common
		statement.Kind, statement.Verb = window.KindSQL, verb
		wanted = append(wanted, statement)
	}
	for _, span := range wanted {
		if seen[span] != traces {
			t.Errorf("%d of %d times: %+v", seen[span], traces, span)
		}
	}
	if len(seen) != len(wanted) {
		t.Errorf("%d kinds of spans, want %d: %+v", len(seen), len(wanted), seen)
	}
}

// telemetrygen sends what it is told to, and all of it arrives: no more spans
// than its queue has room for, which drops the others at full speed.
func TestTelemetrygen(t *testing.T) {
	t.Parallel()
	program := sender(t, "telemetrygen")
	for protocol, flags := range map[string][]string{"grpc": nil, "http": {"--otlp-http"}} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			sink := new(memory)
			r := start(t, otlp.Config{}, sink)
			address := map[string]string{"grpc": r.grpc, "http": r.http}[protocol]
			send(t, program, slices.Concat([]string{
				"traces", "--otlp-endpoint", address, "--otlp-insecure", "--workers", "2", "--traces", "200", "--rate", "0",
				"--child-spans", "3", "--service", "gen", "--otlp-attributes", `cloud.region="us-east-1"`,
				"--telemetry-attributes", `db.query.text="select 1"`,
			}, flags)...)
			spans, rejected := sink.kept()
			roots := 0
			for _, span := range spans {
				if span.Service != "gen" || span.Region != "us-east-1" {
					t.Fatalf("not what was sent: %+v", span)
				}
				if span.LocalRoot {
					roots++
				}
			}
			const sent = 2 * 200 * (1 + 3)
			if c := r.Counts(); len(spans) != sent || rejected != 0 || c.Accepted != sent || c.Refused != 0 {
				t.Errorf("sent %d, the sink has %d; counts: %+v", sent, len(spans), c)
			}
			if roots < 400 {
				t.Errorf("%d local roots of 400 traces", roots)
			}
		})
	}
}

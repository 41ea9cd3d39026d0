package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/testenv"
)

// TestRealSenders holds that what the exporters of the Go SDK and telemetrygen have sent
// is what was scored and what was reported dropped, over both protocols.
func TestRealSenders(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("DENDRO_OTELCLIENTS")
	if dir == "" {
		testenv.Skip(t, "otelclients", "set DENDRO_OTELCLIENTS to a folder with the programs that `go build -C "+
			"internal/testenv/otelclients -o DIR . github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen` makes")
	}
	c := receiving(t, nil)
	a, err := app.New(t.Context(), c, app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	a.Start()
	grpc, http := a.Receiving()
	sent := 0
	for _, at := range []struct{ protocol, address string }{{"grpc", grpc}, {"http", http}} {
		printed := run(t, filepath.Join(dir, "otelclients"), "-protocol", at.protocol, "-endpoint", at.address, "-traces", "400", "-gzip")
		n, err := strconv.Atoi(strings.TrimSpace(printed))
		if err != nil {
			t.Fatal(err)
		}
		sent += n
		arguments := []string{"traces", "--otlp-endpoint", at.address, "--otlp-insecure", "--workers", "2", "--traces", "100", "--rate", "0", "--child-spans", "3"}
		if at.protocol == "http" {
			arguments = append(arguments, "--otlp-http")
		}
		run(t, filepath.Join(dir, "telemetrygen"), arguments...)
		sent += 2 * 100 * (1 + 3)
	}
	stop(t, a)
	got := readArchive(t, c)
	scored := got.spans
	for _, n := range got.dropped {
		scored += n
	}
	if scored != uint64(sent) || got.spans == 0 {
		t.Errorf("sent %d, the archive tells of %+v", sent, got)
	}
}

// run runs a program to its end and returns what it printed.
func run(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, arguments...)
	var complaints strings.Builder
	command.Stderr = &complaints
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, arguments, err, complaints.String())
	}
	return string(printed)
}

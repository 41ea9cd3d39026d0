package prometheus_test

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/dendro-carbon/dendro/internal/source/prometheus"
)

// Only the address has to be given; everything else is that of node_exporter.
func Example() {
	config := prometheus.Defaults()
	fmt.Println(config.Validate())
	config.Server.URL = "https://prometheus.example.org"
	s, err := prometheus.New(config, http.DefaultClient, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(config.Metric, config.Mode, s.Info().Name, s.Info().Replayable)
	for _, meter := range prometheus.Meters() {
		fmt.Println(meter.Name, meter.Unit)
	}
	// Output:
	// url: required
	//   Try: write the address below which /api/v1 lies, such as http://localhost:9090
	// node_cpu_seconds_total exact prometheus true
	// ipmi W
	// hwmon J
	// scaphandre uJ
	// scaphandre power uW
	// kepler J
	// kepler before 0.10 J
	// rapl J
}

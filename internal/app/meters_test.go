package app_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
)

// Two containers draw 100 W and 50 W for as long as the server runs. What the windows of
// the archive say of the meter is what it measured, divided among services and idle.
func TestMeters(t *testing.T) {
	t.Parallel()
	began := time.Now()
	kepler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		joules := 100 * time.Since(began).Seconds()
		fmt.Fprintf(w, "kepler_container_cpu_joules_total{container_name=%q,zone=\"package\"} %v\n", "one", joules)
		fmt.Fprintf(w, "kepler_container_cpu_joules_total{container_name=%q,zone=\"package\"} %v\n", "two", joules/2)
	}))
	defer kepler.Close()
	traffic := otlptest.Traffic{Spans: 64, Services: 2}
	c := receiving(t, map[string]string{
		"services.meter_hold": "1s", "grace": "3s", // the last window has readings of two seconds before it began
		"services.meters": fmt.Sprintf("[{kind: kepler, urls: [%s], every: 1s, targets: [{value: one, services: %s}, {value: two, services: nobody}]}]",
			kepler.URL, "SERVICE-0"),
	})
	a, err := app.New(t.Context(), c, app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	a.Start()
	grpc, _ := a.Receiving()
	for range 8 {
		traffic.Start = time.Now()
		send(t, grpc, traffic, 1)
		time.Sleep(500 * time.Millisecond)
	}
	stop(t, a)
	most := 150 * time.Since(began).Seconds()
	var energy, attributed, idle float64
	for l, err := range archive.Lines(context.Background(), c.WindowArchive().Dir, account.Mark{}, account.Span{}) {
		if err != nil || l.Fault != nil {
			t.Fatal(err, l.Fault)
		}
		for _, m := range l.Window.Detail.Meters {
			energy += m.EnergyKWh * 3.6e6
			attributed += m.AttributedKWh * 3.6e6
			idle += m.IdleKWh * 3.6e6
		}
	}
	if energy < 150 || energy > most || math.Abs(attributed+idle-energy) > 1e-6*energy {
		t.Errorf("of at most %v J: %v J, %v attributed, %v idle", most, energy, attributed, idle)
	}
	if attributed < energy/3 || idle < energy/4 { // two thirds are the container of a service that works
		t.Errorf("%v J attributed, %v idle", attributed, idle)
	}
	checkLedger(t, c, began, readArchive(t, c).energy)
}

package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
)

// TestMetersKill holds that a server which is killed at any instant loses no energy of a
// meter: what it counted since it was first read is in windows, divided among services
// and idle, but for the last seconds, which are in the journal.
func TestMetersKill(t *testing.T) {
	t.Parallel()
	const watts = 100
	began := time.Now()
	var first atomic.Int64 // when the meter was first read
	meter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now := time.Since(began)
		first.CompareAndSwap(0, int64(now))
		fmt.Fprintf(w, "kepler_container_cpu_joules_total{container_name=\"one\"} %v\n", watts*now.Seconds())
	}))
	defer meter.Close()
	p, address := servicesPlace(t)
	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "services: {", fmt.Sprintf("services: {meter_hold: 1s, meters: [{kind: kepler, urls: [%q], every: 1s, "+
		"targets: [{value: one, services: [service-0, service-1]}]}], ", meter.URL), 1))
	if err := os.WriteFile(p.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 5))
	acknowledged := map[string]bool{}
	for range 8 {
		p.killed(t, address, acknowledged, false, time.Duration(300+random.IntN(1500))*time.Millisecond)
	}
	server := p.serve(t)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	sendUntil(ctx, t, address, acknowledged, func() {})
	stopped := time.Since(began)
	server.stop()
	var energy, divided float64
	for l, err := range archive.Lines(t.Context(), filepath.Join(filepath.Dir(p.config), "data", "windows"), account.Mark{}, account.Span{}) {
		if err != nil || l.Fault != nil {
			t.Fatal(err, l.Fault)
		}
		for _, m := range l.Window.Detail.Meters {
			energy += m.EnergyKWh * 3.6e6
			divided += (m.AttributedKWh + m.IdleKWh + m.SupersededKWh) * 3.6e6
		}
	}
	if first.Load() == 0 {
		t.Fatal("the meter was not read")
	}
	// It was read a second before the server was stopped, and a window leaves a second to
	// the next one; the rest is for a machine with much to do.
	most := watts * (stopped - time.Duration(first.Load())).Seconds()
	if least := most - watts*4; energy < least || energy > most+watts || math.Abs(divided-energy) > 1e-6*energy {
		t.Errorf("%v J in windows, divided into %v J; the meter counted %v J", energy, divided, most)
	}
}

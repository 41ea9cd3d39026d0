package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/unit"
)

// perRequest is how many spans a request of the test has. Each request is of a
// service of its own, so that each can be found again.
const perRequest = 64

// TestServicesKill holds that a server which is killed at any instant, while it starts or
// while it receives, loses no span that it acknowledged and counts none twice, in the
// archive and in the ledger.
func TestServicesKill(t *testing.T) {
	t.Parallel()
	p, address := servicesPlace(t)
	random := rand.New(rand.NewPCG(11, 5))
	begin := time.Now()
	acknowledged := map[string]bool{} // by service; false is not known
	awake := 0
	for n := range kills(t) {
		if n%4 == 3 {
			p.killed(t, address, acknowledged, false, time.Duration(50+random.IntN(500))*time.Millisecond)
			continue
		}
		p.killed(t, address, acknowledged, true, time.Duration(random.IntN(1000))*time.Millisecond)
		awake++
	}
	server := p.serve(t)
	server.stop()
	got, energy := archivedServices(t, p)
	known := 0
	for service, ok := range acknowledged {
		switch spans := got[service]; {
		case ok && spans != perRequest:
			t.Errorf("%s was acknowledged, and %d of %d spans are archived", service, spans, perRequest)
		case spans != 0 && spans != perRequest:
			t.Errorf("%s was not acknowledged, and %d of %d spans are archived", service, spans, perRequest)
		case ok:
			known++
		}
	}
	if known < awake {
		t.Errorf("only %d requests were acknowledged", known)
	}
	checkServicesLedger(t, p, begin, energy)
}

// servicesPlace returns an installation that receives spans at an address which stays
// the same.
func servicesPlace(t *testing.T) (p place, address string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	p = place{filepath.Join(folder, "dendro.yaml")}
	text := fmt.Sprintf("data: %q\nslot: 5s\ngrace: 2s\nlisten: 127.0.0.1:0\nsource: {kind: none}\nslots: {open_every: 1s}\n"+
		"services: {receive: true, grpc: %q, http: '', window: 1s, archive: {max_bytes: 200000, compress: true}}\n", filepath.Join(folder, "data"), address)
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p, address
}

// awaitDue waits until the slot that goes on now is due where servicesPlace says so.
func awaitDue() {
	const slot, grace = 5 * time.Second, 2 * time.Second
	time.Sleep(time.Until(time.Now().Truncate(slot).Add(slot + grace + 200*time.Millisecond)))
}

// killed runs a server, sends it spans meanwhile, and kills it after some time: since it
// was started, or since it acknowledged some, however slow the machine.
func (p place) killed(t *testing.T, address string, acknowledged map[string]bool, awake bool, after time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	command := p.command(ctx, []string{"serve"})
	log := &buffer{}
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	sent, answered := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sent)
		sendUntil(ctx, t, address, acknowledged, sync.OnceFunc(func() { close(answered) }))
	}()
	if awake {
		select {
		case <-answered:
		case <-time.After(time.Minute):
			t.Errorf("nothing is acknowledged:\n%s", log)
		}
	}
	time.Sleep(after)
	cancel() // kills
	if err := command.Wait(); err == nil || strings.Contains(log.String(), "dendro: ") {
		t.Fatalf("ended by itself: %v\n%s", err, log)
	}
	<-sent
}

// sendUntil sends requests until the context ends, and notes which were acknowledged; it
// calls answered for each of these.
func sendUntil(ctx context.Context, t *testing.T, address string, acknowledged map[string]bool, answered func()) {
	client, err := otlptest.Dial(address)
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	for ctx.Err() == nil {
		n := len(acknowledged)
		traffic := otlptest.Traffic{Services: 1 << 20, Spans: perRequest, Start: time.Now().Add(-time.Duration(n+1) * perRequest * time.Millisecond)}
		request, err := proto.Marshal(traffic.Request(n))
		if err != nil {
			t.Error(err)
			return
		}
		service := fmt.Sprintf("service-%d", n)
		if _, err = client.Send(ctx, request); err == nil {
			acknowledged[service] = true
			answered()
		} else if ctx.Err() == nil && strings.Contains(err.Error(), "connection refused") {
			time.Sleep(10 * time.Millisecond) // it has not begun to listen; nothing was sent
		} else {
			acknowledged[service] = false
		}
	}
}

// archivedServices returns how many spans of each service are archived, and their energy.
func archivedServices(t *testing.T, p place) (spans map[string]uint64, energy map[string]float64) {
	t.Helper()
	dir := filepath.Join(filepath.Dir(p.config), "data", "windows")
	v, err := archive.Verify(dir)
	if err != nil || !v.Sound() {
		t.Errorf("archive: %v %+v", err, v.Findings)
	}
	spans, energy = map[string]uint64{}, map[string]float64{}
	for l, err := range archive.Lines(t.Context(), dir, account.Mark{}, account.Span{}) {
		if err != nil || l.Fault != nil {
			t.Fatal(err, l.Fault)
		}
		for _, c := range l.Window.Detail.Cells {
			spans[c.Service] += c.Ops + c.Others
			energy[c.Service] += c.EnergyKWh * max(c.PUE, 1)
		}
	}
	return spans, energy
}

// checkServicesLedger compares the ledger with the archive, service by service.
func checkServicesLedger(t *testing.T, p place, begin time.Time, energy map[string]float64) {
	t.Helper()
	window := []string{"--from", begin.Add(-time.Minute).UTC().Format(time.RFC3339), "--to", time.Now().Add(5 * time.Second).UTC().Format(time.RFC3339)}
	awaitDue()
	p.run(t, append([]string{"backfill", "--quiet"}, window...)...)
	p.run(t, append([]string{"reconcile"}, window...)...)
	rows, err := csv.NewReader(strings.NewReader(p.run(t, append([]string{"query", "--by", "service", "--format", "csv"}, window...)...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := -1
	for i, name := range rows[0] {
		if name == "energy_kwh" {
			column = i
		}
	}
	got := map[string]string{}
	for _, row := range rows[1:] {
		for _, field := range row {
			if strings.HasPrefix(field, "service-") {
				got[field] = row[column]
			}
		}
	}
	for service, kwh := range energy {
		booked, err := unit.ParseEnergy(got[service])
		if want := unit.Energy(kwh * 1e9); err != nil || booked < want-2 || booked > want+2 {
			t.Errorf("%s: the ledger has %q, the archive %v kWh", service, got[service], kwh)
		}
	}
	if len(got) != len(energy) {
		t.Errorf("%d services in the ledger, %d in the archive", len(got), len(energy))
	}
}

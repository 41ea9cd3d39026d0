package app_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/testenv/otlptest"
	"github.com/dendro-carbon/dendro/unit"
)

// receiving returns the configuration of a server that accounts for services alone.
func receiving(t testing.TB, flags map[string]string) *config.Config {
	t.Helper()
	all := map[string]string{
		"data": t.TempDir(), "listen": "127.0.0.1:0", "source.kind": config.SourceNone, "slot": "2s", "grace": "1s",
		"services.receive": "true", "services.grpc": "127.0.0.1:0", "services.http": "127.0.0.1:0", "services.window": "1s",
		"slots.open_every": "200ms", "slots.retry_after": "200ms",
	}
	for path, value := range flags {
		all[path] = value
	}
	l, err := config.Load(config.Input{Flags: all})
	if err != nil {
		t.Fatal(err)
	}
	return &l.Config
}

// archived is what is in a window archive.
type archived struct {
	windows int
	spans   uint64
	energy  float64 // as buildings draw it
	dropped map[string]uint64
	last    time.Time
}

func readArchive(t testing.TB, c *config.Config) archived {
	t.Helper()
	out := archived{dropped: map[string]uint64{}}
	for l, err := range archive.Lines(context.Background(), c.WindowArchive().Dir, account.Mark{}, account.Span{}) {
		if err != nil {
			t.Fatal(err)
		}
		if l.Fault != nil {
			t.Fatal(l.Fault)
		}
		d := l.Window.Detail
		out.windows++
		out.spans += d.Spans.Counted
		for _, cell := range d.Cells {
			out.energy += cell.EnergyKWh * max(cell.PUE, 1)
		}
		for _, row := range d.Idle {
			out.energy += row.EnergyKWh * max(row.PUE, 1)
		}
		for _, drop := range d.Drops {
			out.dropped[drop.Reason] += drop.Spans
		}
		out.last = time.Unix(0, d.To)
	}
	return out
}

// send sends requests and returns how many spans were acknowledged.
func send(t testing.TB, address string, traffic otlptest.Traffic, requests int) int {
	t.Helper()
	client, err := otlptest.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, request := range traffic.Encoded(t, requests) {
		if _, err := client.Send(context.Background(), request); err != nil {
			t.Fatal(err)
		}
	}
	return requests * traffic.Spans
}

// What was sent is in the archive, and what is in the archive is in the ledger, by
// service and region, when the server has stopped in between, too.
func TestServices(t *testing.T) {
	t.Parallel()
	c := receiving(t, nil)
	a, err := app.New(t.Context(), c, app.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	a.Start()
	grpc, _ := a.Receiving()
	begin := time.Now().Add(-10 * time.Second)
	sent := send(t, grpc, otlptest.Traffic{Spans: 512, Services: 6, Start: begin}, 40)
	stop(t, a)
	got := readArchive(t, c)
	if got.spans != uint64(sent) || len(got.dropped) != 0 {
		t.Errorf("sent %d, archived %+v", sent, got)
	}
	v, err := archive.Verify(c.WindowArchive().Dir)
	if err != nil || !v.Sound() {
		t.Errorf("%+v, %v", v, err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.WindowArchive().Dir, "journal", "*")); len(left) != 0 {
		t.Errorf("journals are left: %v", left)
	}
	checkLedger(t, c, begin, got.energy)
}

// checkLedger fills in the slots since an instant and compares their energy with that
// of the archive.
func checkLedger(t *testing.T, c *config.Config, begin time.Time, want float64) {
	t.Helper()
	parts, err := app.Open(t.Context(), c, app.Deps{}, app.Write)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := parts.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	span := account.NewSpan(begin.Add(-time.Minute).Truncate(time.Minute), time.Now().Truncate(2*time.Second).Add(2*time.Second))
	time.Sleep(time.Until(span.To.Add(c.Slots.Grace + 100*time.Millisecond))) // until its last slot is due
	if _, err := parts.Driver.Backfill(t.Context(), span, nil); err != nil {
		t.Fatal(err)
	}
	view := account.View{By: []string{"service", "region"}, Sort: account.SortName}
	root, err := ledger.FoldTotal(t.Context(), parts.Store, view, span)
	if err != nil {
		t.Fatal(err)
	}
	services := len(root.Children)
	expect := unit.Energy(want * 1e9)
	if diff := root.Energy - expect; diff < -unit.Energy(services*4) || diff > unit.Energy(services*4) {
		t.Errorf("the ledger has %v of %d services, the archive %v", root.Energy, services, expect)
	}
	idle := slices.ContainsFunc(root.Children, func(n *account.Node) bool { return n.Kind == account.KindIdle && n.Energy > 0 })
	if idle != (len(c.Services.Meters) > 0) {
		t.Errorf("idle energy in the ledger: %v, of %d meters", idle, len(c.Services.Meters))
	}
	if root.CarbonEnergy == 0 || root.Operational == 0 {
		t.Errorf("no carbon: %+v", root.Quantities)
	}
	err = parts.Driver.Reconcile(t.Context(), span, func(r slots.Reconciliation) bool {
		if !r.Equal() {
			t.Errorf("%+v", r)
		}
		return true
	})
	if err != nil {
		t.Error(err)
	}
}

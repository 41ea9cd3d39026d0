package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/testenv/promtest"
	"github.com/dendro-carbon/dendro/internal/testenv/ukgridtest"
)

// TestExact holds the whole program to a calculation of its own: over a real
// Prometheus and a server that speaks as the grid's does, what `dendro backfill`
// stores and `dendro query` shows equals what an independent reading of the
// samples gives, to the microwatt-hour and the microgram, in any view, step and
// zone, before and after the grid has replaced forecasts by actuals.
//
// DENDRO_SEEDS asks for more worlds than the first few.
func TestExact(t *testing.T) {
	t.Parallel()
	seeds, err := strconv.ParseUint(os.Getenv("DENDRO_SEEDS"), 10, 64)
	if err != nil {
		seeds = 2
	}
	first := uint64(0)
	if testing.Short() {
		first = 1 // a smaller world
	}
	for seed := first; seed < seeds; seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed, false)
			server := w.prometheus(t)
			e := begin(t, w, server.URL, pick(w, "remote-read", "range-selector"))
			e.ask(8, false)
			e.run(t, append([]string{"reconcile"}, e.window(len(w.spans)-1)...)...)
			if seed == 0 {
				begin(t, w, server.URL, "range-selector").ask(2, false)
			}
			e.move()
			e.restated()
		})
	}
	t.Run("VictoriaMetrics", func(t *testing.T) {
		t.Parallel()
		w := newWorld(1, true)
		all := stretch{w.spans[0].from, w.spans[len(w.spans)-1].to}
		server := promtest.StartVictoriaMetrics(t, func(out io.Writer) error { return w.write(out, all) })
		begin(t, w, server.URL, "auto").ask(2, false)
	})
}

// begin makes a ledger of a world.
func begin(t *testing.T, w *world, url, transport string) *exactly {
	t.Helper()
	e := &exactly{T: t, world: w, grid: ukgridtest.Start(t)}
	e.grid.SetQuirks(w.quirks)
	e.place = e.installation(url, transport)
	e.fill()
	return e
}

// exactly is a test of one world.
type exactly struct {
	*testing.T
	*world
	place
	grid *ukgridtest.Server
}

// installation writes a configuration for the world.
func (e *exactly) installation(url, transport string) place {
	e.Helper()
	folder := e.TempDir()
	p := place{filepath.Join(folder, "dendro.yaml")}
	region := "GB"
	if e.regional {
		region = "GB-12"
	}
	text := fmt.Sprintf(`
data: %q
slot: %s
time_zone: %s
listen: 127.0.0.1:0
source:
  kind: prometheus
  prometheus:
    {url: %q, transport: %s, samples_per_reply: 20000, metric: %s, host_label: %s, cpu_label: %s, mode_label: %s, idle_modes: [%s], ignored_modes: [%s]}
energy:
  pue: 1.25
  overrides: [{where: {machine_name: SANS}, model: {busy_w: 20.5, idle_w: 3.3, pue: 1.5}}]
intensity: {chain: [ukgrid], region: %s, ukgrid: {url: %q}}
slots: {catch_up: 1h}
`, filepath.Join(folder, "data"), e.slot, e.zone, url, transport, e.metric, e.host, e.cpu, e.mode,
		strings.Join(e.idle, ","), strings.Join(e.ignored, ","), region, e.grid.URL)
	if err := os.WriteFile(p.config, []byte(text), 0o600); err != nil {
		e.Fatal(err)
	}
	return p
}

// window returns the flags for a span of the world.
func (e *exactly) window(span int) []string {
	s := e.spans[span]
	return []string{
		"--from", time.UnixMicro(s.from).UTC().Format(time.RFC3339), "--to", time.UnixMicro(s.to).UTC().Format(time.RFC3339),
	}
}

// fill fills in the past, in two goes where they overlap.
func (e *exactly) fill() {
	e.Helper()
	for span, s := range e.spans {
		half := time.UnixMicro((s.from + s.to) / 2).UTC().Format(time.RFC3339)
		e.run(e.T, "backfill", "--quiet", "--from", half, "--to", e.window(span)[3])
		e.run(e.T, append([]string{"backfill", "--quiet"}, e.window(span)...)...)
	}
}

// ask asks questions by chance and compares the answers.
func (e *exactly) ask(n int, told bool) {
	e.Helper()
	for span := range e.spans { // all of it, slot by slot and day by day
		for _, step := range []string{"slot", "1d"} {
			q := e.whole(span, told)
			q.by, q.step = []string{"facility", "group", e.host}, step
			e.compare(q)
		}
	}
	for range n {
		e.compare(e.question(told))
	}
}

// whole asks for all of a span.
func (e *exactly) whole(span int, told bool) question {
	s := e.spans[span]
	return question{from: time.UnixMicro(s.from), to: time.UnixMicro(s.to), sort: "carbon", told: told}
}

// question makes up a question.
func (e *exactly) question(told bool) question {
	r := e.random
	q := e.whole(r.IntN(len(e.spans)), told)
	levels := []string{"facility", "group", "cloud_project_name", "machine_name", e.host, "rack"}
	r.Shuffle(len(levels), func(i, j int) { levels[i], levels[j] = levels[j], levels[i] })
	q.by = levels[:r.IntN(4)]
	slots := int(q.to.Sub(q.from) / e.slot)
	first := r.IntN(slots)
	q.from, q.to = q.from.Add(time.Duration(first)*e.slot), q.from.Add(time.Duration(first+1+r.IntN(slots-first))*e.slot)
	q.step = pick(e.world, "", "slot", "1h", "1d", "1mo")
	q.sort = pick(e.world, "carbon", "energy", "name")
	q.top = r.IntN(4)
	for range r.IntN(3) {
		m := e.machines[r.IntN(len(e.machines))]
		name := pick(e.world, "machine_name", "facility", "rack")
		q.where = append(q.where, name+"="+named(m.labels)[name])
	}
	return q
}

// compare asks the program and the calculation.
func (e *exactly) compare(q question) {
	e.Helper()
	a := e.answer(q.args()...)
	if diff := cmp.Diff(e.lines(q), a.lines()); diff != "" {
		e.Errorf("%q (-want +got):\n%s", q.args(), diff)
	}
	if from, to := q.from.UTC().Format(time.RFC3339), q.to.UTC().Format(time.RFC3339); a.From != from || a.To != to || a.Zone != e.zone.String() {
		e.Errorf("%q: window %s to %s of %s", q.args(), a.From, a.To, a.Zone)
	}
}

func (e *exactly) answer(args ...string) *answer {
	e.Helper()
	text, a := e.run(e.T, args...), &answer{}
	if err := json.Unmarshal([]byte(text), a); err != nil {
		e.Fatalf("%q: %v\n%s", args, err, text)
	}
	return a
}

// move moves the ledger to another zone: days are others, slots are not.
func (e *exactly) move() {
	e.Helper()
	was, config := e.zone, e.config
	defer func() { e.zone, e.config = was, config }()
	e.zone = location("America/New_York")
	text, err := os.ReadFile(config)
	if err != nil {
		e.Fatal(err)
	}
	e.config += ".moved.yaml"
	if err := os.WriteFile(e.config, bytes.Replace(text, []byte(was.String()), []byte(e.zone.String()), 1), 0o600); err != nil {
		e.Fatal(err)
	}
	e.run(e.T, append([]string{"backfill", "--quiet"}, e.window(0)...)...)
	for _, step := range []string{"1d", "1mo"} {
		q := e.whole(0, false)
		q.by, q.step = []string{"group"}, step
		e.compare(q)
	}
}

// restated lets the grid replace forecasts by actuals: a server restates the slots
// of the last span, and the old figures stay readable.
func (e *exactly) restated() {
	e.Helper()
	e.run(e.T, append([]string{"backfill", "--quiet"}, e.window(0)...)...) // back to the zone of before
	last := len(e.spans) - 1
	before := e.whole(last, false)
	before.by, before.step = []string{"group", e.host}, "1h"
	e.compare(before)
	known := e.answer(before.args()...).AsKnownAt
	quirks := e.quirks
	quirks.Lost = nil
	e.grid.SetQuirks(quirks)

	server := e.serve()
	after := before
	after.told = true
	server.await(func() bool {
		return cmp.Equal(e.lines(after), e.answer(after.args()...).lines())
	})
	e.compare(after)
	server.stop()
	e.compare(after)
	old := append(before.args(), "--as-known-at", known)
	if diff := cmp.Diff(e.lines(before), e.answer(old...).lines()); diff != "" {
		e.Errorf("%q (-want +got):\n%s", old, diff)
	}
	e.ask(3, true)
}

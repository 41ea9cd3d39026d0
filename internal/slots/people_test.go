package slots_test

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/unit"
)

// office is a directory over records that a test changes, as the adapters are over
// documents and files.
type office struct {
	*directory.Tracker
	ends bool // whether what is gone ended, or never was
}

func (*office) Name() string { return "office" }

func (o *office) Changes(ctx context.Context, cursor string) (directory.Update, error) {
	u, err := o.Since(cursor)
	if err != nil {
		return u, err
	}
	return u, ctx.Err()
}

func (o *office) say(r directory.Records) {
	gone := time.Time{}
	if o.ends {
		gone = time.Now()
	}
	o.Set(&r, nil, gone)
}

func withOffice(t testing.TB, w *world, store ledger.Store, o *office) *slots.Driver {
	t.Helper()
	d, err := slots.New(slots.Config{Method: method()}, slots.Deps{
		Store: store, Sources: []source.Source{w}, Intensities: []intensity.Source{grid{w}}, Directories: []directory.Source{o}, Log: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// energyOf is what accounts with a label have in a span.
func energyOf(t testing.TB, s ledger.Store, span account.Span, label, value string) unit.Energy {
	t.Helper()
	sum := unit.Energy(0)
	for _, e := range figures(t, s, span) {
		if e.Account.Labels.Get(label) == value {
			sum += e.Energy
		}
	}
	return sum
}

// TestGoneBetweenRuns holds that a workspace whose document disappears while no
// server runs is not billed for ever: it ends when the next server finds that.
func TestGoneBetweenRuns(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]bool{"ended": true, "never was": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				w := newWorld("a")
				store := memory.New(calendar(t))
				first := &office{directory.NewTracker(), ends}
				first.say(directory.Records{Workspaces: []directory.Workspace{{ID: "1", Name: "ws", Host: "a", From: begin, Owner: "alice"}}})
				live(t, withOffice(t, w, store, first), begin.Add(4*time.Hour+5*time.Minute))
				second := &office{directory.NewTracker(), ends}
				second.say(directory.Records{})
				live(t, withOffice(t, w, store, second), begin.Add(8*time.Hour))
				before := energyOf(t, store, account.NewSpan(begin, begin.Add(4*time.Hour)), "user", "alice")
				after := energyOf(t, store, account.NewSpan(begin.Add(5*time.Hour), begin.Add(8*time.Hour)), "user", "alice")
				if (before > 0) != ends || after != 0 {
					t.Errorf("alice has %v before it was gone and %v after it", before, after)
				}
			})
		})
	}
}

// TestContentions holds that two live workspaces of one host, and experiments at the
// same time, are shown to the operator, and that the directory's own state is.
func TestContentions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		o := &office{directory.NewTracker(), true}
		both := directory.Records{
			Workspaces: []directory.Workspace{
				{ID: "1", Name: "ws-1", Host: "a", From: begin, Owner: "alice"}, {ID: "2", Name: "ws-2", Host: "a", From: begin, Owner: "bob"},
			},
			Experiments: []directory.Experiment{{Name: "RB1", Members: []string{"bob"}}, {Name: "RB2", Members: []string{"bob"}}},
		}
		o.say(both)
		store := memory.New(calendar(t))
		d := withOffice(t, newWorld("a"), store, o)
		live(t, d, begin.Add(2*time.Hour+5*time.Minute))
		s := d.Status()
		told := fmt.Sprint(s.Warnings["attribution"], s.Warnings["office"])
		for _, want := range []string{
			`host "a" is held by ws-1, ws-2 at the same time: policy divide usage`,
			`workspace "ws-2" may have been for each of the experiments RB1, RB2: policy experiments even`,
			`held by workspaces "ws-1", "ws-2" at the same time, none of which has ended`,
		} {
			if !strings.Contains(told, want) {
				t.Errorf("not told: %s in %s", want, told)
			}
		}
		if strings.Contains(told, "alice") || strings.Contains(told, "bob") {
			t.Errorf("people are named: %s", told)
		}
		if dir := s.Directories["office"]; dir.Warnings != 1 || dir.Changes < 2 || dir.AskedAt.IsZero() || dir.LagSeconds < 0 {
			t.Errorf("state of the directory: %+v", dir)
		}
		span := account.NewSpan(begin, begin.Add(2*time.Hour))
		a, b, rb1 := energyOf(t, store, span, "user", "alice"), energyOf(t, store, span, "user", "bob"), energyOf(t, store, span, "experiment", "RB1")
		if a == 0 || max(a-b, b-a) > 4 || max(b-2*rb1, 2*rb1-b) > 8 {
			t.Errorf("alice %v, bob %v, RB1 %v", a, b, rb1)
		}
		both.Workspaces, both.Experiments = both.Workspaces[:1], nil
		o.say(both)
		live(t, d, begin.Add(4*time.Hour))
		if w := d.Status().Warnings; len(w) != 0 {
			t.Errorf("warnings of the past: %+v", w)
		}
	})
}

// TestHostileNames holds that a host whose name is not UTF-8 holds up nothing, in a
// source or a directory: it is seen, and its holder found.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const bad = "k\xe4fer"
		begin := time.Now()
		o := &office{directory.NewTracker(), true}
		o.say(directory.Records{
			Workspaces:  []directory.Workspace{{ID: bad, Name: "ws", Host: bad, From: begin, Owner: "alice"}},
			Experiments: []directory.Experiment{{Name: "RB1", Members: []string{"alice", bad}, Instrument: bad}},
		})
		store := memory.New(calendar(t))
		live(t, withOffice(t, newWorld("a", bad), store, o), begin.Add(2*time.Hour+5*time.Minute))
		span := account.NewSpan(begin, begin.Add(2*time.Hour))
		seen := map[string]bool{}
		for b, err := range store.Facts(t.Context(), span, time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range b.Subjects {
				seen[s.Host] = true
			}
		}
		if !seen["a"] || !seen["k\uFFFDE4fer"] || len(seen) != 2 {
			t.Errorf("hosts are %v", seen)
		}
		if n := len(states(t, store)); n != 4 || energyOf(t, store, span, "user", "alice") == 0 {
			t.Errorf("%d slots, alice has %v", n, energyOf(t, store, span, "user", "alice"))
		}
	})
}

// steady is a source with the same use in every slot.
type steady struct{ subjects []account.Subject }

func (steady) Info() source.Info { return source.Info{Name: "steady", Replayable: true} }

func (s steady) Read(_ context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		for slot := range r.Grid.Slots(r.Span) {
			b := &account.Batch{Slot: slot, Origins: []account.Origin{{Source: "steady", Method: "made up"}}, Subjects: s.subjects}
			for i := range s.subjects {
				length := slot.Length()
				b.Facts = append(b.Facts, account.Fact{
					Subject: i, To: length, Busy: length + unit.Duration(i), Idle: 7 * length, Observed: length, Expected: length,
				})
			}
			if !yield(source.Reading{Facts: b}, nil) {
				return
			}
		}
	}
}

// BenchmarkRestateHoldings changes 10,000 holdings, all of a week of 1,000 hosts, by
// giving their users another research group: every slot of the week is restated in
// SQLite.
func BenchmarkRestateHoldings(b *testing.B) {
	const hosts, perHost = 1000, 10
	end := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -2)
	week := account.NewSpan(end.AddDate(0, 0, -7), end)
	var s steady
	r := directory.Records{}
	for i := range hosts {
		host := fmt.Sprintf("host-%04d", i)
		labels, err := account.LabelsOf("cloud_project_name", "IDAaaS", "machine_name", fmt.Sprint("M", i%40))
		if err != nil {
			b.Fatal(err)
		}
		s.subjects = append(s.subjects, account.Subject{Host: host, Labels: labels})
		for n := range perHost {
			part := week.Duration() / perHost
			from := week.From.Add(time.Duration(n) * part).Truncate(30 * time.Minute)
			id := fmt.Sprintf("%d-%d", i, n)
			r.Workspaces = append(r.Workspaces, directory.Workspace{
				ID: id, Name: id, Host: host, From: from, To: from.Add(part).Truncate(30 * time.Minute), Owner: fmt.Sprint("user-", (i*7+n)%300),
			})
		}
	}
	store, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "ledger.db"), Calendar: calendar(b), Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	o := &office{directory.NewTracker(), true}
	m := derive.Method{
		Models: []derive.ModelRule{{Model: energy.Default()}}, Accounting: accounting(), Policy: derive.Policy{Name: "held", Held: true},
	}
	d, err := slots.New(slots.Config{Method: m}, slots.Deps{Store: store, Sources: []source.Source{s}, Directories: []directory.Source{o}, Log: quiet()})
	if err != nil {
		b.Fatal(err)
	}
	group := 0
	change := func() {
		r.People = nil
		group++
		for u := range 300 {
			r.People = append(r.People, directory.Person{User: fmt.Sprint("user-", u), ResearchGroup: fmt.Sprint("group-", (u+group)%30)})
		}
		o.say(r)
	}
	change()
	if _, err := d.Backfill(b.Context(), week, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		change()
		week.From = week.From.Add(-30 * time.Minute) // a slot is missing, so directories are asked
		if _, err := d.Backfill(b.Context(), week, nil); err != nil {
			b.Fatal(err)
		}
	}
}

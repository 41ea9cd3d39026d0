package derive_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/unit"
)

// oneHost is a slot of the host "a" with some facts.
func oneHost(t testing.TB, slot account.Span, facts ...account.Fact) *account.Batch {
	t.Helper()
	return &account.Batch{
		Slot: slot, Origins: []account.Origin{{Source: "prometheus", Method: "raw samples"}},
		Subjects: []account.Subject{{Host: "a", Labels: mustLabels(t, "cloud_project_name", "IDAaaS", "machine_name", "Muon")}},
		Facts:    facts,
	}
}

func mustDerive(t testing.TB, m derive.Method, k derive.Known, b *account.Batch) []account.Entry {
	t.Helper()
	d, err := derive.New(m, k)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := d.Derive(b)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// find returns the sum of the entries of a kind with a value of a label.
func find(t testing.TB, entries []account.Entry, kind account.Kind, label, value string) account.Quantities {
	t.Helper()
	var sum account.Quantities
	for _, e := range entries {
		if e.Account.Kind == kind && e.Account.Labels.Get(label) == value {
			var err error
			if sum, err = sum.Add(e.Quantities); err != nil {
				t.Fatal(err)
			}
		}
	}
	return sum
}

func held(change ...func(*derive.Policy)) derive.Method {
	p := derive.Policy{Name: "held", Held: true}
	for _, f := range change {
		f(&p)
	}
	return facility(p)
}

// holds is a holding of the host "a" from one minute of noon's hour to another; a
// negative end is open.
func holds(t testing.TB, id string, from, to int) account.Holding {
	t.Helper()
	noon := instant(t, "2026-01-28T12:00:00Z")
	h := account.Holding{ID: id, Host: "a", From: noon.Add(time.Duration(from) * time.Minute), Holder: mustLabels(t, "user", id)}
	if to >= 0 {
		h.To = noon.Add(time.Duration(to) * time.Minute)
	}
	return h
}

// TestHostReuse is the facility's own example: A keeps 8 processors busy from
// 12:00 to 12:20 and is deleted, B gets the host at 12:30 and leaves it idle.
func TestHostReuse(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z")
	holdings := []account.Holding{holds(t, "A", 0, 20), holds(t, "B", 30, -1)}
	cut := oneHost(t, slot,
		account.Fact{From: 0, To: minutes(20), Busy: 8 * minutes(20), Observed: minutes(20), Expected: minutes(20)},
		account.Fact{From: minutes(20), To: minutes(30), Expected: minutes(10)},
		account.Fact{From: minutes(30), To: minutes(60), Idle: 8 * minutes(30), Observed: minutes(30), Expected: minutes(30)},
	)
	entries := mustDerive(t, held(), derive.Known{Holdings: holdings}, cut)
	a, b := find(t, entries, account.KindAccount, "user", "A"), find(t, entries, account.KindAccount, "user", "B")
	rest := find(t, entries, account.KindUnattributed, "user", "")
	if a.Energy.Decimal() != "0.032" || b.Energy.Decimal() != "0.004" || rest.Energy != 0 || rest.Expected != minutes(10) {
		t.Errorf("A %v, B %v, rest %v; want 0.032, 0.004, 0", a.Energy, b.Energy, rest.Energy)
	}
	if a.EstimatedEnergy != 0 || b.EstimatedEnergy != 0 {
		t.Errorf("cut where it was measured: estimated %v, %v", a.EstimatedEnergy, b.EstimatedEnergy)
	}
	if f := rest.Figures(); f.Energy != nil || f.Coverage == nil || *f.Coverage != 0 {
		t.Errorf("what nobody observed is not zero: %+v", f)
	}

	// A host that is held and not seen is expected.
	later := holds(t, "C", 10, 40)
	later.Host = "never seen"
	for ignore, want := range map[bool]unit.Duration{false: minutes(30), true: 0} {
		m := held(func(p *derive.Policy) { p.IgnoreUnseen = ignore })
		entries := mustDerive(t, m, derive.Known{Holdings: append(holdings, later)}, cut)
		c := find(t, entries, account.KindAccount, "user", "C")
		if c != (account.Quantities{Expected: want}) {
			t.Errorf("C, held and not seen: %+v, want %v expected", c, want)
		}
	}

	// A host that changes its labels is expected once.
	relabelled := *cut
	relabelled.Subjects = append(slices.Clone(cut.Subjects), account.Subject{Host: "a", Labels: mustLabels(t, "cloud_project_name", "IDAaaS", "machine_name", "SANS")})
	relabelled.Facts = append(slices.Clone(cut.Facts), account.Fact{Subject: 1, To: minutes(60), Idle: 1})
	relabelled.Sort()
	renamed := mustDerive(t, held(), derive.Known{Holdings: holdings}, &relabelled)
	if q := find(t, renamed, account.KindAccount, "user", "A"); q.Expected != minutes(20) {
		t.Errorf("A on a host of two names: %v expected, want 20 minutes", q.Expected)
	}

	// The same hour without cuts, as after a correction: even over time, and
	// marked so, with the same total.
	whole := oneHost(t, slot, account.Fact{
		To: minutes(60), Busy: 8 * minutes(20), Idle: 8 * minutes(30), Observed: minutes(50), Expected: minutes(60),
	})
	entries = mustDerive(t, held(), derive.Known{Holdings: holdings}, whole)
	a, b = find(t, entries, account.KindAccount, "user", "A"), find(t, entries, account.KindAccount, "user", "B")
	rest = find(t, entries, account.KindUnattributed, "user", "")
	if a.Energy.Decimal() != "0.012" || b.Energy.Decimal() != "0.018" || rest.Energy.Decimal() != "0.006" {
		t.Errorf("A %v, B %v, rest %v; want 0.012, 0.018, 0.006", a.Energy, b.Energy, rest.Energy)
	}
	if a.EstimatedEnergy != a.Energy || b.EstimatedEnergy != b.Energy || rest.EstimatedEnergy != rest.Energy {
		t.Error("cut where nothing was measured: all of it is estimated")
	}
}

// TestPolicies divides one host, 600 s busy and 3000 s idle, held by A and B.
func TestPolicies(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z")
	facts := oneHost(t, slot, account.Fact{To: minutes(60), Busy: minutes(10), Idle: minutes(50), Observed: minutes(60), Expected: minutes(60)})
	a, b := holds(t, "A", -60, -1), holds(t, "B", -60, -1)
	a.Reserved, b.Reserved = 1, 3
	a.Shared = []account.Labels{mustLabels(t, "user", "C")}
	c, d := holds(t, "A", -60, -1), holds(t, "B", -60, -1) // whose reservations are not known
	type figures map[string]string                         // energy by user, "" is unattributed, "idle" idle
	tests := []struct {
		name   string
		change func(*derive.Policy)
		held   []account.Holding
		want   figures
	}{
		{"one holder", func(*derive.Policy) {}, []account.Holding{a}, figures{"A": "0.002833333"}},
		{"no holder", func(*derive.Policy) {}, nil, figures{"": "0.002833333"}},
		{"two at once", func(*derive.Policy) {}, []account.Holding{b, a}, figures{"A": "0.001416667", "B": "0.001416666"}},
		{"even", func(p *derive.Policy) { p.Divide = derive.DivideEven }, []account.Holding{a, b}, figures{"A": "0.001416667", "B": "0.001416666"}},
		{"reservation", func(p *derive.Policy) { p.Divide = derive.DivideReservation }, []account.Holding{a, b}, figures{"A": "0.000708333", "B": "0.002125"}},
		{"reservations unknown", func(p *derive.Policy) { p.Divide = derive.DivideReservation }, []account.Holding{c, d}, figures{"A": "0.001416667", "B": "0.001416666"}},
		{"reservation of one unknown", func(p *derive.Policy) { p.Divide = derive.DivideReservation }, []account.Holding{a, d}, figures{"A": "0.002833333"}},
		{"reservation of nobody else", func(p *derive.Policy) { p.Divide = derive.DivideReservation }, []account.Holding{c}, figures{"A": "0.002833333"}},
		{
			"weighted", func(p *derive.Policy) {
				p.Divide = derive.DivideWeighted
				p.Weights = []derive.WeightRule{{Where: account.Filter{{Label: "user", Values: []string{"A"}}}, Weight: 9}}
			}, []account.Holding{a, b}, figures{"A": "0.00255", "B": "0.000283333"},
		},
		{"all of weight zero", func(p *derive.Policy) {
			p.Divide, p.Weights = derive.DivideWeighted, []derive.WeightRule{{Weight: 0}}
		}, []account.Holding{a, b}, figures{"": "0.002833333"}},
		{"shared evenly", func(p *derive.Policy) { p.Sharing = derive.SharingEven }, []account.Holding{a}, figures{"A": "0.001416667", "C": "0.001416666"}},
		{"shared evenly beside another holding", func(p *derive.Policy) { p.Sharing = derive.SharingEven }, []account.Holding{a, b}, figures{"A": "0.000708333", "B": "0.001416667", "C": "0.000708333"}},
		{"idle apart", func(p *derive.Policy) { p.Idle = derive.IdleApart }, []account.Holding{a}, figures{"A": "0.002", "idle": "0.000833333"}},
		{"idle pro rata", func(p *derive.Policy) { p.Idle = derive.IdleProRata }, []account.Holding{a, b}, figures{"A": "0.001416667", "B": "0.001416666"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			entries := mustDerive(t, held(tt.change), derive.Known{Holdings: tt.held}, facts)
			got := figures{}
			for _, e := range entries {
				name := e.Account.Labels.Get("user")
				if e.Account.Kind == account.KindIdle {
					name = "idle"
				}
				got[name] = e.Energy.Decimal()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("energy by user (-want +got):\n%s", diff)
			}
		})
	}
}

// TestIdleProRataAcrossHosts shares the idle energy of a group among all who
// were busy in it, whichever host was idle.
func TestIdleProRataAcrossHosts(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z")
	batch := oneHost(t, slot)
	labels := batch.Subjects[0].Labels
	batch.Subjects = []account.Subject{
		{Host: "a", Labels: labels},
		{Host: "b", Labels: labels},
		{Host: "c", Labels: labels},
		{Host: "d", Labels: mustLabels(t, "cloud_project_name", "CDAaaS", "machine_name", "Muon")},
	}
	hour := minutes(60)
	batch.Facts = []account.Fact{
		{Subject: 0, To: hour, Busy: hour * 3 / 4, Idle: hour / 4, Observed: hour, Expected: hour},
		{Subject: 1, To: hour, Busy: hour / 4, Idle: hour * 3 / 4, Observed: hour, Expected: hour},
		{Subject: 2, To: hour, Idle: hour, Observed: hour, Expected: hour}, // held by nobody
		{Subject: 3, To: hour, Idle: hour, Observed: hour, Expected: hour}, // of another group, where nobody is busy
	}
	var holdings []account.Holding
	for _, host := range []string{"a", "b"} {
		h := holds(t, "user of "+host, -60, -1)
		h.Host = host
		holdings = append(holdings, h)
	}
	m := held(func(p *derive.Policy) { p.Idle, p.Pool = derive.IdleProRata, []string{"group"} })
	entries := mustDerive(t, m, derive.Known{
		Holdings: holdings, Intensities: []account.Intensity{grid(slot, account.IntensityForecast, 100)},
	}, batch)
	// Idle energy of the group is 0.002 kWh: a quarter, three and four.
	for user, want := range map[string]string{"user of a": "0.0105", "user of b": "0.0035"} {
		q := find(t, entries, account.KindAccount, "user", user)
		if q.Energy.Decimal() != want || q.Operational != unit.Mass(q.Energy)/10 || q.EstimatedEnergy != q.Energy {
			t.Errorf("%s: %+v, want %s kWh", user, q, want)
		}
	}
	if q := find(t, entries, account.KindUnattributed, "user", ""); q.Energy != 0 || q.Observed != 2*hour {
		t.Errorf("what nobody held: %+v, want its time and no energy", q)
	}
	if q := find(t, entries, account.KindIdle, "cloud_project_name", "CDAaaS"); q.Energy.Decimal() != "0.001" {
		t.Errorf("the group without use: %+v", q)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T13:00:00Z")
	batch := oneHost(t, slot)
	batch.Subjects = append(batch.Subjects,
		account.Subject{Kind: account.SubjectPart, Host: "a", Labels: mustLabels(t, "user", "alice")},
		account.Subject{Kind: account.SubjectPart, Host: "a", Labels: mustLabels(t, "user", "bob")},
	)
	hour := minutes(60)
	batch.Facts = []account.Fact{
		{Subject: 0, To: hour, Busy: 100_000_000, Idle: 3500_000_000, Observed: hour, Expected: hour, Measured: 36_000_000_000, Metered: hour},
		{Subject: 1, To: hour, Busy: 60_000_000},
		{Subject: 2, To: hour, Busy: 30_000_000},
	}
	m := facility(derive.Policy{Name: "machine", Idle: derive.IdleApart})
	entries := mustDerive(t, m, derive.Known{}, batch)
	// The meter says 10 Wh; the model splits it 1200 : 3500.
	want := map[string]unit.Energy{"alice": 1_531_915, "bob": 765_957}
	for user, energy := range want {
		if q := find(t, entries, account.KindAccount, "user", user); q.Energy != energy || q.MeasuredEnergy != energy {
			t.Errorf("%s: %v of which measured %v, want %v", user, q.Energy, q.MeasuredEnergy, energy)
		}
	}
	rest, idle := find(t, entries, account.KindUnattributed, "user", ""), find(t, entries, account.KindIdle, "user", "")
	if total := 1_531_915 + 765_957 + rest.Energy + idle.Energy; total != 10_000_000 || rest.Busy != 10_000_000 {
		t.Errorf("rest %v, idle %v: the sum is %v, want 0.01 kWh", rest, idle.Energy, total)
	}
	for _, e := range entries {
		if e.Basis.Energy != account.EnergyMeasured {
			t.Errorf("basis %+v", e.Basis)
		}
	}

	// Parts that come to more than the host divide what the host counted.
	batch.Facts[1].Busy, batch.Facts[2].Busy = 90_000_000, 30_000_000
	entries = mustDerive(t, m, derive.Known{}, batch)
	if q := find(t, entries, account.KindAccount, "user", "alice"); q.Busy != 75_000_000 {
		t.Errorf("alice has %v, want 75 s", q.Busy)
	}

	batch.Subjects, batch.Facts = batch.Subjects[1:], []account.Fact{{Subject: 0, To: hour, Busy: 1}}
	d, err := derive.New(m, derive.Known{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Derive(batch); !errors.Is(err, account.ErrFact) {
		t.Errorf("parts without a host: %v, want ErrFact", err)
	}
}

func TestGapsAndEstimates(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	full := account.Fact{To: minutes(30), Idle: minutes(30), Observed: minutes(30), Expected: minutes(30)}
	change := func(f func(*account.Fact)) *account.Batch {
		fact := full
		f(&fact)
		return oneHost(t, slot, fact)
	}
	actual := derive.Known{Intensities: []account.Intensity{grid(slot, account.IntensityActual, 200)}}
	forecast := derive.Known{Intensities: []account.Intensity{grid(slot, account.IntensityForecast, 200)}}
	tests := []struct {
		name  string
		known derive.Known
		batch *account.Batch
		want  account.Quantities
	}{
		{"all known", actual, oneHost(t, slot, full), account.Quantities{
			Energy: 500_000, CarbonEnergy: 500_000, Operational: 100_000, Idle: minutes(30), Observed: minutes(30), Expected: minutes(30),
		}},
		{"no intensity is a gap, not 0 g", derive.Known{}, oneHost(t, slot, full), account.Quantities{
			Energy: 500_000, Idle: minutes(30), Observed: minutes(30), Expected: minutes(30),
		}},
		{"forecast", forecast, oneHost(t, slot, full), account.Quantities{
			Energy: 500_000, CarbonEnergy: 500_000, Operational: 100_000, EstimatedEnergy: 500_000,
			Idle: minutes(30), Observed: minutes(30), Expected: minutes(30),
		}},
		{"a third bridged", actual, change(func(f *account.Fact) { f.Bridged = minutes(10) }), account.Quantities{
			Energy: 500_000, CarbonEnergy: 500_000, Operational: 100_000, EstimatedEnergy: 166_667,
			Idle: minutes(30), Observed: minutes(30), Expected: minutes(30),
		}},
		{"not observed", actual, change(func(f *account.Fact) { f.Idle, f.Observed = 0, 0 }), account.Quantities{Expected: minutes(30)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			entries := mustDerive(t, facility(derive.Policy{Name: "p"}), tt.known, tt.batch)
			if len(entries) != 1 {
				t.Fatalf("%d entries", len(entries))
			}
			if diff := cmp.Diff(tt.want, entries[0].Quantities); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	extrapolated := oneHost(t, slot, full)
	extrapolated.Origins[0].Extrapolated = true
	if e := mustDerive(t, facility(derive.Policy{Name: "p"}), actual, extrapolated); e[0].EstimatedEnergy != 500_000 {
		t.Errorf("extrapolated: %+v", e[0])
	}
}

func TestServicesAndRules(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	batch := &account.Batch{
		Slot: slot, Origins: []account.Origin{{Source: "otlp", Method: "scored"}},
		Subjects: []account.Subject{
			{Host: "laser", Labels: mustLabels(t, "cloud_project_name", "CDAaaS", "machine_name", "Laser")},
			{Kind: account.SubjectService, Host: "checkout", Labels: mustLabels(t, "service", "checkout", "region", "FR")},
		},
		Facts: []account.Fact{
			{Subject: 0, To: minutes(30), Busy: minutes(1), Idle: minutes(1), Observed: minutes(30), Expected: minutes(30)},
			{Subject: 1, To: minutes(30), Scored: 12_345},
		},
	}
	batch.Sort()
	m := held() // policies about holders are about hosts
	m.Models = append([]derive.ModelRule{{
		Where: account.Filter{{Label: "group", Values: []string{"CDAaaS_Laser"}}}, Model: energy.BusyIdle(60_000_000, 30_000_000),
	}}, m.Models...)
	m.Places = append([]derive.PlaceRule{{Where: account.Filter{{Label: "region", Values: []string{"FR"}}}, Region: "FR"}}, m.Places...)
	france := grid(slot, account.IntensityActual, 50, func(v *account.Intensity) { v.Region = "FR" })
	entries := mustDerive(t, m, derive.Known{Intensities: []account.Intensity{france, grid(slot, account.IntensityActual, 200)}}, batch)
	service := find(t, entries, account.KindAccount, "service", "checkout")
	if service.Energy != 12_345 || service.BusyEnergy != 12_345 || service.Operational != 617 {
		t.Errorf("service %+v", service)
	}
	if laser := find(t, entries, account.KindUnattributed, "machine_name", "Laser"); laser.Energy != 1_500_000 || laser.Operational != 300_000 {
		t.Errorf("a host with a model of its own: %+v", laser)
	}
}

// TestDeriveForgets holds that what was derived before does not matter.
func TestDeriveForgets(t *testing.T) {
	t.Parallel()
	one, two := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z"), span(t, "2026-01-28T12:30:00Z", "2026-01-28T13:00:00Z")
	k := derive.Known{Intensities: []account.Intensity{grid(one, account.IntensityActual, 100), grid(two, account.IntensityForecast, 300)}}
	m := facility(derive.Policy{Name: "p"})
	d, err := derive.New(m, k)
	if err != nil {
		t.Fatal(err)
	}
	labelsEqual := cmp.Comparer(func(a, b account.Labels) bool { return a == b })
	var kept [][]account.Entry
	slots := []account.Span{two, one, two, one}
	for i, slot := range slots {
		entries, err := d.Derive(fleet(t, 20+i, slot))
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, entries)
	}
	for i, slot := range slots {
		want := mustDerive(t, m, k, fleet(t, 20+i, slot))
		if diff := cmp.Diff(want, kept[i], labelsEqual); diff != "" {
			t.Errorf("slot %d (-fresh +used):\n%s", i, diff)
		}
		if !slices.IsSortedFunc(want, account.Entry.Compare) {
			t.Error("entries are not sorted")
		}
	}
}

func TestDeriveRefuses(t *testing.T) {
	t.Parallel()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	d, err := derive.New(facility(derive.Policy{Name: "p"}), derive.Known{})
	if err != nil {
		t.Fatal(err)
	}
	fact := account.Fact{To: minutes(30), Observed: minutes(30), Expected: minutes(30)}
	for name, change := range map[string]func(*account.Fact){
		"subject":    func(f *account.Fact) { f.Subject = 1 },
		"origin":     func(f *account.Fact) { f.Origin = -1 },
		"outside":    func(f *account.Fact) { f.To = minutes(31) },
		"empty":      func(f *account.Fact) { f.To = 0 },
		"negative":   func(f *account.Fact) { f.Busy = -1 },
		"observed":   func(f *account.Fact) { f.Observed = minutes(31) },
		"expected":   func(f *account.Fact) { f.Expected = minutes(29) },
		"bridged":    func(f *account.Fact) { f.Bridged = minutes(31) },
		"metered":    func(f *account.Fact) { f.Metered = minutes(31) },
		"measured":   func(f *account.Fact) { f.Measured = -1 },
		"scored":     func(f *account.Fact) { f.Scored = -1 },
		"begin late": func(f *account.Fact) { f.From = minutes(30) },
	} {
		f := fact
		change(&f)
		if _, err := d.Derive(oneHost(t, slot, f)); !errors.Is(err, account.ErrFact) {
			t.Errorf("%s: %v, want ErrFact", name, err)
		}
	}
	second := fact
	second.From = minutes(10)
	if _, err := d.Derive(oneHost(t, slot, fact, second)); !errors.Is(err, account.ErrFact) {
		t.Errorf("overlapping facts: %v, want ErrFact", err)
	}
	huge := fact
	huge.Busy = unit.Duration(math.MaxInt64)
	if _, err := d.Derive(oneHost(t, slot, huge)); err != nil {
		t.Errorf("as much processor time as fits: %v", err)
	}
	watts := facility(derive.Policy{Name: "p"})
	watts.Models = []derive.ModelRule{{Model: energy.TDP(10_000_000_000)}}
	if d, err = derive.New(watts, derive.Known{}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Derive(oneHost(t, slot, huge)); err == nil {
		t.Error("more energy than fits is an error")
	}
}

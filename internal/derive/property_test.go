package derive_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/unit"
)

// world is random facts, holdings and intensities of one slot.
type world struct {
	method derive.Method
	known  derive.Known
	batch  *account.Batch
}

func randomWorld(t *testing.T, r *rand.Rand) world {
	t.Helper()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	w := world{batch: &account.Batch{
		Slot: slot, Origins: []account.Origin{{Source: "a", Method: "raw"}, {Source: "b", Method: "pushed down", Extrapolated: true}},
	}}
	for i := range 1 + r.IntN(6) {
		labels := map[string]string{"machine_name": fmt.Sprint("m", r.IntN(2))}
		if r.IntN(4) > 0 {
			labels["cloud_project_name"] = []string{"IDAaaS", "CDAaaS", "unmapped"}[r.IntN(3)]
		}
		l, err := account.NewLabels(labels)
		if err != nil {
			t.Fatal(err)
		}
		w.batch.Subjects = append(w.batch.Subjects, account.Subject{Host: fmt.Sprint("h", i), Labels: l})
		w.addFacts(r, i, slot.Length())
		for n := range r.IntN(4) {
			w.known.Holdings = append(w.known.Holdings, randomHolding(t, r, slot, i, n))
		}
	}
	w.batch.Sort()
	if r.IntN(4) > 0 {
		kind := account.IntensityKind(r.IntN(4))
		w.known.Intensities = []account.Intensity{grid(slot, kind, float64(r.IntN(600)))}
	}
	p := derive.Policy{
		Name: "random", Held: r.IntN(4) > 0,
		Divide:  []derive.Divide{derive.DivideUsage, derive.DivideEven, derive.DivideReservation}[r.IntN(3)],
		Idle:    []derive.Idle{derive.IdleHolder, derive.IdleApart, derive.IdleProRata}[r.IntN(3)],
		Sharing: []derive.Sharing{derive.SharingOwner, derive.SharingEven}[r.IntN(2)],
		Pool:    [][]string{nil, {"group"}, {"facility", "machine_name"}}[r.IntN(3)],

		Experiments: []derive.Matching{derive.MatchEven, derive.MatchWeighted, derive.MatchUnattributed}[r.IntN(3)],
		Weights: []derive.WeightRule{
			{Where: account.Filter{{Label: "experiment", Values: []string{"RB0", "RB1"}}}, Weight: uint64(r.IntN(3))},
		},
	}
	w.method = facility(p)
	if r.IntN(2) == 0 {
		w.method.Embodied = []derive.EmbodiedRule{{
			Where: account.Filter{{Label: "machine_name", Values: []string{"m0"}}},
			Total: unit.Mass(r.Int64N(2e12)), Lifespan: 126_230_400_000_000, Reserved: 1 + r.Uint64N(64), Resources: 64,
		}}
	}
	if r.IntN(2) == 0 {
		w.method.Instruments = derive.Instruments{Label: "machine_name", Machines: map[string][]string{"WISH": {"m0", "m1"}, "MARI": {"m1"}}}
	}
	return w
}

// randomExperiments returns some experiments, some with the same name, of the users
// of randomHolding.
func randomExperiments(t *testing.T, r *rand.Rand, slot account.Span) []account.Experiment {
	t.Helper()
	var out []account.Experiment
	for range r.IntN(4) {
		e := account.Experiment{
			Labels:     mustLabels(t, "experiment", fmt.Sprint("RB", r.IntN(3)), "pi", "u0"),
			Members:    [][]string{{"u0", "u1"}, {"guest", "u2", "u3"}, {"guest"}}[r.IntN(3)],
			Instrument: []string{"", "WISH", "MARI", "unmapped"}[r.IntN(4)],
		}
		if r.IntN(2) == 0 {
			e.From = slot.From.Add(time.Duration(r.Int64N(int64(30 * time.Minute))))
		}
		if r.IntN(2) == 0 {
			e.To = slot.From.Add(time.Duration(r.Int64N(int64(40 * time.Minute))))
		}
		out = append(out, e)
	}
	slices.SortFunc(out, account.Experiment.Compare)
	return out
}

// addFacts adds one or several facts of a subject, some with a meter.
func (w *world) addFacts(r *rand.Rand, subject int, length unit.Duration) {
	edges := []unit.Duration{0, length}
	for range r.IntN(3) {
		edges = append(edges, unit.Duration(1+r.Int64N(int64(length)-1)))
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	origin, metered := r.IntN(2), r.IntN(3) == 0
	for i := range len(edges) - 1 {
		part := edges[i+1] - edges[i]
		f := account.Fact{Subject: subject, Origin: origin, From: edges[i], To: edges[i+1]}
		f.Expected = unit.Duration(r.Int64N(int64(part) + 1))
		f.Observed = unit.Duration(r.Int64N(int64(f.Expected) + 1))
		f.Bridged = unit.Duration(r.Int64N(int64(f.Observed) + 1))
		f.Busy, f.Idle = unit.Duration(r.Int64N(int64(part)*4)), unit.Duration(r.Int64N(int64(part)*8))
		if metered {
			f.Measured, f.Metered = unit.Joules(r.Int64N(1e12)), unit.Duration(r.Int64N(int64(part)+1))
		}
		w.batch.Facts = append(w.batch.Facts, f)
	}
}

func randomHolding(t *testing.T, r *rand.Rand, slot account.Span, host, n int) account.Holding {
	t.Helper()
	h := account.Holding{
		ID: fmt.Sprint(host, "-", n), Host: fmt.Sprint("h", host), Reserved: uint64(r.IntN(4)),
		From:    slot.From.Add(time.Duration(r.Int64N(int64(time.Hour))) - 30*time.Minute),
		Holder:  mustLabels(t, "user", fmt.Sprint("u", r.IntN(4))),
		KnownAt: slot.To, Experiments: randomExperiments(t, r, slot),
	}
	if r.IntN(2) == 0 {
		h.To = h.From.Add(time.Duration(r.Int64N(int64(40 * time.Minute))))
	}
	if r.IntN(2) == 0 {
		h.Shared = []account.Labels{mustLabels(t, "user", "guest")}
	}
	return h
}

// TestConservation holds, for random worlds and policies, that nothing is lost or
// invented: the entries sum to an independent calculation of the hosts' wholes.
func TestConservation(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	for round := range 1500 {
		w := randomWorld(t, r)
		entries := mustDerive(t, w.method, w.known, w.batch)
		want := w.byHand(t)
		var got account.Quantities
		for _, e := range entries {
			checkParts(t, e)
			var err error
			if got, err = got.Add(e.Quantities); err != nil {
				t.Fatal(err)
			}
		}
		// How much is estimated depends on the cuts; that it is not less than
		// what was bridged does not.
		if got.EstimatedEnergy < want.EstimatedEnergy {
			t.Fatalf("round %d: estimated %v, at least %v is", round, got.EstimatedEnergy, want.EstimatedEnergy)
		}
		// What is held is expected, at least what was seen is, and no more than
		// there is time.
		most := unit.Duration(len(w.batch.Subjects)+6) * w.batch.Slot.Length()
		if got.Expected < want.Expected || got.Expected > most || (!w.method.Policy.Held && got.Expected != want.Expected) {
			t.Fatalf("round %d: expected %v, by series %v", round, got.Expected, want.Expected)
		}
		got.Expected, want.Expected = 0, 0
		got.EstimatedEnergy, want.EstimatedEnergy = 0, 0
		got.BusyEnergy, got.BusyOperational = 0, 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d, policy %+v (-by hand +derived):\n%s", round, w.method.Policy, diff)
		}
	}
}

// byHand is the sum of a world in rational numbers: energy of 12 W and 1 W or of
// the meter, carbon at the slot's intensity, each rounded once per host.
func (w world) byHand(t *testing.T) account.Quantities {
	t.Helper()
	var sum account.Quantities
	for facts := range w.batch.BySubject() {
		var f account.Fact
		for _, x := range facts {
			f.Busy, f.Idle, f.Observed, f.Expected = f.Busy+x.Busy, f.Idle+x.Idle, f.Observed+x.Observed, f.Expected+x.Expected
			f.Measured, f.Metered, f.Bridged = f.Measured+x.Measured, f.Metered+x.Metered, f.Bridged+x.Bridged
		}
		model := big.NewRat(12*int64(f.Busy)+int64(f.Idle), 3600)
		meter := big.NewRat(int64(f.Measured), 3600)
		whole := model
		q := account.Quantities{Busy: f.Busy, Idle: f.Idle, Observed: f.Observed, Expected: f.Expected}
		switch {
		case f.Metered > 0 && f.Metered >= f.Observed:
			whole = meter
			q.MeasuredEnergy = rounded(meter)
		case f.Metered > 0:
			model.Mul(model, big.NewRat(int64(f.Observed-f.Metered), int64(f.Observed)))
			whole = model.Add(model, meter)
			q.MeasuredEnergy = rounded(meter)
		}
		q.Energy = rounded(whole)
		switch {
		case w.batch.Origins[facts[0].Origin].Extrapolated:
			q.EstimatedEnergy = q.Energy
		case f.Bridged > 0:
			q.EstimatedEnergy = rounded(new(big.Rat).Mul(big.NewRat(int64(q.Energy), 1), big.NewRat(int64(f.Bridged), int64(f.Observed))))
		}
		if len(w.known.Intensities) > 0 {
			q.CarbonEnergy = q.Energy
			carbon := new(big.Rat).Mul(big.NewRat(int64(q.Energy), 1_000_000_000), big.NewRat(int64(w.known.Intensities[0].Value), 1))
			q.Operational = unit.Mass(rounded(carbon))
		}
		w.embodiedByHand(&q, facts[0].Subject)
		var err error
		if sum, err = sum.Add(q); err != nil {
			t.Fatal(err)
		}
	}
	return sum
}

// embodiedByHand adds M = TE × TiR/EL × RR/ToR.
func (w world) embodiedByHand(q *account.Quantities, subject int) {
	for _, e := range w.method.Embodied {
		if !e.Where.Holds(w.batch.Subjects[subject].Labels) {
			continue
		}
		m := big.NewRat(int64(e.Total), 1)
		m.Mul(m, big.NewRat(int64(q.Observed), int64(e.Lifespan)))
		m.Mul(m, big.NewRat(int64(e.Reserved), int64(e.Resources)))
		q.Embodied, q.EmbodiedTime = unit.Mass(rounded(m)), q.Observed
		return
	}
}

// rounded rounds half to even.
func rounded(r *big.Rat) unit.Energy {
	text := r.FloatString(40) // exact enough: no denominator here makes a near tie
	whole, fraction, _ := strings.Cut(text, ".")
	v, _ := new(big.Int).SetString(whole, 10)
	half := "5" + strings.Repeat("0", 39)
	if fraction > half || (fraction == half && v.Bit(0) == 1) {
		v.Add(v, big.NewInt(1))
	}
	return unit.Energy(v.Int64())
}

// checkParts holds that no part of an entry is negative or exceeds its whole.
func checkParts(t *testing.T, e account.Entry) {
	t.Helper()
	for i, v := range e.Values() {
		if v < 0 {
			t.Fatalf("%v: %s is %d", e.Account, account.QuantityNames()[i], v)
		}
	}
	if e.BusyEnergy > e.Energy || e.CarbonEnergy > e.Energy || e.EstimatedEnergy > e.Energy ||
		e.MeasuredEnergy > e.Energy || e.BusyOperational > e.Operational || e.Observed > e.Expected {
		t.Fatalf("%v: a part exceeds its whole: %+v", e.Account, e.Quantities)
	}
}

// TestOrderDoesNotMatter shuffles everything that has no order.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 14))
	for range 200 {
		w := randomWorld(t, r)
		want := mustDerive(t, w.method, w.known, w.batch)
		shuffled := *w.batch
		shuffled.Subjects, shuffled.Facts = slices.Clone(w.batch.Subjects), slices.Clone(w.batch.Facts)
		n := len(shuffled.Subjects)
		order := r.Perm(n)
		for i, to := range order {
			shuffled.Subjects[to] = w.batch.Subjects[i]
		}
		for i := range shuffled.Facts {
			shuffled.Facts[i].Subject = order[shuffled.Facts[i].Subject]
		}
		r.Shuffle(len(shuffled.Facts), func(i, j int) {
			shuffled.Facts[i], shuffled.Facts[j] = shuffled.Facts[j], shuffled.Facts[i]
		})
		shuffled.Sort()
		k := derive.Known{Holdings: slices.Clone(w.known.Holdings), Intensities: w.known.Intensities}
		r.Shuffle(len(k.Holdings), func(i, j int) { k.Holdings[i], k.Holdings[j] = k.Holdings[j], k.Holdings[i] })
		got := mustDerive(t, w.method, k, &shuffled)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b account.Labels) bool { return a == b })); diff != "" {
			t.Fatalf("(-sorted +shuffled):\n%s", diff)
		}
	}
}

// TestPoliciesAgreeInTotal compares policies over the same facts: they divide the
// same whole.
func TestPoliciesAgreeInTotal(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 16))
	for range 200 {
		w := randomWorld(t, r)
		var totals []account.Quantities
		for _, idle := range []derive.Idle{derive.IdleHolder, derive.IdleApart, derive.IdleProRata} {
			for _, divide := range []derive.Divide{derive.DivideUsage, derive.DivideReservation} {
				m := w.method
				m.Policy.Idle, m.Policy.Divide = idle, divide
				fold := account.NewFold(account.View{}, 0)
				d, err := derive.New(m, w.known)
				if err != nil {
					t.Fatal(err)
				}
				if err := d.Fold(w.batch, fold, 0); err != nil {
					t.Fatal(err)
				}
				root, err := fold.Tree()
				if err != nil {
					t.Fatal(err)
				}
				root.EstimatedEnergy = 0 // follows the cuts
				totals = append(totals, root.Quantities)
			}
		}
		for _, q := range totals[1:] {
			if q != totals[0] {
				t.Fatalf("policies disagree: %+v and %+v", totals[0], q)
			}
		}
	}
}

// TestExperimentsOfParties holds that no policy for experiments changes the time, and
// so the energy but for the rounding of its parts, that a party gets.
func TestExperimentsOfParties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(17, 18))
	divided := 0
	for range 300 {
		w := randomWorld(t, r)
		w.method.Policy.Idle = derive.IdleHolder
		var want map[account.Account]account.Quantities
		for _, policy := range []derive.Matching{derive.MatchUnattributed, derive.MatchEven, derive.MatchWeighted} {
			m := w.method
			m.Policy.Experiments = policy
			got := map[account.Account]account.Quantities{}
			for _, e := range mustDerive(t, m, w.known, w.batch) {
				if e.Account.Labels.Get("experiment") != "" {
					divided++
				}
				party := account.Account{Labels: e.Account.Labels.Without("experiment", "pi"), Kind: e.Account.Kind}
				got[party] = mustAdd(t, got[party], account.Quantities{Busy: e.Busy, Idle: e.Idle, Observed: e.Observed, Expected: e.Expected})
			}
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b account.Account) bool { return a == b })); diff != "" {
				t.Fatalf("policy %s (-unattributed +it):\n%s", policy, diff)
			}
		}
	}
	if divided == 0 {
		t.Error("no experiment got anything")
	}
}

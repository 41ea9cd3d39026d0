package ledgertest

import (
	"errors"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/unit"
)

func intensity(n int, kind account.IntensityKind, grams int64, knownAt time.Time) account.Intensity {
	return account.Intensity{
		Region: "GB", Span: slotAt(n), Value: unit.Intensity(grams * 1_000_000), Kind: kind,
		Accounting: account.Accounting{Scope: "combustion", Approach: "location"},
		Source:     "ukgrid", Version: "v1", KnownAt: knownAt,
	}
}

func testIntensities(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	ctx := t.Context()
	forecast := intensity(0, account.IntensityForecast, 200, known(0))
	later := intensity(1, account.IntensityForecast, 210, known(0))
	other := intensity(0, account.IntensityForecast, 90, known(0))
	other.Region = "GB-12"
	put := func(values ...account.Intensity) []account.Intensity {
		t.Helper()
		added, err := s.PutIntensities(ctx, values)
		if err != nil {
			t.Fatal(err)
		}
		return added
	}
	equal(t, "added", put(other, later, forecast), []account.Intensity{forecast, later, other})

	again := forecast
	again.KnownAt = known(5)
	if added := put(again); len(added) != 0 {
		t.Errorf("what says the same was added: %v", added)
	}
	revised, actual := intensity(0, account.IntensityForecast, 205, known(6)), intensity(0, account.IntensityActual, 190, known(7))
	equal(t, "revision and actual", put(actual, revised), []account.Intensity{actual, revised})
	back := intensity(0, account.IntensityForecast, 200, known(8)) // a value that returns is news
	equal(t, "returning value", put(back), []account.Intensity{back})

	at := func(span account.Span, when time.Time) []account.Intensity {
		return Collect(t, s.Intensities(ctx, span, when))
	}
	equal(t, "now", at(spanOf(0, 1), time.Time{}), []account.Intensity{actual, forecast, revised, back, later, other})
	equal(t, "of one slot", at(slotAt(1), time.Time{}), []account.Intensity{later})
	equal(t, "as known earlier", at(slotAt(0), known(6)), []account.Intensity{forecast, revised, other})
	if got := at(slotAt(0), known(0).Add(-time.Microsecond)); len(got) != 0 {
		t.Errorf("before anything was known: %v", got)
	}
	refusesIntensities(t, s)
}

func refusesIntensities(t *testing.T, s ledger.Store) {
	t.Helper()
	before := stateOf(t, s).Intensities
	for name, change := range map[string]func(*account.Intensity){
		"no region":  func(v *account.Intensity) { v.Region = "" },
		"no source":  func(v *account.Intensity) { v.Source = "" },
		"no time":    func(v *account.Intensity) { v.KnownAt = time.Time{} },
		"empty span": func(v *account.Intensity) { v.Span.To = v.Span.From },
		"negative":   func(v *account.Intensity) { v.Value = -1 },
		"older":      func(v *account.Intensity) { v.KnownAt, v.Value = known(1), 1 },
	} {
		bad := intensity(0, account.IntensityForecast, 77, known(50))
		change(&bad)
		fine := intensity(9, account.IntensityActual, 1, known(50))
		if _, err := s.PutIntensities(t.Context(), []account.Intensity{fine, bad}); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	equal(t, "after refusals", stateOf(t, s).Intensities, before)
}

func holding(t *testing.T, id string, first, last int, knownAt time.Time) account.Holding {
	t.Helper()
	h := account.Holding{
		ID: id, Host: "host-1", From: slotAt(first).From, Holder: labels(t, "user", "aa123456", "workspace", id),
		Shared: []account.Labels{labels(t, "user", `o'brien "x"`)}, Reserved: 8, KnownAt: knownAt,
		HostLabels: labels(t, "machine_name", "Artemis (Matlab)"),
		Experiments: []account.Experiment{
			{Labels: labels(t, "experiment", "RB2024001", "pi", "aa123456"), Members: []string{"aa123456", "o'brien"}, Instrument: "WISH", From: slotAt(1).From, To: slotAt(2).To},
			{Labels: labels(t, "experiment", "RB2024002"), Members: []string{"aa123456"}},
		},
	}
	if id == "ws-0" { // nothing more is known of it
		h.Experiments, h.HostLabels = nil, account.Labels{}
	}
	if last >= 0 {
		h.To = slotAt(last).To
	}
	return h
}

func testHoldings(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	ctx := t.Context()
	put := func(revisions ...account.Holding) []account.Holding {
		t.Helper()
		added, err := s.PutHoldings(ctx, revisions)
		if err != nil {
			t.Fatal(err)
		}
		return added
	}
	open := holding(t, "ws-1", 0, -1, known(0))
	early := holding(t, "ws-0", -10, -5, known(0))
	early.To = slotAt(-5).To
	equal(t, "added", put(open, early), []account.Holding{open, early})

	same := open
	same.KnownAt = known(1)
	ended := holding(t, "ws-1", 0, 3, known(2))
	other := ended.Clone()
	other.Experiments[0].Members[1], other.KnownAt = "bb234567", known(3)
	withdrawn := ended
	withdrawn.Withdrawn, withdrawn.KnownAt = true, known(4)
	equal(t, "revisions", put(same, ended, other, withdrawn), []account.Holding{ended, other, withdrawn})

	at := func(span account.Span, when time.Time) []account.Holding {
		return Collect(t, s.Holdings(ctx, span, when))
	}
	equal(t, "now", at(slotAt(0), time.Time{}), []account.Holding{open, ended, other, withdrawn})
	equal(t, "as known earlier", at(slotAt(0), known(2)), []account.Holding{open, ended})
	// A revision that moved out of the span comes too: it says that the one in
	// the span no longer holds.
	equal(t, "after its end", at(slotAt(20), time.Time{}), []account.Holding{open, ended, other, withdrawn})
	equal(t, "before its start", at(slotAt(-7), time.Time{}), []account.Holding{early})
	equal(t, "all", at(spanOf(-20, 20), time.Time{}), []account.Holding{early, open, ended, other, withdrawn})
	refusesHoldings(t, s)
}

func refusesHoldings(t *testing.T, s ledger.Store) {
	t.Helper()
	before := stateOf(t, s).Holdings
	for name, change := range map[string]func(*account.Holding){
		"no ID":        func(v *account.Holding) { v.ID = "" },
		"no host":      func(v *account.Holding) { v.Host = "" },
		"no beginning": func(v *account.Holding) { v.From = time.Time{} },
		"no time":      func(v *account.Holding) { v.KnownAt = time.Time{} },
		"older":        func(v *account.Holding) { v.KnownAt = known(1) },
	} {
		bad := holding(t, "ws-1", 1, 2, known(50))
		change(&bad)
		fine := holding(t, "ws-9", 1, 2, known(50))
		if _, err := s.PutHoldings(t.Context(), []account.Holding{fine, bad}); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	equal(t, "after refusals", stateOf(t, s).Holdings, before)
}

func testMethods(t *testing.T, h Harness) {
	s := h.Open(t, calendar(t))
	ctx := t.Context()
	put := func(knownAt time.Time, m derive.Method) bool {
		t.Helper()
		added, err := s.PutMethod(ctx, ledger.MethodRecord{KnownAt: knownAt, Method: m})
		if err != nil {
			t.Fatal(err)
		}
		return added
	}
	first, second := method(), method()
	second.Models = append([]derive.ModelRule{{
		Where: account.Filter{{Label: "machine_name", Values: []string{"Muon"}}},
		Model: energy.BusyIdle(15_000_000, 2_000_000),
	}}, second.Models...)
	if !put(known(0), first) || put(known(1), first) || !put(known(2), second) || !put(known(3), first) {
		t.Error("a method is added when it differs from the newest, and only then")
	}
	equal(t, "methods", Collect(t, s.Methods(ctx)), []ledger.MethodRecord{
		{KnownAt: known(0), Method: first}, {KnownAt: known(2), Method: second}, {KnownAt: known(3), Method: first},
	})
	if _, err := s.PutMethod(ctx, ledger.MethodRecord{KnownAt: known(3), Method: second}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("not later than the newest: %v, want ErrInvalid", err)
	}
	if _, err := s.PutMethod(ctx, ledger.MethodRecord{KnownAt: known(9)}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("no method: %v, want ErrInvalid", err)
	}
}

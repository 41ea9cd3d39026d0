package derive_test

import (
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/unit"
)

// contested is one host that two workspaces hold, the second of which may have been
// for either of two experiments.
func contested(t *testing.T, p derive.Policy) (*derive.Deriver, *account.Batch) {
	t.Helper()
	slot := span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z")
	b := &account.Batch{
		Slot: slot, Origins: []account.Origin{{Source: "a", Method: "raw"}},
		Subjects: []account.Subject{{Host: "h", Labels: mustLabels(t, "cloud_project_name", "IDAaaS", "machine_name", "Muon")}},
		Facts:    []account.Fact{{To: minutes(30), Busy: minutes(30), Idle: minutes(90), Observed: minutes(30), Expected: minutes(30)}},
	}
	k := derive.Known{Holdings: []account.Holding{
		{ID: "1", Host: "h", From: slot.From, Holder: mustLabels(t, "user", "alice", "workspace", "ws-1")},
		{ID: "2", Host: "h", From: slot.From, Holder: mustLabels(t, "user", "bob", "workspace", "ws-2"), Experiments: []account.Experiment{
			{Labels: mustLabels(t, "experiment", "RB1"), Members: []string{"bob"}},
			{Labels: mustLabels(t, "experiment", "RB2"), Members: []string{"bob"}},
			{Labels: mustLabels(t, "experiment", "RB9"), Members: []string{"alice"}}, // not of this holding
		}},
	}}
	d, err := derive.New(facility(p), k)
	if err != nil {
		t.Fatal(err)
	}
	return d, b
}

func TestExperimentWeights(t *testing.T) {
	t.Parallel()
	weigh := func(rb1, rb2 uint64) []derive.WeightRule {
		return []derive.WeightRule{
			{Where: account.Filter{{Label: "experiment", Values: []string{"RB1"}}}, Weight: rb1},
			{Where: account.Filter{{Label: "experiment", Values: []string{"RB2"}}}, Weight: rb2},
		}
	}
	for name, c := range map[string]struct {
		policy derive.Policy
		want   map[string]unit.Duration // busy time by experiment, in minutes
	}{
		"by default each gets the same":      {derive.Policy{}, map[string]unit.Duration{"RB1": 7_500_000 * 60, "RB2": 7_500_000 * 60}},
		"weighted":                           {derive.Policy{Experiments: derive.MatchWeighted, Weights: weigh(4, 1)}, map[string]unit.Duration{"RB1": minutes(12), "RB2": minutes(3)}},
		"one has no weight":                  {derive.Policy{Experiments: derive.MatchWeighted, Weights: weigh(0, 1)}, map[string]unit.Duration{"RB2": minutes(15)}},
		"none has a weight: unattributed":    {derive.Policy{Experiments: derive.MatchWeighted, Weights: weigh(0, 0)}, nil},
		"unattributed":                       {derive.Policy{Experiments: derive.MatchUnattributed}, nil},
		"weights of holders are their own":   {derive.Policy{Divide: derive.DivideWeighted, Weights: weigh(9, 9)}, map[string]unit.Duration{"RB1": 7_500_000 * 60, "RB2": 7_500_000 * 60}},
		"experiments do not weigh a holding": {derive.Policy{Experiments: derive.MatchWeighted, Weights: weigh(1000, 1000)}, map[string]unit.Duration{"RB1": 7_500_000 * 60, "RB2": 7_500_000 * 60}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.policy.Name, c.policy.Held = "p", true
			d, b := contested(t, c.policy)
			entries, err := d.Derive(b)
			if err != nil {
				t.Fatal(err)
			}
			bob := unit.Duration(0)
			for _, e := range entries {
				if e.Account.Labels.Get("user") != "bob" {
					continue
				}
				bob += e.Busy
				if rb := e.Account.Labels.Get("experiment"); rb != "" && e.Busy != c.want[rb] {
					t.Errorf("%s has %v, want %v", rb, e.Busy, c.want[rb])
				}
			}
			if bob != minutes(15) {
				t.Errorf("bob has %v", bob)
			}
		})
	}
}

// TestContentions holds that what was contested is told, of records and not of
// people, and that an explanation of each figure concerned has it.
func TestContentions(t *testing.T) {
	t.Parallel()
	d, b := contested(t, derive.Policy{Name: "p", Held: true})
	for range 2 { // of the last slot alone
		if _, err := d.Derive(b); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	for _, c := range d.Contentions() {
		told = append(told, c.String())
	}
	const host = `host "h" is held by ws-1, ws-2 at the same time: policy divide usage`
	const experiments = `workspace "ws-2" may have been for each of the experiments RB1, RB2: policy experiments even`
	if got := strings.Join(told, "\n"); got != host+"\n"+experiments {
		t.Errorf("told: %s", got)
	}
	for user, want := range map[string]string{"alice": host, "bob": host + experiments} {
		explained, err := d.Explain(b, account.Filter{{Label: "user", Values: []string{user}}})
		if err != nil || len(explained) == 0 {
			t.Fatalf("%d explanations, %v", len(explained), err)
		}
		for _, x := range explained {
			got := ""
			for _, s := range x.Hosts[0].Steps {
				if s.Name == "claims" {
					got += s.Formula
				}
			}
			if got != want {
				t.Errorf("%v: claims are explained as %q", x.Account, got)
			}
		}
	}
}

// missed returns the entry of the user carol, who has a host of which there is no fact.
func missed(t *testing.T, m derive.Method, b *account.Batch, held account.Holding) account.Entry {
	t.Helper()
	d, err := derive.New(m, derive.Known{Holdings: []account.Holding{held}})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := d.Derive(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Account.Labels.Get("user") == "carol" {
			return e
		}
	}
	t.Fatalf("nobody misses the host: %+v", entries)
	return account.Entry{}
}

// TestUnseenHost holds that a host that somebody held and nobody saw is missed in the
// group that the directory says it is of.
func TestUnseenHost(t *testing.T) {
	t.Parallel()
	d, b := contested(t, derive.Policy{Name: "p", Held: true})
	e := missed(t, d.Method(), b, account.Holding{
		ID: "3", Host: "lost", From: b.Slot.From, Holder: mustLabels(t, "user", "carol"),
		HostLabels: mustLabels(t, "cloud_project_name", "CDAaaS", "machine_name", "Laser"),
	})
	if e.Account.Labels.Get("group") != "CDAaaS_Laser" || e.Expected != minutes(30) || e.Observed != 0 {
		t.Errorf("%+v", e)
	}
}

// TestUnseenHostBesideItsNamesake holds that a host that nobody saw is missed also
// where a service, or a meter of services, has its name.
func TestUnseenHostBesideItsNamesake(t *testing.T) {
	t.Parallel()
	d, b := contested(t, derive.Policy{Name: "p", Held: true})
	for i, kind := range []account.SubjectKind{account.SubjectService, account.SubjectIdle} {
		b.Subjects = append(b.Subjects, account.Subject{Kind: kind, Host: "lost", Labels: mustLabels(t, "service", "web")})
		b.Facts = append(b.Facts, account.Fact{
			Subject: 1 + i, To: minutes(30), Scored: 1000, Observed: minutes(30), Expected: minutes(30),
		})
	}
	e := missed(t, d.Method(), b, account.Holding{ID: "3", Host: "lost", From: b.Slot.From, Holder: mustLabels(t, "user", "carol")})
	if e.Expected != minutes(30) || e.Observed != 0 {
		t.Errorf("%+v", e)
	}
}

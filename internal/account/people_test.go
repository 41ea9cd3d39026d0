package account_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

func ExampleHolding_Changed() {
	nine := time.Date(2026, 1, 28, 9, 0, 0, 0, time.UTC)
	open := account.Holding{ID: "ws-a", Host: "h", From: nine}
	ended := open
	ended.To = nine.Add(3 * time.Hour)
	for _, s := range ended.Changed(open) {
		fmt.Println("from", s.From.Format("15:04"), "on")
	}
	fmt.Println(len(ended.Changed(ended)), "changes when nothing has changed")
	// Output:
	// from 12:00 on
	// 0 changes when nothing has changed
}

func ExampleIsPartyLabel() {
	fmt.Println(account.IsPartyLabel("experiment"), account.IsPartyLabel("machine_name"))
	// Output: true false
}

func ExampleIsPersonalLabel() {
	fmt.Println(account.IsPersonalLabel("user"), account.IsPersonalLabel("workspace"))
	// Output: true false
}

func ExampleJoinSpans() {
	at := func(hour int) time.Time { return time.Date(2026, 1, 28, hour, 0, 0, 0, time.UTC) }
	for _, s := range account.JoinSpans([]account.Span{{From: at(12), To: at(13)}, {From: at(9), To: at(10)}, {From: at(10), To: at(11)}}) {
		fmt.Println(s.From.Hour(), s.To.Hour())
	}
	// Output:
	// 9 11
	// 12 13
}

// TestChangedAtRandom holds that an instant is in the changed time exactly when two
// revisions say different things of it.
func TestChangedAtRandom(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 32))
	begin := time.Date(2026, 1, 28, 0, 0, 0, 0, time.UTC)
	random := func() account.Holding {
		h := account.Holding{ID: "1", Host: "h", From: begin.Add(time.Duration(r.IntN(6)) * time.Hour), Withdrawn: r.IntN(5) == 0, Reserved: uint64(r.IntN(4) / 3)}
		if r.IntN(3) > 0 {
			h.To = begin.Add(time.Duration(r.IntN(9)) * time.Hour)
		}
		return h
	}
	for range 2000 {
		a, b := random(), random()
		changed := b.Changed(a)
		for i, s := range changed {
			if s.IsEmpty() || i > 0 && !changed[i-1].To.Before(s.From) {
				t.Fatalf("%v", changed)
			}
		}
		for hour := range 12 {
			at := begin.Add(time.Duration(hour)*time.Hour + time.Minute)
			says := func(h account.Holding) (bool, uint64) {
				holds := !h.Withdrawn && h.Span().Contains(at)
				if !holds {
					return false, 0
				}
				return true, h.Reserved
			}
			heldA, reservedA := says(a)
			heldB, reservedB := says(b)
			want := heldA != heldB || reservedA != reservedB
			if got := slices.ContainsFunc(changed, func(s account.Span) bool { return s.Contains(at) }); got != want {
				t.Fatalf("%+v after %+v at %v: changed %v, want %v", b, a, at, got, want)
			}
		}
	}
}

func TestHoldingClone(t *testing.T) {
	t.Parallel()
	l, err := account.LabelsOf("user", "b")
	if err != nil {
		t.Fatal(err)
	}
	h := account.Holding{
		ID: "1", From: time.Now(), Shared: []account.Labels{l},
		Experiments: []account.Experiment{{Labels: l, Members: []string{"b"}, From: time.Now()}},
	}
	c := h.Clone()
	if c.From != account.Instant(h.From) || !c.Clone().SameAs(c) {
		t.Errorf("%+v", c)
	}
	c.Experiments[0].Members[0], c.Shared[0] = "changed", account.Labels{}
	if h.Experiments[0].Members[0] != "b" || h.Shared[0] != l {
		t.Error("a clone shares memory")
	}
	other := h.Clone()
	other.Experiments[0].Instrument = "WISH"
	if h.SameAs(other) || h.Experiments[0].Compare(other.Experiments[0]) >= 0 {
		t.Error("experiments are not compared")
	}
}

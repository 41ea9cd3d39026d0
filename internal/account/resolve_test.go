package account_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

func minutes(n int64) unit.Duration { return unit.Duration(n * 60_000_000) }

// reading is a random reading of a slot: some hosts, one or two facts each.
func reading(t *testing.T, r *rand.Rand, knownAt time.Time) *account.Batch {
	t.Helper()
	b := &account.Batch{
		Slot: span(t, "2026-01-28T12:00:00Z", "2026-01-28T12:30:00Z"), KnownAt: knownAt,
		Origins: []account.Origin{{Source: fmt.Sprint("s", r.IntN(2)), Method: "raw"}},
	}
	for host := range 5 {
		if r.IntN(3) == 0 {
			continue
		}
		b.Subjects = append(b.Subjects, account.Subject{Host: fmt.Sprint("h", host), Labels: mustLabels(t, "m", fmt.Sprint(r.IntN(2)))})
		cut := minutes(int64(10 * (1 + r.IntN(3))))
		f := account.Fact{Subject: len(b.Subjects) - 1, To: cut, Busy: unit.Duration(r.IntN(3)), Observed: 5, Expected: 10}
		b.Facts = append(b.Facts, f)
		if cut < minutes(30) {
			f.From, f.To = cut, minutes(30)
			b.Facts = append(b.Facts, f)
		}
	}
	b.Sort()
	return b
}

// TestReplaceByDifference holds that appending the difference of a new reading
// makes the newest facts those of the new reading, apart from subjects that are
// gone, which are expected and not observed; and that the old ones stay readable.
func TestReplaceByDifference(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(41, 42))
	day := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for range 300 {
		stored := []*account.Batch{reading(t, r, day)}
		var views []*account.Batch
		for revision := 1; revision < 4; revision++ {
			views = append(views, account.Resolve(stored, time.Time{}))
			now := reading(t, r, day.AddDate(0, 0, revision))
			change := account.Difference(account.Resolve(stored, time.Time{}), now)
			if change == nil {
				continue
			}
			if err := change.Validate(); err != nil {
				t.Fatal(err)
			}
			stored = append(stored, change)
			checkReading(t, account.Resolve(stored, time.Time{}), now)
			again := account.Difference(account.Resolve(stored, time.Time{}), now)
			if again != nil {
				t.Fatalf("the same reading again changes %+v", again)
			}
		}
		r.Shuffle(len(stored), func(i, j int) { stored[i], stored[j] = stored[j], stored[i] })
		for i, want := range views {
			got := account.Resolve(stored, day.AddDate(0, 0, i).Add(time.Hour))
			if diff := cmp.Diff(facts(want), facts(got)); diff != "" {
				t.Fatalf("as known on day %d (-then +now):\n%s", i, diff)
			}
		}
		if account.Resolve(stored, day.Add(-time.Hour)) != nil {
			t.Fatal("something was known before anything was")
		}
	}
}

// facts shows a batch by subject and origin instead of by index.
func facts(b *account.Batch) []string {
	var out []string
	for _, f := range b.Facts {
		s, o := b.Subjects[f.Subject], b.Origins[f.Origin]
		f.Subject, f.Origin = 0, 0
		out = append(out, fmt.Sprintf("%s %v %+v %+v", s.Host, s.Labels, o, f))
	}
	return out
}

func checkReading(t *testing.T, got, now *account.Batch) {
	t.Helper()
	want := facts(now)
	for _, line := range facts(got) {
		if i := slices.Index(want, line); i >= 0 {
			want = slices.Delete(want, i, i+1)
		}
	}
	if len(want) > 0 {
		t.Fatalf("facts of the new reading are missing: %v", want)
	}
	for one := range got.BySubject() {
		s := got.Subjects[one[0].Subject]
		if !slices.Contains(now.Subjects, s) && (len(one) != 1 || one[0].Observed != 0 || one[0].Busy != 0 || one[0].Expected == 0) {
			t.Fatalf("%q is gone but still has %+v", s.Host, one)
		}
	}
}

func TestResolveKeepsOneBatchAsItIs(t *testing.T) {
	t.Parallel()
	b := reading(t, rand.New(rand.NewPCG(1, 1)), time.Now())
	if account.Resolve([]*account.Batch{b}, time.Time{}) != b || account.Resolve(nil, time.Time{}) != nil {
		t.Error("one batch is its own resolution, none is nil")
	}
}

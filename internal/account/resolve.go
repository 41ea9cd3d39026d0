package account

import (
	"cmp"
	"slices"
	"time"
)

// Resolve returns the facts of one slot as known at an instant: for each
// subject, those of the newest batch known then. Its KnownAt is that of the
// newest batch used. It returns nil when nothing was known. The batches are of one
// slot, valid and in any order; they are not changed. A zero at means now:
// everything is known.
func Resolve(batches []*Batch, at time.Time) *Batch {
	known := make([]*Batch, 0, len(batches))
	for _, b := range batches {
		if at.IsZero() || !b.KnownAt.After(at) {
			known = append(known, b)
		}
	}
	switch len(known) {
	case 0:
		return nil
	case 1:
		return known[0]
	}
	slices.SortStableFunc(known, func(a, b *Batch) int { return b.KnownAt.Compare(a.KnownAt) })
	return Merge(known)
}

// Merge returns one batch with each subject's facts of the first batch that has
// any. The batches are of one slot, valid and at least one; they are not changed.
// The result has the KnownAt of the first.
func Merge(batches []*Batch) *Batch {
	if len(batches) == 1 {
		return batches[0]
	}
	out := &Batch{Slot: batches[0].Slot, KnownAt: batches[0].KnownAt}
	settled := make(map[Subject]bool)
	for _, b := range batches {
		origin := make([]int, len(b.Origins))
		for i, o := range b.Origins {
			origin[i] = out.originIndex(o)
		}
		index := make([]int, len(b.Subjects))
		for i, s := range b.Subjects {
			index[i] = -1
			if !settled[s] {
				index[i] = len(out.Subjects)
				out.Subjects = append(out.Subjects, s)
			}
		}
		for _, f := range b.Facts {
			if index[f.Subject] < 0 {
				continue
			}
			settled[b.Subjects[f.Subject]] = true
			f.Subject, f.Origin = index[f.Subject], origin[f.Origin]
			out.Facts = append(out.Facts, f)
		}
	}
	out.Sort()
	return out
}

func (b *Batch) originIndex(o Origin) int {
	if i := slices.Index(b.Origins, o); i >= 0 {
		return i
	}
	b.Origins = append(b.Origins, o)
	return len(b.Origins) - 1
}

// Difference returns the facts of now that old does not have, as a batch to
// append, and nil when there are none. A subject that is in old and not in now
// gets one fact that says so: expected for as long as before, and not
// observed. Both batches are of one slot; old may be nil.
func Difference(old, now *Batch) *Batch {
	before := map[Subject][]Fact{}
	if old != nil {
		for facts := range old.BySubject() {
			before[old.Subjects[facts[0].Subject]] = facts
		}
	}
	out := &Batch{Slot: now.Slot, KnownAt: now.KnownAt}
	for facts := range now.BySubject() {
		s := now.Subjects[facts[0].Subject]
		prior := before[s]
		delete(before, s)
		if old == nil || !sameFacts(old, prior, now, facts) {
			out.add(s, now, facts)
		}
	}
	if old != nil {
		out.withdraw(old, before)
	}
	if len(out.Facts) == 0 {
		return nil
	}
	out.Sort()
	return out
}

// add appends the facts of one subject of another batch.
func (b *Batch) add(s Subject, from *Batch, facts []Fact) {
	b.Subjects = append(b.Subjects, s)
	for _, f := range facts {
		f.Subject, f.Origin = len(b.Subjects)-1, b.originIndex(from.Origins[f.Origin])
		b.Facts = append(b.Facts, f)
	}
}

// withdraw appends, for each subject that is gone, that it was not observed.
func (b *Batch) withdraw(old *Batch, gone map[Subject][]Fact) {
	for _, s := range old.Subjects { // in order, which a map is not
		facts := gone[s]
		if len(facts) == 0 || isWithdrawal(facts) {
			continue
		}
		none := Fact{Origin: facts[0].Origin, To: old.Slot.Length()}
		for _, f := range facts {
			none.Expected += f.Expected
		}
		b.add(s, old, []Fact{none})
	}
}

// isWithdrawal reports whether facts already say that nothing was observed.
func isWithdrawal(facts []Fact) bool {
	f := facts[0]
	return len(facts) == 1 && f == Fact{Subject: f.Subject, Origin: f.Origin, To: f.To, Expected: f.Expected}
}

func sameFacts(a *Batch, as []Fact, b *Batch, bs []Fact) bool {
	return slices.EqualFunc(as, bs, func(x, y Fact) bool {
		same := a.Origins[x.Origin] == b.Origins[y.Origin]
		x.Subject, x.Origin = y.Subject, y.Origin
		return same && x == y
	})
}

// BySubject yields the facts of each subject in order; every slice is part of
// b.Facts.
func (b *Batch) BySubject() func(yield func([]Fact) bool) {
	return func(yield func([]Fact) bool) {
		for rest := b.Facts; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n].Subject == rest[0].Subject {
				n++
			}
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Origin is compared by its fields in order.
func (o Origin) compare(other Origin) int {
	return cmp.Or(cmp.Compare(o.Source, other.Source), cmp.Compare(o.Method, other.Method),
		compareBool(o.Extrapolated, other.Extrapolated), compareBool(o.Simulated, other.Simulated))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

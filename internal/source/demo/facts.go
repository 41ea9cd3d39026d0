package demo

import (
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

const micro = 1_000_000

// visit reads slots one after another. It remembers the machine that each group had
// last, because most have it still.
type visit struct {
	source *Source
	now    time.Time
	cuts   map[string][]time.Time
	lives  []life
	hosts  int // in the last slot
}

// batch returns the facts of a slot.
func (v *visit) batch(slot account.Span) (*account.Batch, error) {
	b := &account.Batch{
		Slot: slot, Origins: []account.Origin{{Source: v.source.config.Name, Method: "simulated", Simulated: true}},
		Subjects: make([]account.Subject, 0, v.hosts+8), Facts: make([]account.Fact, 0, v.hosts+8),
	}
	whole := stretch{slot.From.Unix(), slot.To.Unix()}
	past := stretch{whole.from, min(whole.to, v.now.Unix())}
	sorted := true
	for i := range v.source.groups {
		first := len(b.Subjects)
		// Where one machine ends another may begin in the same slot.
		for at := past.from; at < past.to; at = v.lives[i].ends {
			if err := v.seek(i, at); err != nil {
				return nil, err
			}
			l := &v.lives[i]
			if there := past.overlap(stretch{l.from, l.to}); there.length() > 0 {
				v.add(b, i, there)
			}
		}
		sorted = sorted && len(b.Subjects) < first+2
	}
	v.hosts = len(b.Subjects)
	if !sorted { // the groups are in order, but two machines of one may not be: 99, 100
		b.Sort()
	}
	return b, nil
}

// seek makes the remembered machine of a group that of a time.
func (v *visit) seek(i int, at int64) error {
	if l := &v.lives[i]; l.begins <= at && at < l.ends {
		return nil
	}
	var err error
	v.lives[i], err = v.source.groups[i].lifeAt(v.source.config.Seed, at)
	return err
}

// add appends the facts of a machine that was there for a part of the slot.
func (v *visit) add(b *account.Batch, i int, there stretch) {
	g, seed := &v.source.groups[i], v.source.config.Seed
	u := use{
		there:  there.micro(),
		unseen: [2]stretch{g.rebootNear(seed, there.from).micro(), g.outageNear(seed, there.from).micro()},
		silent: g.silenceNear(seed, there.from).micro(),
	}
	u.total = u.observed(u.there)
	u.busy = u.total / micro * g.cpus * g.load(seed, there.from)
	u.idle = u.total*g.cpus - u.busy
	subject := v.lives[i].subject
	b.Subjects = append(b.Subjects, subject)
	cuts := v.cuts[subject.Host]
	if len(cuts) == 0 {
		f := u.until(u.there.to)
		f.Subject, f.To = len(b.Subjects)-1, b.Slot.Length()
		b.Facts = append(b.Facts, f)
		return
	}
	var before account.Fact
	from := b.Slot.From
	for _, to := range ends(b.Slot, cuts) {
		sum := u.until(to.UnixMicro())
		f := difference(sum, before)
		f.Subject = len(b.Subjects) - 1
		f.From, f.To = account.Span{From: b.Slot.From, To: from}.Length(), account.Span{From: b.Slot.From, To: to}.Length()
		b.Facts = append(b.Facts, f)
		from, before = to, sum
	}
}

// ends returns the cuts inside a slot and its end, in order.
func ends(slot account.Span, cuts []time.Time) []time.Time {
	out := make([]time.Time, 0, 1+len(cuts))
	for _, t := range cuts {
		if t = account.Instant(t); slot.Contains(t) && t.After(slot.From) {
			out = append(out, t)
		}
	}
	out = append(out, slot.To)
	slices.SortFunc(out, time.Time.Compare)
	return slices.Compact(out)
}

// use is what a machine did while it was there. All times are in microseconds.
type use struct {
	there stretch
	// unseen is when it was not observed, and silent when only the counter after it
	// tells what it did.
	unseen            [2]stretch
	silent            stretch
	total, busy, idle int64
}

// observed returns for how much of a stretch it was observed.
func (u *use) observed(of stretch) int64 {
	of = of.overlap(u.there)
	first, second := of.overlap(u.unseen[0]), of.overlap(u.unseen[1])
	both := first.overlap(second)
	return of.length() - first.length() - second.length() + both.length()
}

// until returns what is known of the slot up to a time: busy and idle time are even
// over the observed time.
func (u *use) until(t int64) account.Fact {
	upTo := stretch{u.there.from, t}
	f := account.Fact{
		Observed: unit.Duration(u.observed(upTo)),
		Expected: unit.Duration(upTo.overlap(u.there).length()),
		Bridged:  unit.Duration(u.observed(upTo.overlap(u.silent))),
		Busy:     unit.Duration(u.busy), Idle: unit.Duration(u.idle),
	}
	if t < u.there.to && u.total > 0 {
		f.Busy = portion(u.busy, int64(f.Observed), u.total)
		f.Idle = portion(u.idle, int64(f.Observed), u.total)
	}
	return f
}

// difference returns what was added between two times.
func difference(sum, before account.Fact) account.Fact {
	return account.Fact{
		Observed: sum.Observed - before.Observed, Expected: sum.Expected - before.Expected, Bridged: sum.Bridged - before.Bridged,
		Busy: sum.Busy - before.Busy, Idle: sum.Idle - before.Idle,
	}
}

// portion returns a part of a time, rounded half to even.
func portion(whole, part, of int64) unit.Duration {
	v, err := unit.MulDiv(whole, part, of)
	if err != nil {
		return unit.Duration(whole) // cannot happen: part is at most of
	}
	return unit.Duration(v)
}

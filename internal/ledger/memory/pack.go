package memory

import (
	"encoding/binary"
	"iter"
	"math/bits"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/unit"
)

// Facts and entries are packed: numbers of interned texts, a mask of the fields
// that are not zero, and those as varints. A month of a facility so takes tens of
// megabytes instead of hundreds.

// table numbers values that come again and again. It only grows.
type table[T comparable] struct {
	ids  map[T]uint64
	list []T
	last uint64 // the number that was asked for last, often asked for again
}

func (t *table[T]) id(v T) uint64 {
	if int(t.last) < len(t.list) && t.list[t.last] == v {
		return t.last
	}
	if t.ids == nil {
		t.ids = map[T]uint64{}
	}
	id, ok := t.ids[v]
	if !ok {
		id = uint64(len(t.list))
		t.ids[v] = id
		t.list = append(t.list, v)
	}
	t.last = id
	return id
}

// texts are the tables of a store. A copy made under the lock may be read without
// it: what is in the lists never changes.
type texts struct {
	accounts accounts
	bases    table[account.Basis]
	subjects table[account.Subject]
	origins  table[account.Origin]
}

// lists is what unpacking needs.
type lists struct {
	accounts []account.Account
	bases    []account.Basis
	subjects []account.Subject
	origins  []account.Origin
}

func (t *texts) lists() lists {
	return lists{t.accounts.list, t.bases.list, t.subjects.list, t.origins.list}
}

// appendValues packs integers.
func appendValues(b []byte, values []int64) []byte {
	mask := uint64(0)
	for i, v := range values {
		if v != 0 {
			mask |= 1 << i
		}
	}
	b = binary.AppendUvarint(b, mask)
	for _, v := range values {
		if v != 0 {
			b = binary.AppendVarint(b, v)
		}
	}
	return b
}

// reader unpacks what was packed here, so it never meets anything else.
type reader struct{ b []byte }

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.b = r.b[n:]
	return v
}

func (r *reader) values(into []int64) {
	clear(into)
	for mask := r.uint(); mask != 0; mask &= mask - 1 {
		v, n := binary.Varint(r.b)
		r.b = r.b[n:]
		into[bits.TrailingZeros64(mask)] = v
	}
}

func packEntries(t *texts, entries []account.Entry) []byte {
	var b []byte
	for i := range entries {
		e := &entries[i]
		b = binary.AppendUvarint(b, t.accounts.id(e.Account))
		b = binary.AppendUvarint(b, t.bases.id(e.Basis))
		values := e.Values()
		b = appendValues(b, values[:])
	}
	return append(make([]byte, 0, len(b)), b...) // without room to grow
}

func (l *lists) entries(packed []byte) iter.Seq[account.Entry] {
	return func(yield func(account.Entry) bool) {
		for r := (reader{packed}); len(r.b) > 0; {
			e := account.Entry{Account: l.accounts[r.uint()], Basis: l.bases[r.uint()]}
			values := e.Values()
			r.values(values[:])
			e.Quantities = account.QuantitiesOf(values)
			if !yield(e) {
				return
			}
		}
	}
}

// factFields is the number of integers of a fact besides its subject and origin.
const factFields = 10

// factValues are zero for the usual fact: the whole slot, observed throughout.
func factValues(f *account.Fact, length unit.Duration) [factFields]int64 {
	part := f.To - f.From
	return [...]int64{
		int64(f.From), int64(length - f.To), int64(f.Busy), int64(f.Idle), int64(part - f.Observed),
		int64(part - f.Expected), int64(f.Bridged), int64(f.Measured), int64(f.Metered), int64(f.Scored),
	}
}

func packBatch(t *texts, b *account.Batch) []byte {
	var out []byte
	length := b.Slot.Length()
	for i := range b.Facts {
		f := &b.Facts[i]
		out = binary.AppendUvarint(out, t.subjects.id(b.Subjects[f.Subject]))
		out = binary.AppendUvarint(out, t.origins.id(b.Origins[f.Origin]))
		values := factValues(f, length)
		out = appendValues(out, values[:])
	}
	return append(make([]byte, 0, len(out)), out...)
}

func (l *lists) batch(p packedBatch, slot account.Span) *account.Batch {
	b := &account.Batch{Slot: slot, KnownAt: p.knownAt}
	length := slot.Length()
	origins := map[uint64]int{}
	last, v := ^uint64(0), [factFields]int64{}
	for r := (reader{p.facts}); len(r.b) > 0; {
		subject, origin := r.uint(), r.uint()
		if subject != last { // facts of one subject are neighbours
			b.Subjects, last = append(b.Subjects, l.subjects[subject]), subject
		}
		if _, ok := origins[origin]; !ok {
			origins[origin] = len(b.Origins)
			b.Origins = append(b.Origins, l.origins[origin])
		}
		r.values(v[:])
		f := account.Fact{
			Subject: len(b.Subjects) - 1, Origin: origins[origin],
			From: unit.Duration(v[0]), To: length - unit.Duration(v[1]), Busy: unit.Duration(v[2]), Idle: unit.Duration(v[3]),
			Bridged: unit.Duration(v[6]), Measured: unit.Joules(v[7]), Metered: unit.Duration(v[8]), Scored: unit.Energy(v[9]),
		}
		f.Observed, f.Expected = f.To-f.From-unit.Duration(v[4]), f.To-f.From-unit.Duration(v[5])
		b.Facts = append(b.Facts, f)
	}
	return b
}

package aggregate

import (
	"cmp"
	"slices"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// piece says of which old step a new step is a piece, and which: from and to
// count from the old step's begin, and of is its length. A new step that was in
// no old one has old -1.
type piece struct {
	old          int32
	from, to, of int64
}

const nowhere = -1

// joinStarts returns the steps that either axis has, and what each is of both.
// clash is the first step that both have with different lengths, or -1.
func joinStarts(a, b axis) (joined axis, ofA, ofB []piece, clash int) {
	i, j := 0, 0
	clash = -1
	for i < len(a.from) || j < len(b.from) {
		order := -1
		switch {
		case i == len(a.from):
			order = 1
		case j < len(b.from):
			order = cmp.Compare(a.from[i], b.from[j])
		}
		pa, pb := piece{old: nowhere}, piece{old: nowhere}
		from, to := int64(0), int64(0)
		if order >= 0 {
			from, to = b.from[j], b.to[j]
			pb = piece{int32(j), 0, to - from, to - from}
		}
		if order <= 0 {
			if order == 0 && a.to[i] != b.to[j] && clash < 0 {
				clash = j
			}
			from, to = a.from[i], a.to[i]
			pa = piece{int32(i), 0, to - from, to - from}
		}
		joined.from, joined.to = append(joined.from, from), append(joined.to, to)
		ofA, ofB = append(ofA, pa), append(ofB, pb)
		if order <= 0 {
			i++
		}
		if order >= 0 {
			j++
		}
	}
	return joined, ofA, ofB, clash
}

// refine returns the steps of both axes, cut where a step of either begins or
// ends, and of which old steps they are pieces.
func refine(a, b axis) (joined axis, ofA, ofB []piece) {
	marks := slices.Concat(a.from, a.to, b.from, b.to)
	slices.Sort(marks)
	marks = slices.Compact(marks)
	i, j := 0, 0
	for k := 1; k < len(marks); k++ {
		from, to := marks[k-1], marks[k]
		pa, pb := pieceOf(a, &i, from, to), pieceOf(b, &j, from, to)
		if pa.old == nowhere && pb.old == nowhere {
			continue
		}
		joined.from, joined.to = append(joined.from, from), append(joined.to, to)
		ofA, ofB = append(ofA, pa), append(ofB, pb)
	}
	return joined, ofA, ofB
}

// pieceOf finds the step that holds a span, looking from step i on.
func pieceOf(x axis, i *int, from, to int64) piece {
	for *i < len(x.to) && x.to[*i] <= from {
		*i++
	}
	if *i == len(x.from) || x.from[*i] > from {
		return piece{old: nowhere}
	}
	begin := x.from[*i]
	return piece{int32(*i), from - begin, to - begin, x.to[*i] - begin}
}

// spread puts a series on new steps. What is divided is divided by time, so that
// the pieces of a step add up to it; where there was no step there is nothing.
func (s series) spread(pieces []piece, how share) series {
	nums := make([]float64, len(pieces))
	out := series{vec: frame.VecOf(nums)}
	if s.missing != nil {
		out.missing = make([]uint32, len(pieces))
	}
	for i, p := range pieces {
		if p.old == nowhere {
			continue
		}
		nums[i] = s.vec.At(int(p.old))
		if how == split {
			nums[i] = upTo(nums[i], p.to, p.of) - upTo(nums[i], p.from, p.of)
		}
		if s.missing != nil {
			out.missing[i] = s.missing[p.old]
		}
	}
	if allSame(nums) {
		out.vec = frame.ConstantVec(nums[0], len(nums))
	}
	return out
}

// upTo returns the part of a value that belongs to the first time of a whole.
func upTo(f float64, time, whole int64) float64 {
	switch time {
	case 0:
		return 0
	case whole:
		return f
	}
	return float64(f*float64(time)) / float64(whole)
}

// spreadColumn puts a column on new steps; absent where there was none.
func spreadColumn(c *frame.Column, pieces []piece) []value.Value {
	vals := make([]value.Value, len(pieces))
	for i, p := range pieces {
		if p.old != nowhere {
			vals[i] = c.At(int(p.old))
		}
	}
	return vals
}

// overlay returns the later column where its component has the step, else the
// earlier one; both are on the same steps.
func overlay(name string, earlier, later []value.Value, ofLater []piece) *frame.Column {
	vals := slices.Clone(earlier)
	for i, p := range ofLater {
		if p.old != nowhere {
			vals[i] = later[i]
		}
	}
	return frame.NewColumn(name, vals)
}

// join brings the folder's sums and a segment on the same steps.
func (f *Folder) join(s *segment) bool {
	if f.axis.equal(s.axis) {
		return true
	}
	if f.a.align == Sync && !f.canCut(s) {
		return false
	}
	f.joined = true
	var mine, theirs []piece
	if f.a.align == Sync {
		f.axis, mine, theirs = refine(f.axis, s.axis)
	} else {
		clash := -1
		var joined axis
		if joined, mine, theirs, clash = joinStarts(f.axis, s.axis); clash >= 0 {
			f.clash(s, clash)
			return false
		}
		f.axis = joined
	}
	f.spread(mine)
	s.spread(f, theirs)
	return true
}

// canCut refuses metrics that have no method over time: nobody said what a part
// of their value is.
func (f *Folder) canCut(s *segment) bool {
	ok := true
	for i := range f.a.items {
		it := &f.a.items[i]
		if !it.summed() || it.cut != never && !(it.hasDen() && it.cutDen == never) {
			continue
		}
		ok = false
		if !slices.Contains(f.uncut, i) {
			f.uncut = append(f.uncut, i)
			f.found = append(f.found, finding{child: f.part, item: i, problem: cannotCut(f.node.Path, it.name, s.path)})
		}
	}
	return ok
}

// spread puts what has been added on new steps.
func (f *Folder) spread(pieces []piece) {
	f.n = len(pieces)
	f.stamp, f.dur = nil, nil
	f.leaves = restart(f.leaves.series().spread(pieces, whole))
	for i := range f.sums {
		it, sum := &f.a.items[i], &f.sums[i]
		if it.summed() {
			sum.num = restart(sum.num.series().spread(pieces, it.cut))
		}
		if it.hasDen() && it.summed() {
			sum.den = restart(sum.den.series().spread(pieces, it.cutDen))
		}
		if sum.col != nil {
			sum.vals, sum.col = spreadColumn(sum.col, pieces), nil
		}
	}
}

// restart returns an accumulator that has added one series.
func restart(s series) accumulator {
	var a accumulator
	a.add(s)
	return a
}

// spread puts a segment on the folder's new steps.
func (s *segment) spread(f *Folder, pieces []piece) {
	s.n, s.stamp, s.dur = len(pieces), nil, nil
	s.leaves = s.leaves.spread(pieces, whole)
	s.terms = slices.Clone(s.terms)
	for i := range s.terms {
		it, t, sum := &f.a.items[i], &s.terms[i], &f.sums[i]
		if it.summed() {
			t.num = t.num.spread(pieces, it.cut)
		}
		if it.hasDen() && it.summed() {
			t.den = t.den.spread(pieces, it.cutDen)
		}
		if sum.vals != nil {
			t.col = overlay(it.name, sum.vals, spreadColumn(t.col, pieces), pieces)
			sum.vals = nil
		}
	}
}

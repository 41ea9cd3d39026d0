package fold

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// quality gathers what is wrong with what was folded.
func (f *folder) quality(r *run, p *disclosure.Period) disclosure.Quality {
	q := quality{disclosure.Quality{Repairs: f.repairs}}
	if f.other.seen {
		q.Repairs.Services = 1
	}
	for _, s := range f.services {
		if s.rest != nil {
			q.Repairs.Cells++
		}
	}
	for i := range p.Inputs {
		q.file(r.files[i], &p.Inputs[i])
	}
	q.windows(f, p)
	q.sort()
	return q.Quality
}

// quality gathers findings.
type quality struct{ disclosure.Quality }

// find adds a finding if there is anything to count.
func (q *quality) find(code disclosure.FindingCode, grave bool, input string, count uint64, format string, args ...any) {
	if count > 0 {
		q.Findings = append(q.Findings, disclosure.Finding{Code: code, Grave: grave, Input: input, Count: count, Text: fmt.Sprintf(format, args...)})
	}
}

// file adds what is wrong with a file.
func (q *quality) file(f *fileFold, in *disclosure.Input) {
	q.Findings = append(q.Findings, f.archive.Findings...)
	if f.damage != nil {
		q.find(disclosure.FindingUnreadable, true, in.Name, 1, "the file is damaged after line %d: %v: restore it", in.Lines, f.damage)
	}
	q.find(disclosure.FindingChain, true, in.Name, in.Chain.Breaks,
		"%d breaks in the chain: lines were altered, or are missing, or in another order", in.Chain.Breaks)
	q.find(disclosure.FindingChain, false, in.Name, in.Chain.BreaksOutside,
		"%d breaks in the chain between windows of another time", in.Chain.BreaksOutside)
	q.find(disclosure.FindingUnchained, true, in.Name, in.Chain.Unchained,
		"%d windows have no hash: nobody can tell whether they were altered", in.Chain.Unchained)
	q.find(disclosure.FindingDuplicate, false, in.Name, in.Duplicates,
		"%d windows are there twice, and count once: look whether a file was copied", in.Duplicates)
	q.find(disclosure.FindingMalformed, false, in.Name, in.Malformed, "%d lines hold no window and are left out", in.Malformed)
	q.find(disclosure.FindingFallback, false, in.Name, in.Fallback,
		"%d windows do not say the figures of services: they are divided by operations", in.Fallback)
	q.ending(f, in)
}

// ending compares the end of a file with what its manifest knows.
func (q *quality) ending(f *fileFold, in *disclosure.Input) {
	switch a := f.archive; {
	case a.Lines == 0:
	case f.chain.lines < a.Lines:
		q.find(disclosure.FindingArchive, true, in.Name, a.Lines-f.chain.lines,
			"%d lines are there, and %d were written: the end was cut off, or lines taken out", f.chain.lines, a.Lines)
	case a.Head != "" && f.chain.headAt != a.Head:
		q.find(disclosure.FindingArchive, true, in.Name, 1, "line %d is not the one that was written", a.Lines)
	}
}

// windows adds what is wrong with the windows of all files.
func (q *quality) windows(f *folder, p *disclosure.Period) {
	w, r := &p.Windows, &q.Repairs
	q.find(disclosure.FindingNegative, true, "", r.Amounts, "%d amounts are negative or too large to be true, and count as 0", r.Amounts)
	q.find(disclosure.FindingInconsistent, true, "", r.Inconsistent,
		"%d windows whose parts do not add up to their total: the parts count", r.Inconsistent)
	q.find(disclosure.FindingNegative, false, "", r.Tags, "%d tags are no tags and are left out", r.Tags)
	q.find(disclosure.FindingPartial, false, "", f.partly, "%d windows did not count all spans that were sent", f.partly)
	q.find(disclosure.FindingCapped, false, "", r.Services, "there are more than %d services: the rest is one row", maxServices)
	q.find(disclosure.FindingCapped, false, "", r.Cells, "services in more than %d regions and environments: the rest is one row", maxCells)
	q.tags(&f.report)
	q.find(disclosure.FindingDropped, false, "", w.Dropped, "%d spans were received and not counted", w.Dropped)
	q.find(disclosure.FindingDropped, false, "", w.Late, "%d spans came after their window was closed", w.Late)
	if c := &f.report.canonical; c.lowest != c.threshold {
		q.find(disclosure.FindingThreshold, false, "", 1, "windows look for repeated operations from %d on and from %d on: waste is not comparable", c.lowest, c.threshold)
	}
	if len(f.mixed) > 1 {
		q.find(disclosure.FindingPerimeter, true, "", uint64(len(f.mixed)),
			"intensities of %d kinds in one total: disclose windows of each kind apart", len(f.mixed))
	}
}

// tags says which sets of words are cut off.
func (q *quality) tags(r *reportSums) {
	for _, set := range []struct {
		name string
		tags *tags
	}{
		{"energy models", &r.models}, {"methodologies", &r.methodologies}, {"coefficients", &r.coefficients}, {"versions of programs", &r.versions},
	} {
		if set.tags.over {
			q.find(disclosure.FindingCapped, false, "", 1, "there are more than %d %s: the rest is not listed", set.tags.limit, set.name)
		}
	}
}

// sort puts grave findings first.
func (q *quality) sort() {
	slices.SortStableFunc(q.Findings, func(a, b disclosure.Finding) int {
		grave := func(f disclosure.Finding) int {
			if f.Grave {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(grave(a), grave(b)), strings.Compare(string(a.Code), string(b.Code)), strings.Compare(a.Input, b.Input))
	})
}

package aggregate

import (
	"fmt"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// Report says what an aggregation did beside the numbers.
type Report struct {
	// Notices are the places where the result differs from that of Impact
	// Framework 1.1.0.
	Notices []Notice
	// Warnings are results that are as asked for and may not be what was meant.
	Warnings diag.List
	// Unknown are the metrics that were copied because their method is not known,
	// which happens under UnknownMetricCopies alone.
	Unknown []string
	// Skipped and Empty are the paths of components that are not in their
	// parent's aggregate: because they were to be skipped, or because they have
	// no outputs.
	Skipped, Empty []string
	// Missing are aggregates that are null because values are.
	Missing []Gap
	// Partial are groups with time steps that not all their leaves have.
	Partial []Gap
}

// Notice is a place where the default differs from Impact Framework.
type Notice struct {
	Difference string // its name in the table of differences
	Path       string // the component's; "" when it is not about one
	Detail     string // what it means here
}

// Gap says how much of an aggregate is missing.
type Gap struct {
	Path   string
	Metric string // "" when it is about the steps of a group
	Lacks  int    // values, or steps, that are missing
	Of     int    // values, or steps, in all
}

// String returns the gap in one line.
func (g Gap) String() string {
	if g.Metric == "" {
		return fmt.Sprintf("%s: %d of %d steps are not in all components", g.Path, g.Lacks, g.Of)
	}
	return fmt.Sprintf("%s: %s: %d of %d values are missing", g.Path, g.Metric, g.Lacks, g.Of)
}

func (a *Aggregator) notice(difference, path, format string, args ...any) {
	a.report.Notices = append(a.report.Notices, Notice{difference, path, fmt.Sprintf(format, args...)})
}

// noticeOnce is notice for what is the same wherever it happens.
func (a *Aggregator) noticeOnce(difference, path, format string, args ...any) {
	detail := fmt.Sprintf(format, args...)
	if key := difference + "\x00" + detail; !a.noticed[key] {
		a.noticed[key] = true
		a.notice(difference, path, "%s", detail)
	}
}

// warnings counts where a warning holds, so that each is given once.
type warnings struct {
	list  diag.List
	index map[[2]string]int
	more  []int
}

// add notes a warning. Those of one kind about one metric are joined.
func (w *warnings) add(kind string, p *diag.Problem) {
	key := [2]string{kind, p.Metric}
	if i, ok := w.index[key]; ok {
		w.more[i]++
		return
	}
	if w.index == nil {
		w.index = make(map[[2]string]int)
	}
	w.index[key] = len(w.list)
	w.list, w.more = append(w.list, p), append(w.more, 0)
}

// moreComponents counts the components that a text does not name.
func moreComponents(n int) string {
	if n == 1 {
		return "1 more component"
	}
	return fmt.Sprintf("%d more components", n)
}

func (w *warnings) all() diag.List {
	var out diag.List
	for i, p := range w.list {
		q := *p
		if w.more[i] > 0 {
			q.Text += " (and in " + moreComponents(w.more[i]) + ")"
		}
		out = append(out, &q)
	}
	return out
}

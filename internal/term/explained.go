package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/unit"
)

// Explained prints how figures of accounts came to be: what was observed of each
// host, the calculation step by step with its numbers, the intensities with their
// sources, and what the account got of it. The only errors are those of w.
func Explained(w io.Writer, x *query.Explained) error {
	e := &explainer{screen: ScreenOf(w)}
	if x.Simulated {
		e.line(0, bold, "Simulated: nothing of this was measured.")
	}
	e.slot(x)
	for i := range x.Accounts {
		e.account(&x.Accounts[i])
	}
	_, err := io.WriteString(w, e.String())
	return err
}

// explainer gathers lines.
type explainer struct {
	strings.Builder
	screen Screen
}

// line writes one line; what stands in it cannot act on the terminal.
func (e *explainer) line(indent int, st style, format string, args ...any) {
	text := printable(fmt.Sprintf(format, args...))
	e.WriteString(strings.Repeat("  ", indent) + e.screen.paint(st, text) + "\n")
}

func (e *explainer) slot(x *query.Explained) {
	e.line(0, bold, "Slot %s – %s", instantText(x.From), instantText(x.To))
	e.line(1, normal, "closed at %s, revision %d", instantText(x.ClosedAt), x.Revision)
	for _, r := range x.Restated {
		note := ""
		if r.Note != "" {
			note = " (" + r.Note + ")"
		}
		e.line(1, normal, "restated at %s because of %s%s: total %s, %s → %s, %s", instantText(r.KnownAt), r.Reason, note,
			known(r.Before.Energy), known(r.Before.Operational), known(r.After.Energy), known(r.After.Operational))
	}
	if x.AsKnownAt != nil {
		e.line(1, normal, "as known at %s", instantText(*x.AsKnownAt))
	}
}

// known writes a figure with its unit, or that it is not known.
func known[Q fmt.Stringer](q *Q) string {
	if q == nil {
		return missing
	}
	return (*q).String()
}

func (e *explainer) account(x *derive.Explanation) {
	e.line(0, normal, "")
	e.line(0, bold, "%v", x.Account)
	e.figures(1, &x.Figures)
	e.line(1, normal, "policy %q: divided by %s, idle energy to %s", x.Policy.Name, x.Policy.Divide, idleText(x.Policy.Idle))
	for i := range x.Hosts {
		e.host(&x.Hosts[i])
	}
	if x.Pooled != nil {
		e.line(1, normal, "from the pool of idle energy: %s, %s", known(x.Pooled.Energy), known(x.Pooled.Operational))
	}
}

func idleText(i derive.Idle) string {
	switch i {
	case derive.IdleApart:
		return "a rest of its own"
	case derive.IdleProRata:
		return "all by their busy energy"
	}
	return "the holder"
}

func (e *explainer) figures(indent int, f *account.Figures) {
	e.line(indent, normal, "energy     %s", known(f.Energy))
	e.line(indent, normal, "carbon     %s at %s%s", known(f.Operational), known(f.Intensity), partly(f.CarbonCoverage, "energy"))
	if f.Embodied != nil {
		e.line(indent, normal, "embodied   %s%s", known(f.Embodied), partly(f.EmbodiedCoverage, "host time"))
	}
	e.line(indent, normal, "processor  %s busy, %s idle", known(f.Busy), known(f.Idle))
	e.line(indent, normal, "observed   %s, estimated %s", percent(f.Coverage), percent(f.EstimatedShare))
}

// partly says of how much a figure is known, nothing if of all.
func partly(part *unit.Ratio, of string) string {
	if !incomplete(part) {
		return ""
	}
	return fmt.Sprintf(", known of %s of the %s", percent(part), of)
}

// percent writes a ratio in percent, to a tenth.
func percent(r *unit.Ratio) string {
	if r == nil {
		return missing
	}
	return scale{decimals: 1}.format(hundredths(*r)) + " %"
}

func (e *explainer) host(h *derive.HostExplanation) {
	e.line(1, bold, "host %q %v", h.Subject.Host, h.Labels)
	for _, f := range h.Facts {
		e.fact(&f)
	}
	for _, s := range h.Steps {
		e.line(2, normal, "%-15s %s", s.Name, s.Formula)
		e.line(2, normal, "%-15s = %s", "", s.Result)
	}
	for _, i := range h.Intensities {
		e.line(2, dim, "intensity of %s by %s: %s (%s), known since %s",
			i.Region, strings.TrimSpace(i.Source+" "+i.Version), i.Value, i.Kind, instantText(i.KnownAt))
	}
	b := h.Basis
	e.line(2, dim, "basis: energy %s by %s; intensity %s, %v", b.Energy, modelName(b), intensityName(b.Intensity), b.Intensity.Accounting)
}

func modelName(b account.Basis) string {
	if b.Model == "" {
		return "its source"
	}
	return fmt.Sprintf("model %q", b.Model)
}

func intensityName(b account.IntensityBasis) string {
	if b.Source == "" {
		return "not known"
	}
	estimated := ""
	if b.Estimated {
		estimated = ", estimated"
	}
	return fmt.Sprintf("%s of %s by %s%s", b.Kind, b.Region, b.Source, estimated)
}

func (e *explainer) fact(f *derive.ExplainedFact) {
	text := fmt.Sprintf("%s – %s: %s busy, %s idle; seen for %s of %s", instantText(f.Span.From), instantText(f.Span.To),
		f.Busy, f.Idle, f.Observed, f.Expected)
	if f.Bridged != 0 {
		text += fmt.Sprintf(", %s of it over gaps", f.Bridged)
	}
	if f.Measured != nil {
		text += fmt.Sprintf("; meter %s in %s", *f.Measured, known(f.Metered))
	}
	e.line(2, normal, "%s", text)
	how := f.Origin.Method
	if f.Origin.Extrapolated {
		how += ", extrapolated"
	}
	if f.Origin.Simulated {
		how += ", simulated"
	}
	e.line(2, dim, "observed by %s: %s", f.Origin.Source, how)
}

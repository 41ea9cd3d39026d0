package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
	"github.com/dendro-carbon/dendro/internal/term"
)

// against compares a manifest's figures under Impact Framework's options with
// those of the default, and finds out which difference causes each.
type against struct {
	*checker
	name string
	data []byte
	// causes has the differences by the metric of a component in which they
	// change something.
	causes  map[place][]string
	notices []manifest.Notice // of the default's run
}

// place is a metric of a component.
type place struct{ component, part, metric string }

func (a *against) check(ctx context.Context) (verdict, error) {
	theirs, ours := a.run(ctx, a.name, a.data, compat.IF11()), a.run(ctx, a.name, a.data, compat.Options{})
	if ctx.Err() != nil {
		return failed, context.Cause(ctx)
	}
	if theirs.err != nil || ours.err != nil {
		return a.oneFails(ctx, theirs, ours)
	}
	report := diff.Compare(treeOf(theirs), treeOf(ours), a.f.comparison())
	names := diff.Names{A: "Impact Framework 1.1.0", B: "the default"}
	if !report.Equal() {
		a.find(ctx, ours, theirs, report)
		names.Because = a.because
	}
	if ctx.Err() != nil {
		return failed, context.Cause(ctx)
	}
	v, err := a.judge(a.name, report, names)
	if err == nil && a.f.format != formatJSON {
		a.legend(report)
	}
	return v, err
}

// oneFails tells how the two end if not both succeed.
func (a *against) oneFails(ctx context.Context, theirs, ours *rerun) (verdict, error) {
	a.say("✘ %s\n", a.name)
	for _, end := range []struct {
		who string
		*rerun
	}{{"Impact Framework 1.1.0", theirs}, {"The default", ours}} {
		if end.err == nil {
			a.say("%s runs it.\n", end.who)
			continue
		}
		a.say("%s refuses it:\n", end.who)
		var list diag.List
		list.Add(end.err)
		if !a.f.quiet {
			term.Problems(a.io.out, list)
		}
	}
	switch {
	case ours.err == nil:
		a.tell(a.reason(ctx, compat.IF11(), false))
	case theirs.err == nil:
		a.tell(a.reason(ctx, compat.Options{}, true))
	}
	return invalidData, ctx.Err()
}

// reason returns the difference because of which one refuses the manifest: the
// first that, switched the other way by itself, lets it run. It returns nothing
// if there is none.
func (a *against) reason(ctx context.Context, base compat.Options, on bool) []string {
	for _, d := range compat.Table() {
		if ctx.Err() != nil {
			return nil
		}
		opts := base
		*d.Field(&opts) = on
		if a.run(ctx, a.name, a.data, opts).err == nil {
			return []string{d.Name}
		}
	}
	return nil
}

// treeOf returns the components and nothing else: heads can only differ in form.
func treeOf(r *rerun) diff.Side { return diff.Side{Tree: r.doc.Tree} }

// find finds the causes: it switches each difference that was noticed on by
// itself, then, if that leaves values unexplained, off by itself under all the
// others. What only several of them together change is left to [against.guess].
func (a *against) find(ctx context.Context, ours, theirs *rerun, report *diff.Report) {
	a.causes = make(map[place][]string)
	noticed := make(map[string]bool)
	for _, n := range ours.result.Notices {
		noticed[n.Difference.Name] = true
	}
	a.notices = ours.result.Notices
	if madeByChance(ours.m) {
		a.blame(chance, ours, a.run(ctx, a.name, a.data, compat.Options{}))
	}
	for _, base := range []struct {
		*rerun
		options compat.Options
		on      bool
	}{{ours, compat.Options{}, true}, {theirs, compat.IF11(), false}} {
		for _, d := range compat.Table() {
			if !noticed[d.Name] || ctx.Err() != nil {
				continue
			}
			opts := base.options
			*d.Field(&opts) = base.on
			a.blame(d.Name, base.rerun, a.run(ctx, a.name, a.data, opts))
		}
		if a.explains(report) {
			return
		}
	}
}

// chance is the cause of what differs from run to run under the same options.
const chance = "chance"

// madeByChance reports whether a manifest has plugins that may give other values
// each time.
func madeByChance(m *manifest.Manifest) bool {
	return slices.ContainsFunc(m.Plugins, func(p manifest.Plugin) bool {
		return p.Method == "MockObservations" || p.Method == "Shell"
	})
}

// blame notes where a run differs from another that has one option the other
// way.
func (a *against) blame(difference string, base, changed *rerun) {
	if changed.err != nil {
		return
	}
	report := diff.Compare(treeOf(base), treeOf(changed), diff.Options{ByComponent: true})
	for _, g := range report.Groups {
		at := place{g.Component, g.Part, g.Metric}
		if !slices.Contains(a.causes[at], difference) && !slices.Contains(a.causes[at], chance) {
			a.causes[at] = append(a.causes[at], difference)
		}
	}
}

func (a *against) explains(report *diff.Report) bool {
	return !slices.ContainsFunc(report.Listed, func(d diff.Difference) bool {
		return len(a.causes[place{d.Component, d.Part, d.Metric}]) == 0
	})
}

func (a *against) because(d *diff.Difference) []string {
	if causes := a.causes[place{d.Component, d.Part, d.Metric}]; len(causes) > 0 {
		return causes
	}
	return a.guess(d.Component)
}

// guess returns the differences that the run noticed at a component, or at one
// above or below it, each with a question mark.
func (a *against) guess(component string) []string {
	var names []string
	for _, n := range a.notices {
		near := n.Components != 1 || strings.HasPrefix(n.Component+".", component+".") || strings.HasPrefix(component+".", n.Component+".")
		if name := n.Difference.Name + "?"; near && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// legend says what the differences are that the report names.
func (a *against) legend(report *diff.Report) {
	var names []string
	for _, causes := range a.causes {
		names = append(names, causes...)
	}
	for i := range report.Listed {
		names = append(names, a.because(&report.Listed[i])...)
	}
	a.tell(names)
	if slices.Contains(names, chance) {
		a.say("\n%s\n  It differs from run to run, also under the same options.\n", chance)
	}
	if slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(name, "?") }) {
		a.say("\n?: noticed there; alone it changes nothing, together with others it does.\n")
	}
}

// tell describes differences, in the order of the table.
func (a *against) tell(names []string) {
	for _, d := range compat.Table() {
		if slices.Contains(names, d.Name) || slices.Contains(names, d.Name+"?") {
			a.say("\n%s\n  Impact Framework: %s.\n  Here: %s.\n", d.Name, d.IF, d.Dendro)
		}
	}
}

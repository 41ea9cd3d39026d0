package manifest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// Trace is a run with what is needed to say how its figures came to be.
type Trace struct {
	Result  *Result
	steps   map[string][]Step
	sources map[string]*Source
}

// Source says where the observations of a leaf came from, before any plugin.
type Source struct {
	// Path is the leaf's. If it was regrouped, the leaves made of it have longer
	// ones.
	Path string
	// Rows are the observations as the manifest has them, or the file that From
	// names: without defaults.
	Rows *frame.Frame
	From string
	// Defaults are those in force, with the lines on which they stand.
	Defaults *value.Map
	// Regroup holds the keys by which the leaf was divided; nil if it was not.
	Regroup []string
	lines   *scan.Lines
}

// Line returns the line of the manifest on which a row begins, 0 if that is not
// known.
func (s *Source) Line(row int) int {
	if s.lines == nil || s.From != "" || row >= s.Rows.Len() {
		return 0
	}
	return s.lines.At(row)
}

// Options returns the options with which the manifest was read.
func (m *Manifest) Options() compat.Options { return m.opts }

// Trace runs the manifest and keeps the steps of the components at or below a
// path; "tree" keeps all. The frames of the steps are those of the run, so this
// costs little more memory than the run itself. The error is that of
// [Manifest.Run].
func (m *Manifest) Trace(ctx context.Context, o Options, path string) (*Trace, error) {
	t := &Trace{steps: make(map[string][]Step), sources: make(map[string]*Source)}
	var mu sync.Mutex
	o.OnlyAggregated = false
	o.observe = func(step Step) {
		if related(step.Node.Path, path) {
			mu.Lock()
			defer mu.Unlock()
			t.steps[step.Node.Path] = append(t.steps[step.Node.Path], step)
		}
	}
	var err error
	if t.Result, err = m.Run(ctx, o); err != nil {
		return t, err
	}
	leaves := m.plan(cloneTree(m.Tree, 0), m.Tree, o.Phases).leaves
	for i := range leaves {
		l := &leaves[i]
		if !related(l.node.Path, path) {
			continue
		}
		if t.sources[l.node.Path], err = m.source(ctx, o, l); err != nil {
			return t, err
		}
	}
	return t, nil
}

// related reports whether one component is the other, or lies within it.
func related(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

func (m *Manifest) source(ctx context.Context, o Options, l *leaf) (*Source, error) {
	s := &Source{Path: l.node.Path, Rows: orEmpty(l.original.Inputs), Defaults: l.defaults, lines: m.lines[l.original]}
	for _, key := range l.phases.regroup.List() {
		s.Regroup = append(s.Regroup, key.String())
	}
	var err error
	if s.From, _ = l.node.Attrs.Get(tree.KeyInputs).Map().Get("from").Str(); s.From != "" {
		s.Rows, err = o.Files.Observations(ctx, s.From)
	}
	return s, err
}

// Steps returns what plugins did for a component, in the order in which they
// ran. What they did before it was made by regroup is under the path of the
// leaf that it was made of.
func (t *Trace) Steps(path string) []Step { return slices.Clip(t.steps[path]) }

// Source returns where the observations of a leaf came from, nil if nothing is
// known of it. For a leaf made by regroup it is the source of the one that it
// was made of.
func (t *Trace) Source(path string) *Source {
	for {
		if s, ok := t.sources[path]; ok {
			return s
		}
		i := strings.LastIndex(path, "."+tree.KeyChildren+".")
		if i < 0 {
			return nil
		}
		path = path[:i]
	}
}

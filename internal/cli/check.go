package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/term"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// checkFlags are the flags of dendro check.
type checkFlags struct {
	engineFlags
	compareFlags
	directory string
	against   string
}

func newCheckCommand(io *streams) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check [-m] MANIFEST | -d FOLDER",
		Short: "Run a computed manifest again and compare the result with the outputs inside",
		Long: `Run a manifest that holds its outputs again, and compare everything as dendro diff
does: A is the file as it is, B the new result. A recorded failure is checked
too: it must fail again, with the same error. No file is written or changed.

With -d all .yml and .yaml files in the folder and below it are checked. Those
without outputs are counted as skipped.

With --against if-1.1 the manifest is run twice, as Impact Framework 1.1.0 would
(A) and by default (B). Every value that differs is listed with the name of the
difference that causes it, found by switching each difference on by itself.
Outputs inside the file do not matter then.

Exit status: 0 equal, 1 could not be run, 2 usage, 3 different or not valid.`,
		Example: `  dendro check -m result.yaml
  dendro check -m if-output.yaml --compat if-1.1
  dendro check -d outputs/ --tolerance 1e-9
  dendro check -m manifest.yml --against if-1.1`,
		Args: args.AtMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.take(args); err != nil {
				return err
			}
			c := &checker{io: io, f: f}
			work := c.one
			if f.directory != "" {
				work = c.folder
			}
			if err := work(cmd.Context()); c.lost == nil {
				return err
			}
			return c.lost
		},
	}
	f.engineFlags.register(cmd)
	f.compareFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.directory, "directory", "d", "", "check all manifests in this folder and below it")
	flags.StringVar(&f.against, "against", "", "if-1.1: compare the default with Impact Framework 1.1.0 instead of with the outputs inside")
	return cmd
}

// take completes the flags by the arguments.
func (f *checkFlags) take(args []string) error {
	if err := f.compareFlags.check(); err != nil {
		return err
	}
	switch f.against {
	case "", "if-1.1", "if-1.1.0":
	default:
		return usage("--against %s: not known; the one that is known is if-1.1", f.against)
	}
	switch {
	case f.against != "" && f.compat != "":
		return usage("--against runs the manifest under both; leave --compat out")
	case f.directory == "":
		return f.engineFlags.take(args)
	case f.manifest != "" || len(args) > 0:
		return usage("a manifest and -d: give one of them")
	case f.format == formatJSON:
		return usage("--format json is for one manifest")
	}
	_, err := f.options()
	return err
}

// The verdicts on a manifest.
type verdict uint8

const (
	verified      verdict = iota
	skipped               // it holds no outputs
	aggregateOnly         // it holds the aggregate, and nothing to make it of
	differs
	invalidData // it cannot be run: the manifest or its data are not valid
	failed      // it cannot be run: I/O
)

// String returns the verdict as summaries have it.
func (v verdict) String() string {
	return [...]string{"verified", "skipped", "without observations", "different", "not valid", "failed"}[v]
}

// status ends the program with the status of the verdict.
func (v verdict) status() error {
	switch v {
	case verified:
		return nil
	case failed:
		return withStatus(statusFailed, nil)
	}
	return invalid(nil)
}

// checker checks manifests.
type checker struct {
	io   *streams
	f    *checkFlags
	lost error // the first error of writing what was said
}

func (c *checker) one(ctx context.Context) error {
	v, err := c.manifest(ctx, c.f.manifest)
	if err != nil {
		return err
	}
	switch v {
	case aggregateOnly:
		return invalid(hint(fmt.Errorf("%s holds only the aggregate (--only-aggregated): the inputs and outputs that it was made of are missing, "+
			"so it cannot be run again", c.f.manifest), "check the manifest that it was made of, or compare two results with dendro diff"))
	case skipped:
		return invalid(hint(fmt.Errorf("%s: there are no outputs in this manifest to compare with", c.f.manifest),
			"run it first: dendro run -m %s -o result.yaml", c.f.manifest))
	}
	return v.status()
}

// folder checks all manifests in a folder. The worst verdict is that on the
// folder, where different is worse than failed: it is certain.
func (c *checker) folder(ctx context.Context) error {
	paths, err := manifestsBelow(c.f.directory)
	if err != nil {
		return err
	}
	counts := make(map[verdict]int)
	for _, path := range paths {
		v, err := c.manifest(ctx, path)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			fmt.Fprintf(c.io.err, "%v\n", err)
			v = failed
		}
		counts[v]++
		switch v {
		case skipped:
			c.say("– %s: no outputs inside\n", path)
		case aggregateOnly:
			c.say("– %s: only the aggregate inside, and no inputs to run again\n", path)
		}
	}
	c.say("\n%s\n", summary(counts, len(paths)))
	for _, v := range []verdict{differs, invalidData, failed} {
		if counts[v] > 0 {
			return v.status()
		}
	}
	if counts[verified] == 0 {
		return invalid(hint(fmt.Errorf("%s: no manifest in this folder has outputs to compare with", c.f.directory),
			"run them first: dendro run -m MANIFEST -o result.yaml"))
	}
	return nil
}

func summary(counts map[verdict]int, all int) string {
	var parts []string
	for v := verified; v <= failed; v++ {
		if counts[v] > 0 || v == verified {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	if all == 1 {
		return "1 manifest: " + strings.Join(parts, ", ") + "."
	}
	return fmt.Sprintf("%d manifests: %s.", all, strings.Join(parts, ", "))
}

// say prints unless --quiet is given. An error is kept: a verdict that nobody
// can read is a failure.
func (c *checker) say(format string, args ...any) {
	if !c.f.quiet && c.lost == nil {
		_, c.lost = fmt.Fprintf(c.io.out, format, args...)
	}
}

// manifest checks one manifest. The error is that of a file which cannot be
// read, or of an interrupt.
func (c *checker) manifest(ctx context.Context, path string) (verdict, error) {
	data, name, err := c.io.readFile(path)
	if err != nil {
		return failed, err
	}
	if path == "-" {
		data = between(data)
	}
	if c.f.against != "" {
		return (&against{checker: c, name: name, data: data}).check(ctx)
	}
	opts, _ := c.f.options() // checked by take
	again := c.run(ctx, name, data, opts)
	if ctx.Err() != nil {
		return failed, context.Cause(ctx)
	}
	if again.doc == nil {
		return c.refused(again)
	}
	before := again.recorded()
	switch {
	case again.err != nil && before.Head.Get("execution").Map().Get("status").String() != "fail":
		return c.refused(again)
	case again.err == nil && !hasOutputs(before.Tree):
		return skipped, nil
	}
	after, names := again.side(), diff.Names{A: name, B: name + ", run again"}
	if again.err == nil && onlyAggregated(before.Tree) {
		if again.result.Rows == 0 {
			return aggregateOnly, nil
		}
		c.say("– %s holds no observations (--only-aggregated): the aggregated values alone are compared\n", name)
		after.Tree = withoutRows(after.Tree)
		before.Tree = withoutRows(before.Tree)
	}
	return c.judge(name, diff.Compare(before, after, c.f.comparison()), names)
}

// judge prints a report and returns the verdict.
func (c *checker) judge(name string, report *diff.Report, names diff.Names) (verdict, error) {
	v, mark := verified, "✔"
	if !report.Equal() {
		v, mark = differs, "✘"
	}
	if c.f.format == formatJSON {
		return v, c.f.print(c.io, report, names)
	}
	if v == verified {
		c.say("%s %s: %d values are the same\n", mark, name, report.Compared)
		return v, nil
	}
	c.say("%s %s\n", mark, name)
	return v, c.f.print(c.io, report, names)
}

// refused prints why a manifest cannot be run.
func (c *checker) refused(r *rerun) (verdict, error) {
	c.say("✘ %s: it cannot be run\n", filepath.ToSlash(r.name))
	return c.io.cannotRun(r.err)
}

// cannotRun prints the problems of a run and returns the verdict on the
// manifest. An error of another kind is returned as it is.
func (s *streams) cannotRun(err error) (verdict, error) {
	var list diag.List
	if !errors.As(err, &list) {
		return failed, err
	}
	term.Problems(s.err, list)
	for _, p := range list {
		if !isFailure(p) {
			return invalidData, nil
		}
	}
	return failed, nil
}

// rerun is a manifest that has been run, or could not be.
type rerun struct {
	name   string
	source *yaml.Doc
	m      *manifest.Manifest
	result *manifest.Result
	doc    *emit.Document // nil if the manifest could not be read
	err    error          // why it did not succeed
}

// run reads and runs a manifest.
func (c *checker) run(ctx context.Context, name string, data []byte, opts compat.Options) *rerun {
	r := &rerun{name: name}
	if r.source, r.err = yaml.Read(name, data, yaml.Options{IntegerKeysFirst: opts.IntegerKeysFirst}); r.err != nil {
		return r
	}
	if r.m, r.err = manifest.FromDocument(name, r.source, opts); r.err == nil {
		r.result, r.err = r.m.Run(ctx, c.f.engine())
	}
	if r.err == nil {
		r.doc = r.m.Success(r.result, manifest.Execution{})
		return r
	}
	r.doc = r.m.Failure(r.err, manifest.Execution{})
	return r
}

// side returns what the run gave. What is not in the document as it was read
// cannot differ from it: the run's own execution block.
func (r *rerun) side() diff.Side {
	s := r.withBulk(diff.Side{Head: r.doc.Head, Tree: r.doc.Tree})
	if !r.m.Raw.Has("execution") {
		s.Head = s.Head.Clone()
		s.Head.Delete("execution")
	}
	return s
}

// recorded returns the document as it was read, in the form that the run gave.
func (r *rerun) recorded() diff.Side {
	if r.err != nil {
		return r.withBulk(diff.Side{Head: r.m.Raw, Tree: r.m.Tree})
	}
	return r.withBulk(diff.Side{Head: r.m.Head, Tree: r.m.Tree})
}

func (r *rerun) withBulk(s diff.Side) diff.Side {
	for _, bulk := range r.source.Bulk {
		s.Bulk = append(s.Bulk, bulk.Frame)
	}
	return s
}

// onlyAggregated reports whether a tree was written without observations.
func onlyAggregated(root *tree.Node) bool {
	aggregated := false
	for n := range root.Walk() {
		if n.Outputs != nil {
			return false
		}
		aggregated = aggregated || n.Aggregated != nil
	}
	return aggregated
}

// withoutRows returns a tree as --only-aggregated writes it.
func withoutRows(root *tree.Node) *tree.Node {
	n := *root
	n.Inputs, n.Outputs, n.Attrs = nil, nil, value.NewMap(root.Attrs.Len())
	for key, v := range root.Attrs.All() {
		if emit.IsAggregate(key) {
			n.Attrs.Set(key, v)
		}
	}
	n.Children = make([]*tree.Node, len(root.Children))
	for i, child := range root.Children {
		n.Children[i] = withoutRows(child)
	}
	return &n
}

// hasOutputs reports whether a tree holds anything that was computed.
func hasOutputs(root *tree.Node) bool {
	for n := range root.Walk() {
		if n.Outputs != nil || n.Aggregated != nil {
			return true
		}
	}
	return false
}

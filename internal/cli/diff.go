package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
)

// compareFlags are the flags of every command that compares manifests.
type compareFlags struct {
	relative, absolute float64
	limit              int
	format             string
	quiet              bool
}

func (f *compareFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Float64Var(&f.relative, "tolerance", 0, "numbers a and b are the same if |a-b| is at most this much of the larger, such as 1e-9")
	flags.Float64Var(&f.absolute, "absolute-tolerance", 0, "numbers a and b are the same if |a-b| is at most this")
	flags.IntVar(&f.limit, "limit", 20, "how many differences to list; 0 lists all")
	flags.StringVar(&f.format, "format", "text", "text or json")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "print nothing; the exit status tells")
}

func (f *compareFlags) check() error {
	switch {
	case !(f.relative >= 0), !(f.absolute >= 0):
		return usage("a tolerance is a number from 0 up")
	case f.limit < 0:
		return usage("--limit %d: it is a number from 0 up, and 0 lists all", f.limit)
	case f.format != "text" && f.format != formatJSON:
		return usage("--format %s: not one of text, json", f.format)
	}
	return nil
}

func (f *compareFlags) comparison() diff.Options {
	limit := f.limit
	if limit == 0 {
		limit = -1
	}
	return diff.Options{Relative: f.relative, Absolute: f.absolute, Limit: limit}
}

// print writes the report in the form that the flags ask for.
func (f *compareFlags) print(s *streams, r *diff.Report, names diff.Names) error {
	switch {
	case f.quiet:
		return nil
	case f.format == formatJSON:
		return r.JSON(s.out, names)
	}
	return r.Text(s.out, names)
}

// diffFlags are the flags of dendro diff.
type diffFlags struct {
	compareFlags
	source, target string
	compat         string
}

func newDiffCommand(io *streams) *cobra.Command {
	f := &diffFlags{}
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two manifests with their outputs, value by value",
		Long: `Compare two manifests and everything in them: observations, outputs, aggregated
values, plugins, pipelines. name, description, tags and initialize.outputs are
left out, and of execution all but status and error. The text * on either side
stands for any value.

Numbers are the same to the last digit, or within the tolerances; NaN is the
same as NaN; an instant is the same however it is written. Rows are matched by
timestamp where the timestamps of both sides ascend, else by position.

A or B can be - for standard input. If only one file is given, A is what is
piped in. What is read so may stand between the lines "# start" and "# end".

Exit status: 0 equal, 1 could not be compared, 2 usage, 3 different.`,
		Example: `  dendro diff old.yaml new.yaml
  dendro diff old.yaml new.yaml --tolerance 1e-9
  dendro run -m manifest.yml | dendro diff expected.yaml
  dendro diff --source old.yaml --target new.yaml --compat if-1.1`,
		Args: args.AtMost(2),
		RunE: func(_ *cobra.Command, args []string) error {
			a, b, err := f.sides(io, args)
			if err != nil {
				return err
			}
			return f.run(io, a, b)
		},
	}
	f.compareFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.source, "source", "s", "", "the first manifest, A")
	flags.StringVarP(&f.target, "target", "t", "", "the second manifest, B")
	flags.StringVar(&f.compat, "compat", "", "if-1.1: compare as Impact Framework 1.1.0's if-diff does and print what it prints, the first difference")
	return cmd
}

// sides returns the two documents to compare. Standard input is one of them only
// if it is asked for by - or only one file is given.
func (f *diffFlags) sides(io *streams, args []string) (a, b string, err error) {
	a, b = f.source, f.target
	if a == "" && (len(args) > 1 || b != "" && len(args) > 0) {
		a, args = args[0], args[1:]
	}
	if b == "" && len(args) > 0 {
		b, args = args[0], args[1:]
	}
	switch {
	case len(args) > 0:
		return a, b, usage("more than two manifests: %s", strings.Join(append([]string{a, b}, args...), ", "))
	case a == "" && b == "":
		return a, b, usage("no manifests given")
	case (a == "" || b == "") && io.isTerminal():
		return a, b, usage("one manifest given: name a second one, or pipe it in")
	case a == "":
		a = "-"
	case b == "":
		b = "-"
	}
	if a == "-" && b == "-" {
		return a, b, usage("standard input cannot be both sides")
	}
	return a, b, nil
}

func (f *diffFlags) run(io *streams, a, b string) error {
	if err := f.check(); err != nil {
		return err
	}
	opts, err := compatOptions(f.compat)
	if err != nil {
		return err
	}
	docs, err := io.readDocuments([]string{a, b}, opts)
	if err != nil {
		return io.refuse(err, statusFailed)
	}
	if opts != (compat.Options{}) {
		return f.asIF11(io, docs)
	}
	report := diff.Compare(docs[0].side(), docs[1].side(), f.comparison())
	if err := f.print(io, report, diff.Names{A: docs[0].name, B: docs[1].name}); err != nil {
		return err
	}
	if !report.Equal() {
		return invalid(nil)
	}
	return nil
}

// asIF11 prints what if-diff prints.
func (f *diffFlags) asIF11(io *streams, docs []*document) error {
	lines := diff.FirstIF11(docs[0].side(), docs[1].side())
	verdict := "Files match!"
	if lines != nil {
		verdict = "Files do not match!"
	}
	if !f.quiet {
		if _, err := fmt.Fprintln(io.out, strings.Join(append([]string{verdict}, lines...), "\n")); err != nil {
			return err
		}
	}
	if lines != nil {
		return invalid(nil)
	}
	return nil
}

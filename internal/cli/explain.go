package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/explain"
)

// explainFlags are the flags of dendro explain.
type explainFlags struct {
	engineFlags
	account accountFlags
	query   explain.Query
	format  string
}

func newExplainCommand(io *streams) *cobra.Command {
	f := &explainFlags{}
	cmd := &cobra.Command{
		Use:   "explain [-m] MANIFEST --metric NAME [--component PATH] [--at TIME] | --account LABEL=VALUE,… --at TIME",
		Short: "Say how one figure of a manifest or an account came to be",
		Long: `Run a manifest and say how one of its figures came to be: which plugin made it
(its config, the formula with names and with numbers), from which inputs, and so
on back to the inputs and defaults, with the lines on which they stand.

Of a group it says how the figure was folded from its components; without --at
it is about the value aggregated over time.

--component takes a path as messages have it (tree.children.web.children.db),
the names (web/db), or an end of them that fits one component only. Without it,
it is the root. --at takes a timestamp of the outputs, or a time within an
observation.

With --account it is about the figures of accounts of the ledger in the slot that
holds --at: what was observed, the formulas with their numbers, the intensities
with sources, versions and kinds, and what the account got of it.

Exit status: 0 done, 1 failed, 2 usage, 3 not valid, or no such figure.`,
		Example: `  dendro explain --account group=IDAaaS_Muon --at 2026-01-15T12:00Z
  dendro explain -m manifest.yml --metric carbon
  dendro explain -m manifest.yml --component web/db --metric carbon --at 2024-01-01T00:00:00Z
  dendro explain -m manifest.yml --component web --metric energy --at 2024-01-01 --format json`,
		Args: args.AtMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(f.account.account) > 0 {
				return f.ofAccount(cmd.Context(), io, args)
			}
			if err := f.take(args); err != nil {
				return err
			}
			return f.run(cmd, io)
		},
	}
	f.engineFlags.register(cmd)
	f.account.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.query.Component, "component", "", "the component (default: the root)")
	flags.StringVar(&f.query.Metric, "metric", "", "the metric")
	flags.StringVar(&f.query.At, "at", "", "the time (default: the value aggregated over time)")
	flags.IntVar(&f.query.Depth, "depth", explain.DefaultDepth, "how many steps back to go")
	flags.BoolVar(&f.query.Parts, "parts", false, "explain the parts of sums and averages as well")
	flags.StringVar(&f.format, "format", "text", "text or json")
	return cmd
}

// take completes the flags by the arguments.
func (f *explainFlags) take(args []string) error {
	switch {
	case f.query.Metric == "":
		return usage("no metric given: name one by --metric")
	case f.query.Depth < 1:
		return usage("--depth %d: it is a number from 1 up", f.query.Depth)
	case f.format != formatText && f.format != formatJSON:
		return usage("--format %s: not one of text, json", f.format)
	}
	return f.engineFlags.take(args)
}

// ofAccount explains a figure of the ledger.
func (f *explainFlags) ofAccount(ctx context.Context, io *streams, args []string) error {
	switch {
	case len(args) > 0 || f.manifest != "":
		return usage("a figure is of a manifest or of an account, not of both")
	case f.format != formatText && f.format != formatJSON:
		return usage("--format %s: not one of text, json", f.format)
	}
	return f.account.run(ctx, io, f.query.At, f.format)
}

func (f *explainFlags) run(cmd *cobra.Command, io *streams) error {
	opts, _ := f.options() // checked by take
	data, name, err := io.readFile(f.manifest)
	if err != nil {
		return err
	}
	if f.manifest == "-" {
		data = between(data)
	}
	m, err := manifest.Read(name, data, opts)
	if err != nil {
		return io.refuse(err, statusInvalid)
	}
	figure, err := explain.Explain(cmd.Context(), m, f.engine(), f.query)
	if missing, ok := errors.AsType[*explain.NotFound](err); ok {
		if missing.Unreadable {
			return usage("--at %s: not a time; write it as 2024-01-01T00:00:00Z", f.query.At)
		}
		return invalid(hint(fmt.Errorf("%s: %w", name, err), "%s", f.suggest(missing)))
	}
	if cmd.Context().Err() != nil {
		return context.Cause(cmd.Context())
	}
	if err != nil {
		v, err := io.cannotRun(err)
		if err != nil {
			return err
		}
		return v.status()
	}
	if f.format == formatJSON {
		return figure.JSON(io.out)
	}
	return figure.Text(io.out)
}

// suggest returns what could have been meant.
func (f *explainFlags) suggest(missing *explain.NotFound) string {
	switch {
	case missing.What == "time" && len(missing.Names) > 0:
		return "the nearest are " + strings.Join(missing.Names, ", ")
	case missing.What == "time":
		return "the component has no outputs"
	case len(missing.Rows) > 0:
		return fmt.Sprintf("it is not in aggregation.metrics; its rows are from %s to %s: --at %s", missing.Rows[0], missing.Rows[1], missing.Rows[0])
	}
	return didYouMean(missing.Name, missing.Names)
}

package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/term"
)

// The formats of dendro query besides CSV and JSON.
const formatTable = "table"

// queryFlags are the flags of dendro query.
type queryFlags struct {
	ledgerFlags
	windowFlags
	question query.Asked
	format   string
}

func newQueryCommand(io *streams) *cobra.Command {
	f := &queryFlags{}
	cmd := &cobra.Command{
		Use:   "query --by LABEL,… [--from T --to T | --month M | --quarter Q]",
		Short: "Show energy and carbon of accounts, as a tree over any labels",
		Long: `Show the figures of a view over a window. Children and rests add up to their
parent, exactly in JSON and CSV, and as printed in the table.

A date means the days of the configured time zone; as --to it is inclusive, an
instant exclusive. Without a window it is the last 24 hours. With --step each
node has a series, whose first and last period are cut to the window.

What is missing is – in the table, null in JSON and empty in CSV: it is not zero.
Rests are kinds of nodes: unattributed, idle, unknown, other.

With --policy wholes are divided by another policy of the configuration, and with
--compare by two of them side by side. Both are derived from the same facts, so
their totals are equal to the last digit; slots that are not closed are left out.

If a server runs on the data, it is asked, and the slot that is not closed yet is
among the figures, marked provisional.`,
		Example: `  dendro query --by facility,group --month 2026-01
  dendro query --by group --where facility=ISIS --top 10
  dendro query --by facility --from 2026-01-01 --to 2026-01-31 --step 1d --format csv
  dendro query --by group --quarter 2026-Q1 --as-known-at 2026-04-02T00:00Z
  dendro query --by user --month 2026-01 --policy usage --compare even
  dendro query --by user --server http://127.0.0.1:8420`,
		Args: args.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), io) },
	}
	f.ledgerFlags.register(cmd)
	f.registerPseudonyms(cmd)
	f.windowFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.question.By, "by", "b", nil, "labels that make the levels of the tree, from the top, with commas")
	flags.StringVar(&f.question.Step, "step", "", "give each node a series: slot, 1h, 1d, 1mo, or the length of a slot")
	flags.StringArrayVarP(&f.question.Where, "where", "w", nil, "keep accounts with label=value; repeatable; several values of one label are alternatives")
	flags.StringVar(&f.question.Sort, "sort", "", "carbon (default), energy or name")
	flags.StringVar(&f.question.Top, "top", "", "keep so many accounts under each node, and fold the others into one")
	flags.StringVar(&f.question.AsKnownAt, "as-known-at", "", "the figures as they were known at this date or instant")
	flags.StringVar(&f.question.Policy, "policy", "", "divide by this policy of the configuration (default: the ledger's own)")
	flags.StringVar(&f.question.Compare, "compare", "", "show the figures under this policy beside, with the difference")
	flags.StringVar(&f.question.Perimeter, "perimeter", "", "hosts or services, where the ledger has both: what they share is never added up")
	flags.StringVar(&f.format, "format", formatTable, "table, json or csv")
	return cmd
}

func (f *queryFlags) run(ctx context.Context, io *streams) error {
	switch f.format {
	case formatTable, formatJSON, formatCSV:
	default:
		return usage("--format %s: not one of table, json, csv", f.format)
	}
	f.question.Window = f.Window
	if f.pseudonyms {
		f.question.Pseudonyms = "true"
	}
	answer, err := f.ask(ctx, io)
	if err != nil {
		return asked(err)
	}
	for _, w := range answer.Warnings {
		fmt.Fprintf(io.err, "warning: %s\n", w)
	}
	switch f.format {
	case formatJSON:
		return answer.WriteJSON(io.out)
	case formatCSV:
		if note := answer.PerimeterNote(); note != "" {
			fmt.Fprintln(io.err, note)
		}
		return answer.WriteCSV(io.out)
	}
	return term.Accounts(io.out, answer)
}

func (f *queryFlags) ask(ctx context.Context, io *streams) (*query.Answer, error) {
	server, l, err := f.ledger(ctx, io)
	if err != nil {
		return nil, err
	}
	if server != nil {
		return server.Query(ctx, f.question)
	}
	parts, done, err := f.open(ctx, io, l, app.Read)
	if err != nil {
		return nil, err
	}
	defer done()
	q, err := f.question.Parse(parts.Engine.Calendar(), time.Now())
	if err != nil {
		return nil, err
	}
	return parts.Engine.Ask(ctx, q)
}

package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/term"
)

// backfillFlags are the flags of dendro backfill.
type backfillFlags struct {
	ledgerFlags
	windowFlags
	quiet bool
}

func newBackfillCommand(io *streams) *cobra.Command {
	f := &backfillFlags{}
	cmd := &cobra.Command{
		Use:   "backfill --from T --to T",
		Short: "Close the slots of the past that the ledger does not have",
		Long: `Read the past from the source and close the slots that the ledger does not have.
Slots that are closed stay as they are, so it may be broken off and repeated: it
goes on where it was. Slots of which the source keeps nothing any more are left
out and counted.

If a server runs on the data, it does the work.`,
		Example: `  dendro backfill --month 2026-01
  dendro backfill --from 2025-03-20 --to 2025-12-31 --config facility.yaml`,
		Args: args.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), io) },
	}
	f.ledgerFlags.register(cmd)
	f.windowFlags.register(cmd)
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	return cmd
}

func (f *backfillFlags) run(ctx context.Context, io *streams) error {
	if err := f.given(); err != nil {
		return err
	}
	server, l, err := f.ledger(ctx, io)
	if err != nil {
		return err
	}
	bar := term.NewProgress(io.err, "slots", !f.quiet)
	progress := func(p slots.Progress) { bar.Set(p.Done+p.Gone, p.Total) }
	var end slots.Progress
	if server != nil {
		end, err = server.Backfill(ctx, f.Window, progress)
	} else {
		end, err = f.fill(ctx, io, l, progress)
	}
	bar.Done()
	if end.Total > 0 || err == nil {
		fmt.Fprintln(io.out, backfilled(end))
	}
	return asked(err)
}

// fill does the work here. A window that means nothing is refused before a ledger is made.
func (f *backfillFlags) fill(ctx context.Context, io *streams, l *config.Loaded, progress func(slots.Progress)) (end slots.Progress, err error) {
	calendar, err := l.Calendar()
	if err != nil {
		return end, err
	}
	span, err := f.Span(calendar, time.Now())
	if err != nil {
		return end, err
	}
	parts, done, err := f.open(ctx, io, l, app.Write)
	if err != nil {
		return end, err
	}
	defer done()
	return parts.Worker().Backfill(ctx, span, progress)
}

// backfilled says how far it came.
func backfilled(p slots.Progress) string {
	text := fmt.Sprintf("%d of %d missing slots closed", p.Done, p.Total)
	if p.Total == 0 {
		text = "nothing is missing"
	}
	if p.Gone > 0 {
		text += fmt.Sprintf("; of %d the source keeps nothing", p.Gone)
	}
	return text
}

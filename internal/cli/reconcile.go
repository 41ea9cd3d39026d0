package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/slots"
)

// reconcileFlags are the flags of dendro reconcile.
type reconcileFlags struct {
	ledgerFlags
	windowFlags
	all    bool
	format string
}

func newReconcileCommand(io *streams) *cobra.Command {
	f := &reconcileFlags{}
	cmd := &cobra.Command{
		Use:   "reconcile --from T --to T",
		Short: "Compare closed slots with their source, read again",
		Long: `Read the closed slots of a window again from the source, derive their figures and
compare them with the ledger, slot by slot. Nothing is changed: late samples are
restated by the server itself.

As text, slots that differ are listed with both totals and the hosts that differ;
as JSON, one line for each slot.

Exit status: 0 equal, 1 failed, 2 usage, 3 different.`,
		Example: `  dendro reconcile --month 2026-01
  dendro reconcile --from 2026-01-15 --to 2026-01-15 --all --format json`,
		Args: args.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), io) },
	}
	f.ledgerFlags.register(cmd)
	f.windowFlags.register(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.all, "all", false, "list slots that are equal as well")
	flags.StringVar(&f.format, "format", formatText, "text or json")
	return cmd
}

// formatText is what a person reads.
const formatText = "text"

func (f *reconcileFlags) run(ctx context.Context, io *streams) error {
	if f.format != formatText && f.format != formatJSON {
		return usage("--format %s: not one of text, json", f.format)
	}
	if err := f.given(); err != nil {
		return err
	}
	c := &comparison{out: io.out, all: f.all, json: f.format == formatJSON}
	if err := f.compare(ctx, io, c.take); err != nil {
		return asked(err)
	}
	if c.err != nil {
		return c.err
	}
	if !c.json {
		fmt.Fprintf(io.out, "%d of %d closed slots differ\n", c.different, c.slots)
	}
	if c.different > 0 {
		return invalid(nil)
	}
	return nil
}

func (f *reconcileFlags) compare(ctx context.Context, io *streams, report func(slots.Reconciliation) bool) error {
	server, l, err := f.ledger(ctx, io)
	if err != nil {
		return err
	}
	if server != nil {
		return server.Reconcile(ctx, f.Window, report)
	}
	parts, done, err := f.open(ctx, io, l, app.Compare)
	if err != nil {
		return err
	}
	defer done()
	span, err := f.Span(parts.Store.Calendar(), time.Now())
	if err != nil {
		return err
	}
	return parts.Worker().Reconcile(ctx, span, report)
}

// comparison prints slots as they come.
type comparison struct {
	out              io.Writer
	all, json        bool
	slots, different int
	err              error
}

// take prints one slot, and reports whether to go on.
func (c *comparison) take(r slots.Reconciliation) bool {
	c.slots++
	equal := r.Equal()
	if !equal {
		c.different++
	}
	if equal && !c.all {
		return true
	}
	if c.json {
		c.err = json.NewEncoder(c.out).Encode(struct {
			slots.Reconciliation
			Equal bool `json:"equal"`
		}{r, equal})
	} else {
		_, c.err = fmt.Fprint(c.out, comparedText(r, equal))
	}
	return c.err == nil
}

// comparedText describes a slot in a line, or in a few when it differs.
func comparedText(r slots.Reconciliation, equal bool) string {
	at := r.Slot.From.Format(time.RFC3339)
	if equal {
		return fmt.Sprintf("%s equal: %s, %s\n", at, r.Ledger.Energy, r.Ledger.Operational)
	}
	text := at + " differs\n"
	ledger, source := r.Ledger.Values(), r.Source.Values()
	for i, name := range account.QuantityNames() {
		if ledger[i] != source[i] {
			text += fmt.Sprintf("  %-24s ledger %d, source %d (%+d)\n", name, ledger[i], source[i], source[i]-ledger[i])
		}
	}
	if len(r.Hosts) > 0 {
		text += fmt.Sprintf("  hosts: %s\n", strings.Join(named(r.Hosts), ", "))
	}
	return text
}

// mostHosts is how many hosts are named in one slot.
const mostHosts = 10

// named returns the first names, quoted, and how many more there are.
func named(names []string) []string {
	var out []string
	for i, name := range names {
		if i == mostHosts {
			return append(out, fmt.Sprintf("and %d more", len(names)-i))
		}
		out = append(out, fmt.Sprintf("%q", name))
	}
	return out
}

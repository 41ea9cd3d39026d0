package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/remote"
	"github.com/dendro-carbon/dendro/internal/term"
)

// accountFlags are the flags of dendro explain for figures of the ledger.
type accountFlags struct {
	ledgerFlags
	account           []string
	asKnownAt, policy string
}

func (f *accountFlags) register(cmd *cobra.Command) {
	f.ledgerFlags.register(cmd)
	f.registerPseudonyms(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.account, "account", nil, "instead of a manifest: an account of the ledger, as label=value,…; repeatable")
	flags.StringVar(&f.asKnownAt, "as-known-at", "", "with --account: as it was known at this date or instant")
	flags.StringVar(&f.policy, "policy", "", "with --account: divided by this policy of the configuration (default: the ledger's own)")
}

// matches returns the label=value pairs. A comma divides them only before another
// label=, so that values may hold commas.
func (f *accountFlags) matches() []string {
	var out []string
	for _, text := range f.account {
		first := true
		for part := range strings.SplitSeq(text, ",") {
			if first || strings.Contains(part, "=") {
				out = append(out, part)
			} else {
				out[len(out)-1] += "," + part
			}
			first = false
		}
	}
	return out
}

// run explains the figures of the account in the slot that holds at.
func (f *accountFlags) run(ctx context.Context, io *streams, at, format string) error {
	if at == "" {
		return usage("no slot given: name any instant in it by --at")
	}
	explained, err := f.explain(ctx, io, at)
	switch {
	case errors.Is(err, query.ErrNoFigure):
		return invalid(err)
	case err != nil:
		return asked(err)
	}
	if format == formatJSON {
		return writeIndented(io.out, explained)
	}
	return term.Explained(io.out, explained)
}

func (f *accountFlags) explain(ctx context.Context, io *streams, at string) (*query.Explained, error) {
	server, l, err := f.ledger(ctx, io)
	if err != nil {
		return nil, err
	}
	if server != nil {
		return server.Explain(ctx, remote.Figure{Account: f.matches(), At: at, AsKnownAt: f.asKnownAt, Policy: f.policy, Pseudonyms: f.pseudonyms})
	}
	parts, done, err := f.open(ctx, io, l, app.Read)
	if err != nil {
		return nil, err
	}
	defer done()
	figure := query.Figure{Policy: f.policy}
	calendar := parts.Engine.Calendar()
	if figure.Where, err = query.Filter("account", f.matches()); err != nil {
		return nil, err
	}
	if figure.Slot, err = query.Instant(calendar, "at", at); err != nil {
		return nil, err
	}
	if f.asKnownAt != "" {
		if figure.At, err = query.Instant(calendar, "as_known_at", f.asKnownAt); err != nil {
			return nil, err
		}
	}
	return parts.Engine.Explain(ctx, figure)
}

// writeIndented writes JSON for people and programs.
func writeIndented(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

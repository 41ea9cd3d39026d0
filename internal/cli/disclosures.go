package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/disclose"
)

// disclosures are the commands about disclosures.
func disclosures(io *streams) []*cobra.Command {
	return disclose.Commands(&disclose.Shell{
		Out: io.out, Err: io.err, Asked: asked, WriteFile: writeFile,
		Refuse: func(err error) error { return io.refuse(err, statusInvalid) },
		Ledger: func(cmd *cobra.Command) disclose.Ledger {
			l := &localLedger{io: io}
			l.registerLocal(cmd)
			return l
		},
	})
}

// localLedger is the ledger of flags, that no server is asked about.
type localLedger struct {
	ledgerFlags
	io *streams
}

// Open implements [disclose.Ledger].
func (l *localLedger) Open(ctx context.Context, access app.Access) (*app.Parts, func(), error) {
	loaded, err := l.load(l.io, nil)
	if err != nil {
		return nil, nil, err
	}
	return l.open(ctx, l.io, loaded, access)
}

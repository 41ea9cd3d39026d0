package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/disclose"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/remote"
)

// disclosures are the commands about disclosures.
func disclosures(io *streams) []*cobra.Command {
	return disclose.Commands(&disclose.Shell{
		Out: io.out, Err: io.err, Asked: asked, WriteFile: writeFile,
		Refuse: func(err error) error { return io.refuse(err, statusInvalid) },
		Ledger: func(cmd *cobra.Command) disclose.Ledger {
			l := &localLedger{io: io}
			l.registerLocal(cmd)
			l.registerPseudonyms(cmd)
			return l
		},
	})
}

// localLedger is the ledger of flags. A server that runs on it is not asked what is in it.
type localLedger struct {
	ledgerFlags
	io     *streams
	loaded *config.Loaded // once it was needed
}

// Open implements [disclose.Ledger].
func (l *localLedger) Open(ctx context.Context, access app.Access) (*app.Parts, func(), error) {
	if err := l.once(); err != nil {
		return nil, nil, err
	}
	return l.open(ctx, l.io, l.loaded, access)
}

// Server implements [disclose.Ledger].
func (l *localLedger) Server(ctx context.Context) (*remote.Client, error) {
	if err := l.once(); err != nil {
		return nil, err
	}
	c, err := remote.Find(ctx, l.loaded.Data)
	if errors.Is(err, remote.ErrNoServer) {
		return nil, context.Cause(ctx)
	}
	return c, err
}

func (l *localLedger) once() (err error) {
	if l.loaded == nil {
		l.loaded, err = l.load(l.io, nil)
	}
	return err
}

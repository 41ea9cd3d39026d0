package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/upkeep"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/remote"
)

// upkeepCommands are the commands that move whole ledgers.
func upkeepCommands(io *streams) []*cobra.Command {
	work := func(log config.Log, p upkeep.Progress) app.Upkeep {
		log.Level = "warn" // a command prints its result, not its story
		return app.Upkeep{Log: app.NewLog(log, io.err), Progress: p}
	}
	return upkeep.Commands(&upkeep.Shell{
		Out: io.out, Err: io.err,
		Ledger: func(cmd *cobra.Command) func(upkeep.Progress) (app.Kept, error) {
			f := &ledgerFlags{}
			f.registerLocal(cmd)
			return func(p upkeep.Progress) (app.Kept, error) {
				l, err := f.load(io, nil)
				if err != nil {
					return app.Kept{}, err
				}
				return app.Kept{Upkeep: work(l.Log, p), Config: &l.Config}, nil
			}
		},
		Upkeep: func(p upkeep.Progress) app.Upkeep { return work(config.Log{Format: "text"}, p) },
		Server: serverAt,
	})
}

// serverAt returns a client of the server that --server names.
func serverAt(address string) (*remote.Client, error) {
	c, err := remote.At(address, os.Getenv(tokenVariable))
	if err != nil {
		return nil, usage("--server: %v", err)
	}
	return c, nil
}

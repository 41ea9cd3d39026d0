package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/term"
)

// upkeepFlags are those of the commands that move whole ledgers.
type upkeepFlags struct {
	ledgerFlags
	from, to string
	quiet    bool
}

func (f *upkeepFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
}

// upkeep returns who does the work, and what ends the display of its progress.
func (f *upkeepFlags) upkeep(io *streams, log config.Log) (app.Upkeep, func()) {
	bar := term.NewProgress(io.err, "rows", !f.quiet)
	log.Level = "warn" // a command prints its result, not its story
	progress := func(done, total int64) { bar.Set(int(done), int(total)) }
	return app.Upkeep{Log: app.NewLog(log, io.err), Progress: progress}, bar.Done
}

func newCopyCommand(io *streams) *cobra.Command {
	f := &upkeepFlags{}
	cmd := &cobra.Command{
		Use:   "copy --from PLACE --to PLACE",
		Short: "Copy a ledger from SQLite to PostgreSQL, or back",
		Long: `Copy a whole ledger into one that is empty, with every revision, and compare both
at the end. A place is sqlite:FOLDER (or sqlite:FILE) or postgres://USER@HOST/DATABASE;
passwords can come from PGPASSWORD or ~/.pgpass.

It may be broken off and repeated: it goes on where it was, or begins anew if its
source has changed since. A ledger that is copied half is refused by everything
else. Servers may write to the source; what they write after the begin is not in the
copy, so stop them before the last one.`,
		Example: `  dendro copy --from sqlite:/var/lib/dendro --to postgres://dendro@db.example.org/dendro
  dendro copy --from postgres://dendro@db.example.org/dendro --to sqlite:/var/lib/dendro/`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.copy(cmd.Context(), io) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.from, "from", "", "the ledger to copy")
	cmd.Flags().StringVar(&f.to, "to", "", "where to copy it to")
	return cmd
}

func (f *upkeepFlags) copy(ctx context.Context, io *streams) error {
	if f.from == "" || f.to == "" {
		return usage("--from and --to are required")
	}
	u, done := f.upkeep(io, config.Log{Format: "text"})
	copied, err := u.Copy(ctx, f.from, f.to)
	done()
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%d rows copied; both sides are equal: sha256 %s\n", copied.Rows, copied.Digest)
	return nil
}

func newBackupCommand(io *streams) *cobra.Command {
	f := &upkeepFlags{}
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the ledger into a file, while servers run",
		Long: `Write the state that the ledger has now into a new file, and check what was
written. Servers go on meanwhile. The file is a ledger in SQLite, whatever the store:
dendro restore makes a ledger of it again, and dendro query --data answers from it
when it lies in a folder as ledger.db.`,
		Example: `  dendro backup /backup/dendro-$(date +%F).db --data /var/lib/dendro
  dendro backup /backup/dendro.db --config facility.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.kept(io, func(u app.Upkeep, l *config.Loaded) error { return u.Backup(cmd.Context(), &l.Config, args[0]) }, "written and checked: "+args[0])
		},
	}
	f.registerLocal(cmd)
	f.register(cmd)
	return cmd
}

func newRestoreCommand(io *streams) *cobra.Command {
	f := &upkeepFlags{}
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the ledger of a backup",
		Long: `Check a backup and make the ledger of it. A ledger that exists is not overwritten:
move it away first. A backup of an older program is brought up to date, that of a
newer one refused.`,
		Example: `  dendro restore /backup/dendro-2026-11-01.db --data /var/lib/dendro`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.kept(io, func(u app.Upkeep, l *config.Loaded) error { return u.Restore(cmd.Context(), args[0], &l.Config) }, "checked and restored: "+args[0])
		},
	}
	f.registerLocal(cmd)
	f.register(cmd)
	return cmd
}

// kept does a work on the ledger of the configuration and says that it is done.
func (f *upkeepFlags) kept(io *streams, work func(app.Upkeep, *config.Loaded) error, said string) error {
	l, err := f.load(io, nil)
	if err != nil {
		return err
	}
	u, done := f.upkeep(io, l.Log)
	err = work(u, l)
	done()
	if err != nil {
		return err
	}
	fmt.Fprintln(io.out, said)
	return nil
}

// Package upkeep is the commands that move whole ledgers: backup, restore and copy. Like
// all commands they parse flags, call the packages that do the work, and print; what a
// reader would get wrong is that they need no server, and stop none.
package upkeep

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/cli/exit"
	"github.com/dendro-carbon/dendro/internal/remote"
	"github.com/dendro-carbon/dendro/internal/term"
)

// Progress is told how much is done of how much.
type Progress = func(done, total int64)

// Shell is what the commands have of the command line.
type Shell struct {
	Out, Err io.Writer
	// Ledger registers the flags that name a ledger, and returns what reads it.
	Ledger func(cmd *cobra.Command) func(Progress) (app.Kept, error)
	// Upkeep returns who moves ledgers that no configuration names.
	Upkeep func(Progress) app.Upkeep
	// Server returns a client of the server at an address.
	Server func(address string) (*remote.Client, error)
}

// Commands returns the commands.
func Commands(s *Shell) []*cobra.Command {
	return []*cobra.Command{newBackupCommand(s), newRestoreCommand(s), newCopyCommand(s)}
}

// flags are those of all commands.
type flags struct {
	*Shell
	quiet bool
}

func (f *flags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
}

// progress returns what shows how far it is, and what ends that.
func (f *flags) progress(counted string) (Progress, func()) {
	bar := term.NewProgress(f.Err, counted, !f.quiet)
	return func(done, total int64) { bar.Set(int(done), int(total)) }, bar.Done
}

func newCopyCommand(s *Shell) *cobra.Command {
	f := &flags{Shell: s}
	var from, to string
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
		Args: args.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.copy(cmd.Context(), from, to) },
	}
	f.register(cmd)
	cmd.Flags().StringVar(&from, "from", "", "the ledger to copy")
	cmd.Flags().StringVar(&to, "to", "", "where to copy it to")
	return cmd
}

func (f *flags) copy(ctx context.Context, from, to string) error {
	if from == "" || to == "" {
		return exit.Usage("--from and --to are required")
	}
	progress, done := f.progress("rows")
	copied, err := f.Upkeep(progress).Copy(ctx, from, to)
	done()
	if err != nil {
		return err
	}
	fmt.Fprintf(f.Out, "%d rows copied; both sides are equal: sha256 %s\n", copied.Rows, copied.Digest)
	return nil
}

func newBackupCommand(s *Shell) *cobra.Command {
	f := &flags{Shell: s}
	server := ""
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the ledger into a file, while servers run",
		Long: `Write the state that the ledger has now into a new file, and check what was
written. Servers go on meanwhile. The file is a ledger in SQLite, whatever the store:
dendro restore makes a ledger of it again, and dendro query --data answers from it
when it lies in a folder as ledger.db.

With --server the server writes it, for which its folder of data needs room, and
sends it here. A token of scope admin is taken from DENDRO_TOKEN.`,
		Example: `  dendro backup /backup/dendro-$(date +%F).db --data /var/lib/dendro
  dendro backup /backup/dendro.db --server https://dendro.example.org
  dendro backup /backup/dendro.db --config facility.yaml`,
		Args: args.One("the file to write"),
	}
	ledger := s.Ledger(cmd)
	f.register(cmd)
	cmd.Flags().StringVar(&server, "server", "", "have the server at this address write it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		said := "written and checked: " + args[0]
		if server != "" {
			return f.fetch(cmd.Context(), server, args[0], said)
		}
		return f.kept(ledger, func(k app.Kept) error { return k.Backup(cmd.Context(), args[0]) }, said)
	}
	return cmd
}

func newRestoreCommand(s *Shell) *cobra.Command {
	f := &flags{Shell: s}
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the ledger of a backup",
		Long: `Check a backup and make the ledger of it. A ledger that exists is not overwritten:
move it away first. A backup of an older program is brought up to date, that of a
newer one refused.`,
		Example: `  dendro restore /backup/dendro-2026-11-01.db --data /var/lib/dendro`,
		Args:    args.One("the file of a backup"),
	}
	ledger := s.Ledger(cmd)
	f.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return f.kept(ledger, func(k app.Kept) error { return k.Restore(cmd.Context(), args[0]) }, "checked and restored: "+args[0])
	}
	return cmd
}

// kept does a work on the ledger of flags and says that it is done.
func (f *flags) kept(ledger func(Progress) (app.Kept, error), work func(app.Kept) error, said string) error {
	progress, done := f.progress("rows")
	k, err := ledger(progress)
	if err == nil {
		err = work(k)
	}
	done()
	if err != nil {
		return err
	}
	fmt.Fprintln(f.Out, said)
	return nil
}

// fetch has a server write a backup.
func (f *flags) fetch(ctx context.Context, address, to, said string) error {
	server, err := f.Server(address)
	if err != nil {
		return err
	}
	progress, done := f.progress("bytes")
	err = f.Upkeep(progress).Fetch(ctx, server, to)
	done()
	if err != nil {
		return err
	}
	fmt.Fprintln(f.Out, said)
	return nil
}

// Package cli is the command line: one file per subcommand, one place that
// lists them ([commands]) and one that turns errors into exit statuses
// (status.go). A command parses its flags, calls the packages that do the work
// and prints; it decides nothing about numbers.
package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
)

// streams are the three standard streams of the process. A command asks them
// what they are (a terminal or not) and never the os package.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// commands lists every subcommand. A new one is a file with its constructor
// and one line here.
func commands(io *streams) []*cobra.Command {
	return []*cobra.Command{
		newRunCommand(io),
		newDiffCommand(io),
		newCSVCommand(io),
		newMergeCommand(io),
		newCheckCommand(io),
		newExplainCommand(io),
		newServeCommand(io),
		newBackfillCommand(io),
		newScoreCommand(io),
		newTokenCommand(io),
		newArchiveCommand(io),
		newQueryCommand(io),
		newReconcileCommand(io),
		newBackupCommand(io),
		newRestoreCommand(io),
		newCopyCommand(io),
		newConfigCommand(io),
		newVersionCommand(io),
	}
}

// Run executes the command line args (without the program's name) and returns
// the exit status: 0 done, 1 failed, 2 usage, 3 the data is not valid. Errors go
// to stderr with a hint where there is one. A cancelled ctx stops the command,
// which counts as failed.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(&streams{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return report(ctx, stderr, cmd, err)
}

// usageTemplate is the usage text of every command. It shows a group as
// something that takes a command, which cobra's own text does not for one that
// can run.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} <command>{{else}}{{.UseLine}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

"{{.CommandPath}} <command> --help" tells more about a command.{{end}}
`

func newRoot(io *streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "dendro",
		Short:         "Carbon accounting for computing: whose energy, how much carbon, along time and up a tree",
		Version:       buildinfo.Read().String(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("dendro {{.Version}}\n")
	root.SetUsageTemplate(usageTemplate)
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.SetHelpCommand(newHelpCommand())
	root.AddCommand(commands(io)...)
	root.AddCommand(disclosures(io)...)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	prepare(root, io)
	return root
}

// prepare completes a tree of commands: one that only groups others explains
// itself, and the errors of each command's own work get the status "failed"
// unless they carry one. What reaches [Run] without a status after that comes
// from parsing the command line.
func prepare(cmd *cobra.Command, io *streams) {
	for _, sub := range cmd.Commands() {
		prepare(sub, io)
	}
	if cmd.RunE == nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error { return groupAlone(cmd, args, io) }
	}
	cmd.RunE = failing(cmd.RunE)
}

// groupAlone is a group, or the program itself, without a command of it. Cobra
// would print help and end with status 0, also for a misspelt command.
func groupAlone(cmd *cobra.Command, args []string, io *streams) error {
	if len(args) == 0 {
		cmd.SetOut(io.err)
		return withStatus(statusUsage, cmd.Help())
	}
	err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2 // cobra's own distance at the root
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w\n\nDid you mean this?\n\t%s", err, strings.Join(near, "\n\t"))
	}
	return withStatus(statusUsage, err)
}

// newHelpCommand replaces cobra's, which ends with status 0 when asked about a
// command that does not exist.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:                   "help [command]",
		Short:                 "Say what a command does and which flags it takes",
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return withStatus(statusUsage, fmt.Errorf("no help on %q: no such command", strings.Join(args, " ")))
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}

// noArguments refuses arguments; cobra's own validator would call them unknown
// commands.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q", args[0])
	}
	return nil
}

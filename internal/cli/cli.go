// Package cli is the command line: one file per subcommand, one place that
// lists them ([groups]) and one that turns errors into exit statuses
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

// group is a heading of the help and the commands below it.
type group struct {
	title    string
	commands []*cobra.Command
}

// groups lists every subcommand, by what they are about. A new one is a file with its
// constructor and one line here.
func groups(io *streams) []group {
	return []group{
		{"Manifests", []*cobra.Command{
			newRunCommand(io), newCheckCommand(io), newDiffCommand(io), newCSVCommand(io), newMergeCommand(io),
		}},
		{"Accounts", []*cobra.Command{
			newServeCommand(io), newBackfillCommand(io), newQueryCommand(io), newExplainCommand(io), newReconcileCommand(io),
		}},
		{"Services", []*cobra.Command{newScoreCommand(io), newArchiveCommand(io)}},
		{"Disclosures", disclosures(io)},
		{"Keeping a server", append([]*cobra.Command{newConfigCommand(io), newTokenCommand(io)}, upkeepCommands(io)...)},
		{"Others", []*cobra.Command{newVersionCommand(io)}},
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

{{if .Groups}}{{$commands := .Commands}}{{range $i, $group := .Groups}}{{if $i}}

{{end}}{{.Title}}:{{range $commands}}{{if and (eq .GroupID $group.ID) (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{else}}Commands:{{range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

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
	for _, g := range groups(io) {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, cmd := range g.commands {
			cmd.GroupID = g.title
		}
		root.AddCommand(g.commands...)
		root.SetHelpCommandGroupID(g.title) // the last one
		root.SetCompletionCommandGroupID(g.title)
	}
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

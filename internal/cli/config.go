package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/cli/args"
)

func newConfigCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Check the configuration, or show where each setting comes from",
		Long: `The configuration is one YAML file, overridden by variables of the environment.
docs/CONFIGURATION.md lists all settings.`,
	}
	cmd.AddCommand(newConfigCheckCommand(io), newConfigShowCommand(io))
	return cmd
}

func newConfigCheckCommand(io *streams) *cobra.Command {
	f := &ledgerFlags{}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say all that is wrong with the configuration",
		Long: `Read the configuration and say all that is wrong with it, each with its line:
unknown keys, values that cannot be, files that cannot be read, sources whose
figures must not be mixed. No server is asked, and nothing is written.

Exit status: 0 valid, 1 not readable, 2 usage, 3 not valid.`,
		Example: "  dendro config check --config facility.yaml",
		Args:    args.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := f.load(io, nil)
			if err != nil {
				return err
			}
			if err := app.Check(cmd.Context(), &l.Config, app.Deps{Log: io.log(l)}); err != nil {
				return invalid(err)
			}
			name := l.File
			if name == "" {
				name = "no file"
			}
			_, err = fmt.Fprintf(io.out, "%s: valid\n", name)
			return err
		},
	}
	f.registerLocal(cmd)
	return cmd
}

func newConfigShowCommand(io *streams) *cobra.Command {
	f := &ledgerFlags{}
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print all settings and where each comes from",
		Long: `Print all settings as YAML, each with a comment that says where it comes from: a
line of the file, a variable of the environment, a flag, or the default. Secrets
print as [redacted].

Exit status: 0 done, 1 not readable, 2 usage, 3 not valid.`,
		Example: "  dendro config show --config facility.yaml",
		Args:    args.None,
		RunE: func(*cobra.Command, []string) error {
			l, err := f.load(io, nil)
			if err != nil {
				return err
			}
			return l.Show(io.out)
		},
	}
	f.registerLocal(cmd)
	return cmd
}

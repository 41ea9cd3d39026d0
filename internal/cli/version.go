package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/cli/args"
)

func newVersionCommand(io *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go release of this program",
		Args:  args.None,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(io.out, "dendro %s\n", buildinfo.Read())
			return err
		},
	}
}

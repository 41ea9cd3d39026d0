package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
)

func newVersionCommand(io *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the Go release of this program",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(io.out, "dendro %s\n", buildinfo.Read())
			return err
		},
	}
}

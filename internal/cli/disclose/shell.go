// Package disclose is the commands about disclosures: disclose, verify and key. Like all
// commands they parse flags, call the packages that do the work, and print.
package disclose

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/remote"
)

// Shell is what the commands have of the command line.
type Shell struct {
	Out, Err io.Writer
	// Ledger registers the flags that name a ledger.
	Ledger func(cmd *cobra.Command) Ledger
	// Asked puts errors about a question in the words of flags.
	Asked func(error) error
	// Refuse prints the problems of a document, and ends the program with status 3.
	Refuse func(error) error
	// WriteFile writes a file that appears under its name when it is complete.
	WriteFile func(path string, render func(io.Writer) error) error
}

// Ledger is the ledger that flags name.
type Ledger interface {
	// Open opens it, and returns what closes it.
	Open(ctx context.Context, access app.Access) (*app.Parts, func(), error)
	// Server returns the server that runs on it, nil if none does.
	Server(ctx context.Context) (*remote.Client, error)
}

// Commands returns the commands.
func Commands(s *Shell) []*cobra.Command {
	return []*cobra.Command{newDiscloseCommand(s), newVerifyCommand(s), newKeyCommand(s)}
}

package cli

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/cli/args"
)

func newTokenCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token <command>",
		Short: "Make tokens for those who may ask a server",
	}
	cmd.AddCommand(newTokenNewCommand(io))
	return cmd
}

// tokenFlags are the flags of dendro token new.
type tokenFlags struct {
	scope, file string
}

func newTokenNewCommand(io *streams) *cobra.Command {
	f := &tokenFlags{}
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a token and say which line lets it in",
		Long: `Make a token of 26 random characters. It is shown once and kept nowhere: the line
that lets it in, for the file of auth.tokens_file, has its SHA-256 alone. With
--file the line is added there; a server that runs reads the file again at once.

Scope read may ask; admin may also have work done, such as backfill.`,
		Example: `  dendro token new grafana --file /etc/dendro/tokens
  dendro token new ops --scope admin`,
		Args: args.One("a name for the token, such as grafana"),
		RunE: func(_ *cobra.Command, args []string) error { return f.run(io, args[0]) },
	}
	cmd.Flags().StringVar(&f.scope, "scope", string(api.ScopeRead), "read or admin")
	cmd.Flags().StringVar(&f.file, "file", "", "add the line to this file; it is made if it is not there")
	return cmd
}

func (f *tokenFlags) run(io *streams, name string) error {
	if !regexp.MustCompile(`^[A-Za-z0-9][\w.@-]*$`).MatchString(name) {
		return usage("%q is not a name for a token: use letters, digits and . _ - @", name)
	}
	if scope := api.Scope(f.scope); scope != api.ScopeRead && scope != api.ScopeAdmin {
		return usage("--scope %s: not one of read, admin", f.scope)
	}
	token := rand.Text()
	line := fmt.Sprintf("%s %s %x\n", name, f.scope, sha256.Sum256([]byte(token)))
	if f.file == "" {
		fmt.Fprintf(io.out, "token  %s\nline   %s", token, line)
		return nil
	}
	if err := addLine(f.file, line); err != nil {
		return fmt.Errorf("token not added: %w", err)
	}
	fmt.Fprintf(io.out, "%s\n", token)
	return nil
}

// addLine adds a line to a file of its user, behind one without an end if need be.
func addLine(path, line string) error {
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if n := len(before); n > 0 && before[n-1] != '\n' {
		line = "\n" + line
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line)
	return errors.Join(err, file.Close())
}

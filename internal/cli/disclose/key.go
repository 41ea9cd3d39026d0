package disclose

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/cli/exit"
	"github.com/dendro-carbon/dendro/internal/sign"
)

func newKeyCommand(io *Shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key <command>",
		Short: "Make and show the keys that sign disclosures",
	}
	cmd.AddCommand(newKeyNewCommand(io), newKeyShowCommand(io))
	return cmd
}

func newKeyNewCommand(io *Shell) *cobra.Command {
	var output, kind string
	cmd := &cobra.Command{
		Use:   "new --output K",
		Short: "Make a key: K signs and is to be kept secret, K.pub verifies",
		Long: `Make a key pair and write it as PEM files, which openssl reads: the private key (PKCS #8,
not encrypted, readable by its owner alone) under the name that is given, and the public
one beside it with .pub added. Files that exist are never written over.

Exit status: 0 done, 1 failed, 2 usage.`,
		Example: `  dendro key new --output disclosure.key
  dendro key new --output disclosure.key --type ecdsa-p256`,
		Args: args.None,
		RunE: func(*cobra.Command, []string) error { return newKey(io, output, sign.Kind(kind)) },
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "the file of the private key")
	cmd.Flags().StringVar(&kind, "type", string(sign.Ed25519), "ed25519 or ecdsa-p256")
	return cmd
}

func newKey(s *Shell, output string, kind sign.Kind) error {
	if output == "" {
		return exit.Usage("no --output given: name the file of the key")
	}
	if kind != sign.Ed25519 && kind != sign.ECDSAP256 {
		return exit.Usage("--type %s: not one of %s, %s", kind, sign.Ed25519, sign.ECDSAP256)
	}
	private, err := sign.NewKey(kind)
	if err != nil {
		return err
	}
	public, err := private.Public()
	if err != nil {
		return err
	}
	secret, err := private.PEM()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(output + ".pub"); err == nil {
		return exit.Hint(fmt.Errorf("%s.pub exists", output), "choose another name: a key is never written over")
	}
	if err := create(output, secret, 0o600); err != nil {
		return err
	}
	if err := create(output+".pub", public.PEM(), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s key %s\n", kind, public.ID())
	return nil
}

// create writes a file that is not there yet.
func create(path string, text []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return exit.Hint(err, "choose another name: a key is never written over")
	}
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

func newKeyShowCommand(io *Shell) *cobra.Command {
	return &cobra.Command{
		Use:   "show K",
		Short: "Show kind and id of a key, as disclosures name it",
		Args:  args.One("the file of a key"),
		RunE: func(_ *cobra.Command, args []string) error {
			key, err := readPublicKey(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(io.Out, "%s key %s\n", key.Kind(), key.ID())
			return nil
		},
	}
}

// readPublicKey reads a public key, or that of a private key. What is none ends the program
// with status 3.
func readPublicKey(path string) (*sign.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := sign.ParsePublic(text)
	if err != nil {
		return nil, exit.Invalid(fmt.Errorf("%s: %w", path, err))
	}
	return key, nil
}

func readPrivateKey(path string) (*sign.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := sign.ParsePrivate(text)
	if err != nil {
		return nil, exit.Invalid(fmt.Errorf("%s: %w", path, err))
	}
	return key, nil
}

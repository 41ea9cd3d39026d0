package disclose

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/cli/exit"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
	"github.com/dendro-carbon/dendro/internal/sign"
	"github.com/dendro-carbon/dendro/internal/term"
)

// formatText is lines for people.
const formatText = "table"

// The files beside a disclosure: what is stated of it, and that signed.
const (
	statementSuffix = disclosure.StatementSuffix
	envelopeSuffix  = disclosure.EnvelopeSuffix
)

// verifyFlags are the flags of dendro verify.
type verifyFlags struct {
	ledger        Ledger
	fromLedger    bool
	key, previous string
	inputs        []string
	format        string
}

func newVerifyCommand(io *Shell) *cobra.Command {
	f := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify R",
		Short: "Verify a disclosure: form, sums, rules, statement, signature, inputs",
		Long: `Check a disclosure against all that is given. Each check is ok, failed, or not given:

  form       it is the one legal text of a disclosure
  id         the id is that of its content
  sums       rows and what is shared add up to the totals
  rules      an official one fulfils every rule of official disclosures
  statement  R` + statementSuffix + ` states its SHA-256 and what it is about
  signature  R` + envelopeSuffix + ` is this statement, signed by the key of --key
  previous   it follows the disclosure of --previous without a gap
  inputs     the archives of --inputs, or the ledger, give these figures

Of a perf-sentinel report the content hash is worked out again, and what that hash does
not cover is named.

Exit status: 0 every check that is given holds, 1 failed, 2 usage, 3 a check fails.`,
		Example: `  dendro verify 2026-Q1.json --key disclosure.key.pub
  dendro verify 2026-Q1.json --key disclosure.key.pub --previous 2025-Q4.json --inputs archive/`,
		Args: args.One("the disclosure to verify"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), io, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.key, "key", "k", "", "the public key that has signed it")
	flags.StringVar(&f.previous, "previous", "", "the disclosure of the time before")
	flags.StringArrayVar(&f.inputs, "inputs", nil, "archives that it was made from, files or folders; repeatable")
	flags.BoolVar(&f.fromLedger, "ledger", false, "work the figures out again from the ledger that it was made from")
	flags.StringVar(&f.format, "format", formatText, "table or json")
	f.ledger = io.Ledger(cmd)
	return cmd
}

func (f *verifyFlags) run(ctx context.Context, s *Shell, path string) error {
	if f.format != formatText && f.format != formatJSON {
		return exit.Usage("--format %s: not one of table, json", f.format)
	}
	if f.fromLedger && len(f.inputs) > 0 {
		return exit.Usage("--inputs and --ledger: one of the two")
	}
	if document := documentOf(path); document != path {
		return exit.Usage("%s lies beside a disclosure; name that: dendro verify %s", path, document)
	}
	text, err := readBounded(path)
	if err != nil {
		return err
	}
	v := (*disclosure.Verification)(nil)
	if foreign.IsReport(text) {
		if f.key != "" || f.previous != "" || len(f.inputs) > 0 {
			return exit.Usage("%s is a perf-sentinel report, which has no place for --key, --previous and --inputs", path)
		}
		v = foreign.Verify(text)
	} else if v, err = f.verify(ctx, s, path, text); err != nil {
		return err
	}
	if f.format == formatJSON {
		err = writeVerification(s.Out, path, v)
	} else {
		err = term.Verified(s.Out, path, v)
	}
	if err != nil {
		return err
	}
	if !v.Holds() {
		return exit.Invalid(nil)
	}
	return nil
}

// verify checks a text of whichever schema.
func (f *verifyFlags) verify(ctx context.Context, s *Shell, path string, text []byte) (*disclosure.Verification, error) {
	g := disclosure.Given{Name: filepath.Base(path), Text: text}
	var err error
	if g.Statement, err = beside(path, statementSuffix); err != nil {
		return nil, err
	}
	if g.Envelope, err = beside(path, envelopeSuffix); err != nil {
		return nil, err
	}
	g.Open = func(envelope []byte) ([]byte, error) {
		statement, _, err := sign.Open(envelope)
		return statement, err
	}
	if f.key != "" {
		key, err := readPublicKey(f.key)
		if err != nil {
			return nil, err
		}
		g.Key, g.Open = true, func(envelope []byte) ([]byte, error) { return sign.Verify(envelope, key) }
	}
	if f.previous != "" {
		if g.Previous, err = readBounded(f.previous); err != nil {
			return nil, err
		}
	}
	if f.fromLedger {
		g.Refold = func(d *disclosure.Document) (*disclosure.Period, error) { return f.refoldLedger(ctx, d) }
	}
	if len(f.inputs) > 0 {
		g.Refold = func(d *disclosure.Document) (*disclosure.Period, error) { return refold(ctx, s, f.inputs, d) }
	}
	return disclosure.Verify(g), nil
}

// readBounded reads a file that somebody else may have written.
func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, disclosure.MaxDocument+1))
	if err == nil && len(text) > disclosure.MaxDocument {
		err = exit.Invalid(fmt.Errorf("%s: longer than %d bytes: no disclosure", path, disclosure.MaxDocument))
	}
	return text, err
}

// beside reads a file beside a disclosure, nil if there is none.
func beside(path, suffix string) ([]byte, error) {
	text, err := readBounded(besideName(path, suffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// documentOf returns the name of the document that a file lies beside, or the name itself.
func documentOf(path string) string {
	for _, suffix := range []string{statementSuffix, envelopeSuffix} {
		if stem, ok := strings.CutSuffix(path, suffix); ok {
			return stem + ".json"
		}
	}
	return path
}

func besideName(path, suffix string) string { return disclosure.Beside(path, suffix) }

// writeVerification writes the checks as JSON.
func writeVerification(out io.Writer, path string, v *disclosure.Verification) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		File  string `json:"file"`
		Holds bool   `json:"holds"`
		*disclosure.Verification
	}{path, v.Holds(), v})
}

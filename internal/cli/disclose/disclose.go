package disclose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/cli/exit"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/sign"
)

// The formats of disclosures.
const (
	formatJSON = "json"
	formatHTML = "html"
	formatCSV  = "csv"
)

// discloseFlags are the flags of dendro disclose.
type discloseFlags struct {
	ledger Ledger
	query.Window
	inputs             []string
	fromLedger         bool
	org, zone          string
	intent             string
	confidentiality    string
	by                 []string
	asOf               string
	restates, previous string
	key                string
	schema             string
	formats            []string
	output             string
	quiet, unpinned    bool
	signer             *sign.PrivateKey
	before             *disclosure.Document // that of previous
}

func newDiscloseCommand(io *Shell) *cobra.Command {
	f := &discloseFlags{}
	cmd := &cobra.Command{
		Use:   "disclose --from D --to D --input DIR … | --ledger --output R",
		Short: "Write a period's figures so that anyone can verify them",
		Long: `Fold archives of windows, or the ledger, into the figures of a period, and write them as
a disclosure R with its statement R` + statementSuffix + ` beside it, and with --key signed as
R` + envelopeSuffix + `. dendro verify checks all of it; docs/DISCLOSURE.md tells how to do so with
openssl, sha256sum and jq.

An official disclosure fulfils rules; all that it breaks are named, and nothing is written.
The same inputs give the same bytes: give the time stamp by --as-of or SOURCE_DATE_EPOCH.
What a ledger needs to work the figures out again is kept from then on.

Exit status: 0 done, 1 failed, 2 usage, 3 rules are broken or a file is not valid.`,
		Example: `  dendro disclose --quarter 2026-Q1 --input archive/ --org org.toml --output 2026-Q1.json
  dendro disclose --month 2026-02 --ledger --by facility,group --intent official --org org.toml --key disclosure.key --output 2026-02.json
  dendro disclose --quarter 2026-Q1 --input archive/ --org org.toml --restates 2026-Q1.json --output 2026-Q1-restated.json
  dendro disclose --quarter 2026-Q1 --input archive/ --org org.toml --schema perf-sentinel-report/v1.6 --output report.json`,
		Args: args.None,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), io) },
	}
	f.ledger = io.Ledger(cmd)
	f.window(cmd.Flags())
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.inputs, "input", "i", nil, "an archive, file or folder; repeatable")
	flags.BoolVar(&f.fromLedger, "ledger", false, "disclose from the ledger")
	flags.StringVar(&f.org, "org", "", "who discloses, and what is left out: a file in TOML or YAML")
	flags.StringVar(&f.zone, "time-zone", "UTC", "the zone of dates, for archives; a ledger has its own")
	flags.StringVar(&f.intent, "intent", string(disclosure.Internal), "internal or official")
	flags.StringVar(&f.confidentiality, "confidentiality", string(disclosure.Confidential), "internal or public")
	flags.StringSliceVarP(&f.by, "by", "b", nil, "the labels of the rows (default service,region for archives)")
	flags.StringVar(&f.asOf, "as-of", "", "the time stamp, and of a ledger the figures as known then (default: $SOURCE_DATE_EPOCH, else now)")
	flags.StringVar(&f.restates, "restates", "", "the disclosure that this one replaces: differences get their causes")
	flags.StringVar(&f.previous, "previous", "", "the disclosure of the time before, to which this one is chained")
	flags.StringVarP(&f.key, "key", "k", "", "the private key to sign with")
	flags.StringVar(&f.schema, "schema", disclosure.Schema, "the shape of the document: "+disclosure.Schema+" or "+foreign.Schema)
	flags.StringSliceVar(&f.formats, "format", []string{formatJSON}, "further forms to write beside the document: html, csv")
	flags.StringVarP(&f.output, "output", "o", "", "the file of the document")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	flags.BoolVar(&f.unpinned, "no-pin", false, "let the ledger forget the facts of the period by its usual rules")
	return cmd
}

// window registers the flags that name a period.
func (f *discloseFlags) window(flags *pflag.FlagSet) {
	flags.StringVar(&f.From, "from", "", "first date of the period, or the instant at which it begins")
	flags.StringVar(&f.To, "to", "", "last date of the period (inclusive), or the instant at which it ends (exclusive)")
	flags.StringVar(&f.Month, "month", "", "a month instead, such as 2026-01")
	flags.StringVar(&f.Quarter, "quarter", "", "a quarter instead, such as 2026-Q1")
}

func (f *discloseFlags) run(ctx context.Context, s *Shell) error {
	if err := f.check(); err != nil {
		return err
	}
	r := disclosure.Request{
		Intent: disclosure.Intent(f.intent), Confidentiality: disclosure.Confidentiality(f.confidentiality),
		By: f.by, Program: disclosure.Program{Name: "dendro", Version: buildinfo.Read().Version},
	}
	var err error
	if r.MadeAt, err = f.madeAt(); err != nil {
		return err
	}
	if err := f.documents(s, &r); err != nil {
		return err
	}
	if f.fromLedger {
		return f.ofLedger(ctx, s, r)
	}
	return f.ofArchives(ctx, s, r)
}

// check refuses what flags cannot express.
func (f *discloseFlags) check() error {
	switch {
	case f.Window == (query.Window{}):
		return exit.Usage("no window given: name one by --from and --to, --month or --quarter")
	case f.fromLedger && len(f.inputs) > 0:
		return exit.Usage("--input and --ledger: one of the two")
	case !f.fromLedger && len(f.inputs) == 0:
		return exit.Usage("no input given: name archives by --input, or give --ledger")
	case f.output == "":
		return exit.Usage("no --output given: name the file of the document")
	case strings.HasSuffix(f.output, statementSuffix) || strings.HasSuffix(f.output, envelopeSuffix):
		return exit.Usage("--output %s: files of this name lie beside a document; name the document", f.output)
	case f.intent != string(disclosure.Internal) && f.intent != string(disclosure.Official):
		return exit.Usage("--intent %s: not one of internal, official", f.intent)
	case f.confidentiality != string(disclosure.Confidential) && f.confidentiality != string(disclosure.Public):
		return exit.Usage("--confidentiality %s: not one of internal, public", f.confidentiality)
	case f.schema != disclosure.Schema && f.schema != foreign.Schema:
		return exit.Usage("--schema %s: not one of %s, %s", f.schema, disclosure.Schema, foreign.Schema)
	case f.schema == foreign.Schema && (f.fromLedger || f.restates != "" || f.previous != "" || f.key != ""):
		return exit.Usage("--schema %s has no place for --ledger, --restates, --previous and --key", foreign.Schema)
	}
	for _, format := range f.formats {
		if !slices.Contains([]string{formatJSON, formatHTML, formatCSV}, format) {
			return exit.Usage("--format %s: not one of json, html, csv", format)
		}
	}
	return nil
}

// madeAt returns the time stamp of the document.
func (f *discloseFlags) madeAt() (time.Time, error) {
	if f.asOf != "" {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
			if t, err := time.Parse(layout, f.asOf); err == nil {
				return t.UTC(), nil
			}
		}
		return time.Time{}, exit.Usage("--as-of: %q is neither a date nor an instant", f.asOf)
	}
	if text := os.Getenv("SOURCE_DATE_EPOCH"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, exit.Usage("SOURCE_DATE_EPOCH: %q is no number of seconds", text)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	return time.Now().UTC(), nil
}

// documents reads the files that a document refers to.
func (f *discloseFlags) documents(s *Shell, r *disclosure.Request) error {
	if f.org != "" {
		text, err := readBounded(f.org)
		if err != nil {
			return err
		}
		if r.Org, err = disclosure.ParseOrg(f.org, text); err != nil {
			return s.Refuse(err)
		}
	}
	if f.restates != "" {
		d, hash, err := readDisclosure(f.restates)
		if err != nil {
			return err
		}
		r.Restates = &disclosure.Old{Document: d, SHA256: hash}
	}
	if f.key != "" {
		var err error
		if f.signer, err = readPrivateKey(f.key); err != nil {
			return err
		}
	}
	if f.previous != "" {
		d, hash, err := readDisclosure(f.previous)
		if err != nil {
			return err
		}
		r.Previous, f.before = &disclosure.Link{ID: d.ID, SHA256: hash}, d
	}
	return nil
}

// readDisclosure reads a document and returns its hash. What is none ends the program with
// status 3.
func readDisclosure(path string) (*disclosure.Document, string, error) {
	text, err := readBounded(path)
	if err != nil {
		return nil, "", err
	}
	d, err := disclosure.Parse(text)
	if err != nil {
		return nil, "", exit.Invalid(fmt.Errorf("%s: %w", path, err))
	}
	return d, disclosure.Hash(text), nil
}

// archiveSlot is the slot of periods of archives: what divides every zone's offset.
const archiveSlot = 15 * time.Minute

// span returns the period in the days of a zone.
func (f *discloseFlags) span(s *Shell, zone *time.Location) (account.Span, error) {
	c, err := account.NewCalendar(archiveSlot, zone)
	if err != nil {
		return account.Span{}, exit.Usage("--time-zone: %v", err)
	}
	span, err := f.Span(c, time.Now())
	return span, s.Asked(err)
}

// finish makes the document of a period, and writes it with what lies beside it. Pin keeps
// what it rests on, by the hash of the document.
func (f *discloseFlags) finish(s *Shell, p *disclosure.Period, r disclosure.Request, pin func(hash string) error) error {
	warn(s, p)
	if f.schema == foreign.Schema {
		return f.report(s, p, r)
	}
	d, err := disclosure.New(p, r)
	if errors.Is(err, disclosure.ErrDocument) {
		return exit.Invalid(err)
	}
	if err != nil {
		return err
	}
	if f.before != nil && !d.Follows(f.before) {
		return exit.Invalid(fmt.Errorf("%s is of %s to %s, and this one begins on %s: a series has neither gaps nor overlaps; "+
			"name by --previous the one that ends when this begins", f.previous, f.before.Period.FirstDate, f.before.Period.LastDate, d.Period.FirstDate))
	}
	if d.Intent == disclosure.Official {
		if broken := disclosure.Violations(d); len(broken) > 0 {
			return refuseBroken(s, broken)
		}
	}
	text, err := d.Text()
	if err != nil {
		return err
	}
	if err := pin(disclosure.Hash(text)); err != nil {
		return err
	}
	if err := f.write(s, d, text); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s\n%s, SHA-256 %s\n", disclosedText(d), f.document(), disclosure.Hash(text))
	return nil
}

// report writes a period in the foreign schema.
func (f *discloseFlags) report(s *Shell, p *disclosure.Period, r disclosure.Request) error {
	text, err := foreign.New(p, r)
	if refused, ok := errors.AsType[*foreign.Refused](err); ok {
		fmt.Fprintf(s.Err, "dendro: the report is refused:\n")
		for _, problem := range refused.Problems {
			fmt.Fprintf(s.Err, "  %s\n", problem)
		}
		return exit.Invalid(nil)
	}
	if err != nil {
		return err
	}
	if err := s.WriteFile(f.output, bytesOf(text)); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s, SHA-256 %s\n", f.output, disclosure.Hash(text))
	return nil
}

// refuseBroken prints the rules that are broken.
func refuseBroken(s *Shell, broken []disclosure.Violation) error {
	fmt.Fprintf(s.Err, "dendro: %d rules of official disclosures are broken:\n", len(broken))
	for _, v := range broken {
		fmt.Fprintf(s.Err, "  %s (%s): %s\n    Try: %s\n", v.Field, v.Rule, v.Text, v.Hint)
	}
	return exit.Invalid(nil)
}

// warn prints what was found about the inputs.
func warn(s *Shell, p *disclosure.Period) {
	for _, q := range p.Quality.Findings {
		where := q.Input
		if where != "" && !strings.HasPrefix(q.Text, where) {
			where += ": "
		} else {
			where = ""
		}
		fmt.Fprintf(s.Err, "warning: %s: %s%s\n", q.Code, where, q.Text)
	}
}

// disclosedText is the document in a line.
func disclosedText(d *disclosure.Document) string {
	return fmt.Sprintf("%s to %s: %s, %s location-based, %d rows",
		d.Period.FirstDate, d.Period.LastDate, d.Totals.Energy, d.Totals.LocationBased, len(d.Rows))
}

// document returns the name of the document's file.
func (f *discloseFlags) document() string {
	switch ext := filepath.Ext(f.output); ext {
	case ".html", ".csv":
		return strings.TrimSuffix(f.output, ext) + ".json"
	}
	return f.output
}

// fileBeside is a file that lies beside a document.
type fileBeside struct {
	suffix string
	render func(io.Writer) error
}

// write writes the files. The document comes last: where it is, all of them are.
func (f *discloseFlags) write(s *Shell, d *disclosure.Document, text []byte) error {
	path := f.document()
	if old, err := os.ReadFile(path); err == nil && !bytes.Equal(old, text) {
		return exit.Hint(fmt.Errorf("%s exists, with another content", path),
			"choose another name; a new version of a disclosure restates the old one: --restates %s", path)
	}
	statement, err := disclosure.Statement(filepath.Base(path), text)
	if err != nil {
		return err
	}
	files := []fileBeside{{statementSuffix, bytesOf(statement)}}
	if f.signer != nil {
		envelope, err := sign.Sign(statement, f.signer)
		if err != nil {
			return err
		}
		files = append(files, fileBeside{envelopeSuffix, bytesOf(envelope)})
	}
	if slices.Contains(f.formats, formatHTML) {
		files = append(files, fileBeside{".html", func(w io.Writer) error { return d.WriteHTML(w, disclosure.Hash(text)) }})
	}
	if slices.Contains(f.formats, formatCSV) {
		files = append(files, fileBeside{".csv", d.WriteCSV})
	}
	for _, file := range files {
		if err := s.WriteFile(besideName(path, file.suffix), file.render); err != nil {
			return err
		}
	}
	return s.WriteFile(path, bytesOf(text))
}

func bytesOf(text []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	}
}

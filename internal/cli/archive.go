package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/app"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/query"
)

func newArchiveCommand(io *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "archive",
		Short: "List, print and verify archives of scored windows",
		Long: `Look at archives of scored windows: a folder that dendro serve writes to (windows in
its data), or files of perf-sentinel, plain or compressed by gzip or zstd. Nothing is
changed, and a server may write meanwhile.`,
	}
	cmd.AddCommand(newArchiveListCommand(io), newArchivePrintCommand(io), newArchiveVerifyCommand(io))
	return cmd
}

// oneArchive wants the path of an archive as the only argument.
func oneArchive(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one archive, a folder or a file; got %d arguments", len(args))
	}
	return nil
}

func newArchiveListCommand(s *streams) *cobra.Command {
	var folder string
	list := func(out io.Writer, path string, v *archive.Verification) error {
		disclosed, err := app.DisclosedFiles(path, folder)
		if err != nil {
			return err
		}
		return listArchive(out, v, disclosed)
	}
	cmd := verifying(s, list, &cobra.Command{
		Use:   "ls DIR",
		Short: "List the files of an archive and what is in them",
		Long: `Read an archive and list its files: how many windows each holds, scored from when to
when, and how its lines stand in the hash chain. Files that were pruned are listed too.
With --disclosures it says which of them disclosures that hold were made from, for all of
their time: dendro serve prunes no others.

Exit status: 0 sound, 1 failed, 2 usage, 3 something is wrong, as dendro archive verify
tells.`,
		Example: "  dendro archive ls /var/lib/dendro/windows\n  dendro archive ls windows/ --disclosures disclosures/",
	})
	cmd.Flags().StringVar(&folder, "disclosures", "", "a folder of disclosures: say which files are disclosed (for text)")
	return cmd
}

func newArchiveVerifyCommand(s *streams) *cobra.Command {
	return verifying(s, tellVerified, &cobra.Command{
		Use:   "verify DIR",
		Short: "Say whether an archive is as it was written",
		Long: `Read an archive and say what is wrong with it: lines that were altered, removed or put
in another order, lines and files that are there twice, and, by the manifest, files that
are gone, altered or unknown, and ends that were cut off.

Lines that are no JSON are counted and no fault by themselves: a crash leaves them. Without
a manifest, as in archives of perf-sentinel, nobody can tell whether files or their
ends are missing; the answer says so.

Exit status: 0 sound, 1 failed, 2 usage, 3 broken.`,
		Example: "  dendro archive verify /var/lib/dendro/windows\n  dendro archive verify --format json archive.ndjson.gz",
	})
}

// verifying completes a command that reads a whole archive and tells what it found,
// to people by tell.
func verifying(s *streams, tell func(io.Writer, string, *archive.Verification) error, cmd *cobra.Command) *cobra.Command {
	var format string
	cmd.Flags().StringVar(&format, "format", formatText, "text or json")
	cmd.Args = oneArchive
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		v, err := verifyArchive(args[0], format)
		if err != nil {
			return err
		}
		if format == formatJSON {
			return soundOr(v, json.NewEncoder(s.out).Encode(v))
		}
		return soundOr(v, tell(s.out, args[0], v))
	}
	return cmd
}

func verifyArchive(path, format string) (*archive.Verification, error) {
	if format != formatText && format != formatJSON {
		return nil, usage("--format %s: not one of text, json", format)
	}
	return archive.Verify(path)
}

// soundOr ends the program with status 3 unless an archive is sound.
func soundOr(v *archive.Verification, err error) error {
	if err == nil && !v.Sound() {
		return invalid(nil)
	}
	return err
}

// listArchive prints the files of an archive, with what is said of them by number.
func listArchive(out io.Writer, v *archive.Verification, disclosed map[uint64]string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	last := "CHAIN"
	if disclosed != nil {
		last = "DISCLOSED\tCHAIN"
	}
	fmt.Fprintln(w, "NUMBER\tFILE\tWINDOWS\tBYTES\tFIRST\tLAST\t"+last)
	for _, f := range v.Files {
		state := fmt.Sprintf("%d verified", f.Verified)
		switch {
		case !f.Pruned.IsZero():
			state = "pruned " + moment(f.Pruned)
		case f.Broken > 0:
			state += fmt.Sprintf(", %d broken", f.Broken)
		}
		if f.Unchained > 0 {
			state += fmt.Sprintf(", %d without", f.Unchained)
		}
		if f.Malformed > 0 {
			state += fmt.Sprintf(", %d no JSON", f.Malformed)
		}
		if disclosed != nil {
			state = cmp.Or(disclosed[f.Number], "-") + "\t" + state
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%s\t%s\t%s\n", f.Number, plainText(f.Name), f.Windows, f.Bytes, moment(f.First), moment(f.Last), state)
	}
	return w.Flush()
}

// moment shows an instant, "-" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// plainText shows a name of a file, which may hold anything.
func plainText(name string) string {
	quoted := fmt.Sprintf("%q", name)
	return quoted[1 : len(quoted)-1]
}

// tellVerified prints what is wrong, and a sum of what was looked at.
func tellVerified(out io.Writer, _ string, v *archive.Verification) error {
	var windows, verified, unchained, malformed int
	for _, f := range v.Files {
		windows, verified = windows+f.Windows, verified+f.Verified
		unchained, malformed = unchained+f.Unchained, malformed+f.Malformed
	}
	for _, f := range v.Findings {
		at := plainText(f.File)
		if f.Line > 0 {
			at = fmt.Sprintf("%s:%d", at, f.Line)
		}
		fmt.Fprintf(out, "%s: %s: %s\n", at, f.Code, f.Text)
	}
	word := "sound"
	if !v.Sound() {
		word = fmt.Sprintf("broken, %d findings", len(v.Findings))
	}
	fmt.Fprintf(out, "%s: %d windows in %d files; %d lines verified, %d without chain, %d no JSON\n",
		word, windows, len(v.Files), verified, unchained, malformed)
	if !v.Manifest {
		fmt.Fprintln(out, "There is no manifest: whether files or their ends are missing cannot be told.")
	}
	return nil
}

func newArchivePrintCommand(s *streams) *cobra.Command {
	var f windowFlags
	cmd := &cobra.Command{
		Use:   "cat DIR",
		Short: "Print the windows of an archive, one a line",
		Long: `Print the lines of an archive in their order, decompressed, as they are: all, or those
of windows that were scored in a time. Lines that hold no window are left out and counted
on standard error.

Exit status: 0 done, 1 failed, 2 usage, 3 lines were left out.`,
		Example: "  dendro archive cat /var/lib/dendro/windows --from 2026-01-01 --to 2026-01-31 | jq .report.green_summary.energy_kwh",
		Args:    oneArchive,
		RunE: func(cmd *cobra.Command, args []string) error {
			span, err := f.optional(time.Now())
			if err != nil {
				return err
			}
			return printArchive(cmd.Context(), s, args[0], span)
		},
	}
	f.register(cmd)
	return cmd
}

// optional returns the span that flags ask for in UTC, or the empty one.
func (f *windowFlags) optional(now time.Time) (account.Span, error) {
	if f.Window == (query.Window{}) {
		return account.Span{}, nil
	}
	calendar, err := account.NewCalendar(time.Second, time.UTC)
	if err != nil {
		return account.Span{}, err
	}
	span, err := f.Span(calendar, now)
	return span, asked(err)
}

// printArchive prints the lines of a span, all for an empty one.
func printArchive(ctx context.Context, s *streams, path string, span account.Span) error {
	out := bufio.NewWriter(s.out)
	left := 0
	take := func(l *archive.Line) error {
		switch {
		case l.Fault != nil:
			left++
			fmt.Fprintf(s.err, "%s: %v\n", plainText(l.File), l.Fault)
		case span.IsEmpty() || span.Contains(l.Time):
			out.Write(l.Text)
			return out.WriteByte('\n')
		}
		return nil
	}
	if err := eachArchiveLine(ctx, path, take); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if left > 0 {
		return invalid(nil)
	}
	return nil
}

// eachArchiveLine reads a folder or a file.
func eachArchiveLine(ctx context.Context, path string, take func(*archive.Line) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return archive.ReadFile(filepath.Clean(path), 1, take)
	}
	for l, err := range archive.Lines(ctx, path, account.Mark{}, account.Span{}) {
		if err != nil {
			return err
		}
		if err := take(l); err != nil {
			return err
		}
	}
	return nil
}

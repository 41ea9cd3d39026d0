package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/term"
	"github.com/dendro-carbon/dendro/internal/window"
)

// scoreFlags are the flags of dendro score.
type scoreFlags struct {
	ledgerFlags
	inputs []string
	output string
	format string
}

// notValid is why spans that cannot be read are missing from a window.
const notValid = "not_valid"

func newScoreCommand(io *streams) *cobra.Command {
	f := &scoreFlags{}
	cmd := &cobra.Command{
		Use:   "score --input F ...",
		Short: "Work out energy and carbon of services from files of spans",
		Long: `Read files of spans, and write their energy and carbon by service and region: one
report, of the shape of a window in an archive. A file is OTLP in JSON (a request,
or one a line as the OpenTelemetry Collector's file exporter writes them) or native
events; which, and whether it is compressed by gzip, is seen from its content.

Regions, intensities and factors come from services: in the configuration. All files
are one window; a trace that stands in several of them is one trace.

Spans that are not valid are left out, counted in the report, and named on standard
error.

Exit status: 0 done, 1 failed, 2 usage, 3 input or configuration not valid.`,
		Example: `  dendro score --input traces.json --format table
  dendro score traces-1.jsonl.gz traces-2.jsonl.gz --config services.yaml --output report.json`,
		RunE: func(_ *cobra.Command, args []string) error { return f.run(io, args) },
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.inputs, "input", "i", nil, "a file of spans, - for standard input; repeatable, and the same as an argument")
	flags.StringVarP(&f.config, "config", "c", "", "the configuration file (default: $DENDRO_CONFIG, else none)")
	flags.StringVarP(&f.output, "output", "o", "", "write the report to this file")
	flags.StringVar(&f.format, "format", formatJSON, "json or table")
	return cmd
}

func (f *scoreFlags) run(s *streams, args []string) error {
	if f.format != formatJSON && f.format != formatTable {
		return usage("--format %s: not one of json, table", f.format)
	}
	inputs := slices.Concat(f.inputs, args)
	if len(inputs) == 0 {
		if s.isTerminal() {
			return usage("no input given: name files of spans, or pipe them in")
		}
		inputs = []string{"-"}
	}
	scorer, err := f.scorer(s)
	if err != nil {
		return err
	}
	var rejected uint64
	valid := true
	for _, input := range inputs {
		summary, err := s.scoreInput(input, scorer)
		rejected += uint64(summary.Rejected)
		for _, p := range summary.Problems {
			fmt.Fprintf(s.err, "%v\n", p)
		}
		if summary.MoreProblems > 0 {
			fmt.Fprintf(s.err, "%s: %d more problems\n", input, summary.MoreProblems)
		}
		valid = valid && len(summary.Problems) == 0
		if err != nil {
			return err
		}
		if summary.Spans+summary.Rejected == 0 && len(summary.Problems) == 0 {
			fmt.Fprintf(s.err, "warning: %s: no spans\n", input)
		}
	}
	w := scorer.Close(window.Conditions{Drops: []window.Drop{{Reason: notValid, Spans: rejected}}})
	if err := f.write(s, &w); err != nil {
		return err
	}
	if !valid {
		return invalid(nil)
	}
	return nil
}

// scorer returns a scorer with the settings of the configuration.
func (f *scoreFlags) scorer(s *streams) (*window.Scorer, error) {
	l, err := f.load(s, nil)
	if err != nil {
		return nil, err
	}
	c, err := l.Scoring()
	if err != nil {
		return nil, invalid(err)
	}
	c.Slot = time.Hour // as fine as profiles are: a file may tell of months, and a window bounds its cells
	scorer, err := window.New(c)
	if err != nil {
		return nil, invalid(err)
	}
	return scorer, nil
}

// scoreInput scores the spans of a file, or of standard input.
func (s *streams) scoreInput(path string, scorer *window.Scorer) (spanfile.Summary, error) {
	in, name := s.in, "standard input"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return spanfile.Summary{}, err
		}
		defer file.Close()
		in, name = file, path
	}
	return spanfile.ReadAhead(name, in, spanfile.Limits{}, func(spans []window.Span) {
		for i := range spans {
			scorer.Add(&spans[i])
		}
	})
}

// write writes the report to where it goes.
func (f *scoreFlags) write(s *streams, w *window.Window) error {
	d := destination{path: f.output, format: f.format}
	return d.write(s, func(out io.Writer) error {
		if f.format == formatTable {
			return term.Services(out, w)
		}
		return writeReport(out, w)
	})
}

// writeReport writes a report as indented JSON. Its numbers are written as in archives.
func writeReport(out io.Writer, w *window.Window) error {
	text, err := w.AppendJSON(nil)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return err
	}
	b := bufio.NewWriter(out)
	b.Write(indented.Bytes())
	b.WriteByte('\n')
	return b.Flush()
}

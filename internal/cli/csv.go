package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/pivot"
)

// csvFlags are the flags of dendro csv.
type csvFlags struct {
	manifest string
	metrics  []string
	output   string
	compat   string
}

func newCSVCommand(io *streams) *cobra.Command {
	f := &csvFlags{}
	cmd := &cobra.Command{
		Use:   "csv [-m] MANIFEST",
		Short: "Write the outputs of a computed manifest as a table for spreadsheets",
		Long: `Write the outputs in a manifest as CSV: a row for each component and metric, a
column for each timestamp, and the column Aggregated with the values over time.

  Path,Aggregated,2024-01-01T00:00:00.000Z,2024-01-01T00:01:00.000Z
  tree.carbon,3,1,2
  tree.children.web.carbon,2.5,1,1.5

Values stand in the column of their time; an empty cell is a time that the
component does not have, or null. The manifest must hold its outputs: run it
first, or pipe the result in. (dendro run -o result.csv writes another table: a
row for each observation.)

Exit status: 0 done, 1 failed, 2 usage, 3 no outputs, or no such metric.`,
		Example: `  dendro csv -m result.yaml -o result.csv
  dendro csv -m result.yaml -p carbon -p energy
  dendro run -m manifest.yml | dendro csv -p carbon`,
		Args: args.AtMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.take(io, args); err != nil {
				return err
			}
			return f.run(io)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.manifest, "manifest", "m", "", "the manifest with outputs; - or none for standard input")
	flags.StringArrayVarP(&f.metrics, "metric", "p", nil, "write this metric only; repeatable (also --params)")
	flags.StringVarP(&f.output, "output", "o", "", "write the table to this file")
	flags.StringVar(&f.compat, "compat", "", "if-1.1: lay out as Impact Framework 1.1.0's if-csv does, one metric, values side by side")
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "params" { // if-csv's name
			name = "metric"
		}
		return pflag.NormalizedName(name)
	})
	return cmd
}

func (f *csvFlags) take(io *streams, args []string) error {
	if len(args) == 1 {
		if f.manifest != "" && f.manifest != args[0] {
			return usage("two manifests: %q by -m and %q as the argument", f.manifest, args[0])
		}
		f.manifest = args[0]
	}
	if f.manifest == "" {
		if io.isTerminal() {
			return usage("no manifest given: name one, or pipe it in")
		}
		f.manifest = "-"
	}
	return nil
}

func (f *csvFlags) run(s *streams) error {
	opts, err := compatOptions(f.compat)
	if err != nil {
		return err
	}
	if opts != (compat.Options{}) && len(f.metrics) != 1 {
		return usage("--compat if-1.1 writes one metric: name it by -p")
	}
	doc, err := s.readDocument(f.manifest, opts)
	if err != nil {
		return s.refuse(err, statusInvalid)
	}
	if err := f.available(doc); err != nil {
		return invalid(err)
	}
	render := func(w io.Writer) error { return pivot.Write(w, doc.Tree, f.metrics...) }
	output := f.output
	if opts != (compat.Options{}) {
		render = func(w io.Writer) error {
			return pivot.WriteIF11(w, doc.Tree, f.metrics[0], doc.Aggregation != nil)
		}
		if output != "" {
			output += ".csv"
		}
	}
	if output == "" {
		return render(s.out)
	}
	return writeFile(output, render)
}

// available returns an error if the manifest has no outputs, or none of a metric
// that is asked for; if-csv writes empty rows then.
func (f *csvFlags) available(doc *document) error {
	all := pivot.Metrics(doc.Tree)
	if len(all) == 0 {
		return hint(fmt.Errorf("%s: there are no outputs in this manifest", doc.name),
			"run it first: dendro run -m %s | dendro csv", doc.name)
	}
	for _, name := range f.metrics {
		if f.compat != "" || slices.Contains(all, name) || name == "duration" || name == "timestamp" {
			continue
		}
		return hint(fmt.Errorf("%s: no component has the metric %q", doc.name, name), "%s", didYouMean(name, all))
	}
	return nil
}

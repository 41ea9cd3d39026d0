package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/cli/args"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/term"
)

// runFlags are the flags of dendro run.
type runFlags struct {
	engineFlags
	output         string
	noOutput       bool
	format         string
	onlyAggregated bool
	failIf         []string
	quiet          bool
	debug          bool
}

// engineFlags are the flags that decide what a run computes; every command that
// runs a manifest has them.
type engineFlags struct {
	manifest   string
	compat     string
	phases     manifest.Phases
	appendTo   bool
	allowShell bool
	offline    bool
	timeout    time.Duration
	maxBytes   int64
	workers    int
}

func newRunCommand(io *streams) *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run [-m] MANIFEST",
		Short: "Run a manifest: compute its components, aggregate the tree, write it all",
		Long: `Run an Impact Framework manifest (YAML or JSON) and write it with its outputs.

MANIFEST - reads standard input. Without -o the result goes to standard output,
as YAML between the lines "# start" and "# end". With -o the extension chooses
the format: .yaml, .yml, .json or .csv.

Numbers are right by default. --compat if-1.1 gives Impact Framework 1.1.0's
numbers to the last digit, also where they are wrong; each place where the two
differ is reported as a notice.`,
		Example: `  dendro run -m manifest.yml
  dendro run -m manifest.yml -o result.yaml
  dendro run -m manifest.yml --format tree
  dendro run -m manifest.yml --no-output --fail-if 'carbon > 120'
  cat manifest.yml | dendro run - --compat if-1.1`,
		Args: args.AtMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.take(args); err != nil {
				return err
			}
			r := &runner{io: io, f: f, command: commandLine(cmd, args)}
			return r.run(cmd.Context())
		},
	}
	f.engineFlags.register(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.output, "output", "o", "", "write the result to this file")
	flags.BoolVarP(&f.noOutput, "no-output", "n", false, "do not write the result to standard output")
	flags.StringVar(&f.format, "format", "", "yaml, json, csv or tree (default: by the extension of -o, else yaml)")
	flags.BoolVar(&f.onlyAggregated, "only-aggregated", false, "write only the aggregated tree, without observations")
	flags.StringArrayVar(&f.failIf, "fail-if", nil, "end with status 3 if this holds for the root's aggregated values, such as 'carbon > 120'; repeatable")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no notices, warnings or progress")
	flags.BoolVarP(&f.debug, "debug", "d", false, "say on standard error what is done and how long it takes")
	return cmd
}

func (f *engineFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.manifest, "manifest", "m", "", "the manifest, a YAML or JSON file; - for standard input")
	flags.StringVar(&f.compat, "compat", "", "if-1.1: reproduce Impact Framework 1.1.0's results")
	flags.BoolVar(&f.phases.Observe, "observe", false, "run the observe phase only (phases can be combined)")
	flags.BoolVar(&f.phases.Regroup, "regroup", false, "run the regroup phase only")
	flags.BoolVar(&f.phases.Compute, "compute", false, "run the compute phase only")
	flags.BoolVarP(&f.appendTo, "append", "a", false, "keep existing outputs and append to them")
	flags.BoolVar(&f.allowShell, "allow-shell", false, "permit the shell plugin to run programs")
	flags.BoolVar(&f.offline, "offline", false, "fetch nothing from the network")
	flags.DurationVar(&f.timeout, "timeout", files.DefaultTimeout, "time limit of one download")
	flags.Int64Var(&f.maxBytes, "max-download", files.DefaultMaxBytes, "size limit of one download, in bytes")
	flags.IntVar(&f.workers, "workers", 0, "components worked on at once (default: one per processor)")
}

// take completes the flags by the arguments.
func (f *engineFlags) take(args []string) error {
	if len(args) == 1 {
		if f.manifest != "" && f.manifest != args[0] {
			return usage("two manifests: %q by -m and %q as the argument", f.manifest, args[0])
		}
		f.manifest = args[0]
	}
	if f.manifest == "" {
		return usage("no manifest given")
	}
	return f.check()
}

// check refuses values that mean nothing.
func (f *engineFlags) check() error {
	switch {
	case f.workers < 0:
		return usage("--workers %d: it is a number from 1 up, or 0 for one per processor", f.workers)
	case f.timeout <= 0:
		return usage("--timeout %v: it is longer than 0, such as 30s; to download nothing, use --offline", f.timeout)
	case f.maxBytes <= 0:
		return usage("--max-download %d: it is a number of bytes from 1 up; to download nothing, use --offline", f.maxBytes)
	}
	_, err := f.options()
	return err
}

// options returns the behaviours of Impact Framework to reproduce.
func (f *engineFlags) options() (compat.Options, error) {
	switch f.compat {
	case "":
		return compat.Options{}, nil
	case "if-1.1", "if-1.1.0":
		return compat.IF11(), nil
	}
	return compat.Options{}, usage("--compat %s: not known; the one that is known is if-1.1", f.compat)
}

// engine returns how to run the manifest.
func (f *engineFlags) engine() manifest.Options {
	return manifest.Options{
		Phases:     f.phases,
		Append:     f.appendTo,
		AllowShell: f.allowShell,
		Workers:    f.workers,
		Files:      files.New(files.Options{Offline: f.offline, Timeout: f.timeout, MaxBytes: f.maxBytes}),
	}
}

// gcPercent is how much garbage may come up, in parts of what is in use, before
// it is collected. What is in use is mostly columns of numbers, which cost
// nothing to mark, so that collecting more often than usual is not noticed but
// in the memory: measured, 100 components of 1,440 rows take no longer.
const gcPercent = 40

// runner is one dendro run.
type runner struct {
	io      *streams
	f       *runFlags
	command string
	out     destination
	start   time.Time
}

func (r *runner) run(ctx context.Context) error {
	r.start = startTime()
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	}
	opts, _ := r.f.options() // checked by take
	conditions, err := parseConditions(r.f.failIf)
	if err != nil {
		return usage("%v", err)
	}
	if r.out, err = r.f.destination(opts); err != nil {
		return err
	}
	m, err := r.read(opts)
	if m == nil {
		return r.problems(err)
	}
	if err != nil {
		r.tell(&manifest.Result{Warnings: m.Warnings()})
		return r.fail(ctx, m, err)
	}
	result, err := r.compute(ctx, m)
	r.tell(result)
	if err != nil {
		return r.fail(ctx, m, err)
	}
	if err := r.write(m.Success(result, r.execution()), m.Metrics()); err != nil {
		return err
	}
	return r.judge(conditions, result)
}

// read reads the manifest. It returns nil with an error when there is none.
func (r *runner) read(opts compat.Options) (*manifest.Manifest, error) {
	begin := time.Now()
	data, name, err := r.io.readFile(r.f.manifest)
	if err != nil {
		return nil, err
	}
	m, err := manifest.Read(name, data, opts)
	r.debugf("read %s: %d bytes in %v", name, len(data), time.Since(begin))
	return m, err
}

func (r *runner) compute(ctx context.Context, m *manifest.Manifest) (*manifest.Result, error) {
	begin := time.Now()
	o := r.f.engine()
	o.OnlyAggregated = r.f.onlyAggregated || r.out.format == formatTree && m.Aggregation == nil
	bar := term.NewProgress(r.io.err, "components", !r.f.quiet)
	o.Progress = bar.Set
	result, err := m.Run(ctx, o)
	bar.Done()
	if result != nil {
		r.debugf("computed %d rows in %v", result.Rows, time.Since(begin))
	}
	return result, err
}

// tell prints warnings and notices.
func (r *runner) tell(result *manifest.Result) {
	if r.f.quiet || result == nil {
		return
	}
	for _, w := range result.Warnings {
		fmt.Fprintf(r.io.err, "warning: %s\n", w)
	}
	printNotices(r.io.err, result.Notices)
}

// printNotices prints each difference from Impact Framework once, in one line
// with the places where it holds, and then where to read more.
func printNotices(w io.Writer, notices []manifest.Notice) {
	var names []string
	places := make(map[string][]manifest.Notice)
	for _, n := range notices {
		name := n.Difference.Name
		if places[name] == nil {
			names = append(names, name)
		}
		places[name] = append(places[name], n)
	}
	for _, name := range names {
		fmt.Fprintf(w, "notice: %s: %s%s\n", name, places[name][0].Difference.Dendro, whereAll(places[name]))
	}
	if len(names) > 0 {
		fmt.Fprintln(w, "notice: Impact Framework 1.1.0 differs in this; see docs/COMPATIBILITY.md, or dendro check --against if-1.1 for the values")
	}
}

// mostPlaces is how many places of one difference are told.
const mostPlaces = 4

// whereAll says in one line where a difference holds.
func whereAll(notices []manifest.Notice) string {
	var places []string
	for _, n := range notices {
		if where := n.Where(); where != "" {
			places = append(places, where)
		}
	}
	text := ""
	if more := len(places) - mostPlaces; more > 0 {
		text = fmt.Sprintf("; and %d more", more)
		places = places[:mostPlaces]
	}
	if len(places) == 0 {
		return ""
	}
	return " [" + strings.Join(places, "; ") + text + "]"
}

// fail writes the manifest with what went wrong, prints the problems and
// returns the status.
func (r *runner) fail(ctx context.Context, m *manifest.Manifest, problems error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if r.out.format != formatTree && r.out.format != formatCSV {
		if err := r.write(m.Failure(problems, r.execution()), nil); err != nil {
			return err
		}
	}
	return r.problems(problems)
}

// problems prints a list of problems and returns the status that it means.
func (r *runner) problems(err error) error {
	var list diag.List
	if !errors.As(err, &list) {
		return err
	}
	term.Problems(r.io.err, list)
	for _, p := range list {
		if !isFailure(p) {
			return invalid(nil)
		}
	}
	return withStatus(statusFailed, nil)
}

// isFailure reports whether a problem is one of the world outside, not of the
// manifest or its data.
func isFailure(p *diag.Problem) bool {
	switch p.Class {
	case "FetchingFileError", "WriteFileError", "ProcessExecutionError":
		return true
	}
	return p.Outside
}

// judge applies the conditions of --fail-if.
func (r *runner) judge(conditions []condition, result *manifest.Result) error {
	failed := false
	for _, c := range conditions {
		met, err := c.met(result.Tree.Aggregated)
		if err != nil {
			return invalid(err)
		}
		if met {
			failed = true
			fmt.Fprintf(r.io.err, "dendro: --fail-if %s is met: %s is %s\n", c.text, c.metric, c.value(result.Tree.Aggregated))
		}
	}
	if failed {
		return invalid(nil)
	}
	return nil
}

func (r *runner) write(doc *emit.Document, metrics *metric.Registry) error {
	begin := time.Now()
	if r.f.noOutput && r.f.output == "" {
		return nil
	}
	o := emit.Options{OnlyAggregated: r.f.onlyAggregated, Workers: r.f.workersOrAll()}
	if r.out.path == "" {
		screen := term.ScreenOf(r.io.out) // the counter below hides what it is
		r.out.screen = &screen
	}
	counted := &counter{}
	err := r.out.write(r.io, func(w io.Writer) error {
		counted.w = w
		return r.out.emit(counted, doc, o, metrics)
	})
	r.debugf("wrote %d bytes in %v", counted.n, time.Since(begin))
	return err
}

func (r *runner) debugf(format string, args ...any) {
	if r.f.debug {
		fmt.Fprintf(r.io.err, "debug: "+format+"\n", args...)
	}
}

// counter counts the bytes that pass.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

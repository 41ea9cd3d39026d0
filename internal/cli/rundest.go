package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/metric"
	"github.com/dendro-carbon/dendro/internal/term"
	"github.com/dendro-carbon/dendro/internal/value"
)

// The formats of a result.
const (
	formatYAML = "yaml"
	formatJSON = "json"
	formatCSV  = "csv"
	formatTree = "tree"
)

// destination is where a result goes and in which format.
type destination struct {
	path   string // "" is standard output
	format string
	screen *term.Screen // of standard output, for the tree
}

// destination works out where the result goes.
func (f *runFlags) destination(opts compat.Options) (destination, error) {
	d := destination{path: f.output, format: f.format}
	if opts.OutputPathCut && d.path != "" {
		d.path = cutPath(d.path)
	}
	if d.format == "" {
		d.format = formatOf(d.path)
	}
	if !slices.Contains([]string{formatYAML, formatJSON, formatCSV, formatTree}, d.format) {
		return d, usage("--format %s: not one of yaml, json, csv, tree", d.format)
	}
	return d, nil
}

func formatOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".json":
		return formatJSON
	case ".csv":
		return formatCSV
	}
	return formatYAML
}

// cutPath is what Impact Framework makes of -o: the absolute path cut at its
// last dot, wherever that is, with .yaml appended.
func cutPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		path = path[:i]
	}
	return path + ".yaml"
}

// write calls render with where the result goes. A file appears under its name
// only when it is complete.
func (d destination) write(s *streams, render func(io.Writer) error) error {
	if d.path != "" {
		return writeFile(d.path, render)
	}
	if d.format != formatYAML {
		return render(s.out)
	}
	w := bufio.NewWriterSize(s.out, 4096) // larger writes pass through
	fmt.Fprintln(w, "# start")
	if err := render(w); err != nil {
		return err
	}
	fmt.Fprintln(w, "\n# end")
	return w.Flush()
}

// writeFile writes a file by way of a temporary one beside it. A file that
// exists keeps its permissions, and a link stays one.
func writeFile(path string, render func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return unwritable(path, err)
	}
	old, err := os.Stat(path)
	if err == nil && !old.Mode().IsRegular() {
		return writeInto(path, render)
	}
	target := path
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		target = resolved
	}
	tmp, err := createBeside(target)
	if err != nil {
		return unwritable(path, err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	if err := render(tmp); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if old != nil {
		if err := tmp.Chmod(old.Mode().Perm()); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(tmp.Name(), target); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// unwritable is the error of an output that cannot be made. It is about the
// output, not about the file that is to become it.
func unwritable(path string, err error) error {
	var of *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &of):
		err = of.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return hint(fmt.Errorf("write %s: %w", path, err),
		"give a file in a folder that this user may write to, not %s", filepath.Dir(path))
}

// createBeside creates a hidden file in the folder of path, with the permissions
// that the user gives new files; those of os.CreateTemp are for nobody else.
func createBeside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for {
		name := fmt.Sprintf("%s.%s.%08x", dir, base, rand.Uint32())
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// writeInto writes to what exists and is not a file, such as /dev/null.
func writeInto(path string, render func(io.Writer) error) error {
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := render(out); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return out.Close()
}

func (d destination) emit(w io.Writer, doc *emit.Document, o emit.Options, metrics *metric.Registry) error {
	switch d.format {
	case formatJSON:
		return emit.JSON(w, doc, o)
	case formatCSV:
		return emit.CSV(w, doc, o)
	case formatTree:
		return term.Tree(w, doc, shown(metrics, d.screen))
	}
	return emit.YAML(w, doc, o)
}

// shown says what a tree on the screen needs to know of the metrics.
func shown(metrics *metric.Registry, screen *term.Screen) term.TreeOptions {
	return term.TreeOptions{
		Screen: screen,
		Unit: func(name string) string {
			info, _ := metrics.Lookup(name)
			return info.Unit
		},
		Summed: func(name string) bool {
			info, _ := metrics.Lookup(name)
			return info.Component == metric.Sum
		},
	}
}

func (f *engineFlags) workersOrAll() int {
	if f.workers > 0 {
		return f.workers
	}
	return runtime.GOMAXPROCS(0)
}

// execution describes this run.
func (r *runner) execution() manifest.Execution {
	name, version := osRelease()
	return manifest.Execution{Command: r.command, Version: buildinfo.Read().Version, OS: name, OSVersion: version, Start: r.start}
}

// startTime is now, or the time that SOURCE_DATE_EPOCH gives so that outputs
// can be reproduced to the byte.
func startTime() time.Time {
	if s, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		return time.Unix(s, 0)
	}
	return time.Now()
}

// osRelease returns the name and version of the operating system.
func osRelease() (name, version string) {
	name, version = runtime.GOOS, runtime.GOARCH
	data, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return name, version
	}
	for line := range strings.Lines(string(data)) {
		key, text, _ := strings.Cut(strings.TrimSpace(line), "=")
		text = strings.Trim(text, `"`)
		switch key {
		case "NAME":
			name = text
		case "VERSION":
			version = text
		}
	}
	return name, version
}

// commandLine is the command as it was typed, flags with a value included.
func commandLine(cmd *cobra.Command, args []string) string {
	return strings.Join(append([]string{cmd.CommandPath()}, append(changedFlags(cmd), args...)...), " ")
}

// readFile reads a file or, for -, standard input. The name is how messages
// call it.
func (s *streams) readFile(path string) (data []byte, name string, err error) {
	if path == "-" {
		data, err = io.ReadAll(s.in)
		return data, "standard input", err
	}
	if data, err = os.ReadFile(path); err != nil {
		return nil, path, hint(err, "%s", readingHint(err))
	}
	return data, path, nil
}

// readingHint says what to do about a file that cannot be read.
func readingHint(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		dir, _ := os.Getwd()
		return "correct the path; it starts from " + dir
	case errors.Is(err, fs.ErrPermission):
		return "allow this user to read the file"
	case errors.Is(err, syscall.EISDIR):
		return "name a file in this folder"
	}
	return ""
}

// value returns the value that a condition is about, as text.
func (c condition) value(aggregated *value.Map) string { return aggregated.Get(c.metric).String() }

package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/merge"
	"github.com/dendro-carbon/dendro/internal/value"
)

// mergeFlags are the flags of dendro merge.
type mergeFlags struct {
	manifests         []string
	output            string
	name, description string
	compat            string
	quiet             bool
}

func newMergeCommand(io *streams) *cobra.Command {
	f := &mergeFlags{}
	cmd := &cobra.Command{
		Use:   "merge A B ... | FOLDER",
		Short: "Make one manifest of several, with the same figures for each component",
		Long: `Merge manifests, or all .yml and .yaml files in a folder and below it, into one.
Each component is called by its name, its manifest's folder and its file:
web of eu/paris.yml is web-eu-paris.

A component computes the same figures as before. What it inherits from its root
(pipeline, defaults) is written into it. Plugins that have one name and different
definitions are told apart by new names. Aggregation is kept if all manifests
ask for the same. If two manifests give one metric different aggregation
methods, the merge is refused, because a manifest has one method for each metric.

What could not be kept is said on standard error.

Exit status: 0 done, 1 failed, 2 usage, 3 not valid, or cannot be merged.`,
		Example: `  dendro merge eu/paris.yml asia/tokyo.yml -o world.yml
  dendro merge manifests/ -n world -d 'all sites'`,
		RunE: func(_ *cobra.Command, args []string) error { return f.run(io, args) },
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.manifests, "manifests", "m", nil, "a manifest, or a folder; repeatable, and the same as an argument")
	flags.StringVarP(&f.output, "output", "o", "", "write the merged manifest to this file, or into this folder")
	flags.StringVarP(&f.name, "name", "n", "", "name of the merged manifest")
	flags.StringVarP(&f.description, "description", "d", "", "description of the merged manifest")
	flags.StringVar(&f.compat, "compat", "", "if-1.1: merge as Impact Framework 1.1.0's if-merge does; roots are lost")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "do not say what could not be kept")
	return cmd
}

func (f *mergeFlags) run(io *streams, args []string) error {
	opts, err := compatOptions(f.compat)
	if err != nil {
		return err
	}
	out := f.destination(opts)
	paths, err := mergePaths(slices.Concat(f.manifests, args), out.path)
	if err != nil {
		return err
	}
	docs, err := io.readDocuments(paths, opts)
	if err != nil {
		return io.refuse(err, statusInvalid)
	}
	var parts []merge.Part
	for i, doc := range docs {
		part := merge.Part{Manifest: doc.Manifest}
		if part.Label, err = label(paths[i]); err != nil {
			return err
		}
		doc.settle()
		parts = append(parts, part)
	}
	result, err := merge.Merge(parts, f.options(opts))
	if err != nil {
		return io.refuse(err, statusInvalid)
	}
	if err := f.write(io, out, result); err != nil {
		return err
	}
	for _, note := range result.Notes {
		if !f.quiet {
			fmt.Fprintf(io.err, "notice: %s\n", note)
		}
	}
	return nil
}

// options returns how to merge; without flags the result is called as by
// if-merge, or merged.
func (f *mergeFlags) options(opts compat.Options) merge.Options {
	o := merge.Options{Name: f.name, Description: f.description, IF11: opts != (compat.Options{})}
	if o.Name == "" {
		o.Name = "merged"
		if o.IF11 {
			o.Name = "if-merge"
		}
	}
	if o.Description == "" {
		o.Description = "merged manifest"
	}
	return o
}

const mergedFile = "merged-manifest"

// destination returns where the result goes: a folder gets a file of a fixed
// name.
func (f *mergeFlags) destination(opts compat.Options) destination {
	path := f.output
	if path != "" && (strings.HasSuffix(path, "/") || isDir(path) && !opts.OutputPathCut) {
		path = filepath.Join(path, mergedFile+".yaml")
	}
	if path != "" && opts.OutputPathCut {
		path = cutPath(path)
	}
	return destination{path: path, format: formatOf(path)}
}

func (f *mergeFlags) write(s *streams, out destination, result *merge.Result) error {
	o := emit.Options{Workers: (&engineFlags{}).workersOrAll()}
	return out.write(s, func(w io.Writer) error {
		if out.format == formatJSON {
			return emit.JSON(w, result.Document, o)
		}
		return emit.YAML(w, result.Document, o)
	})
}

// mergePaths returns the files to merge. An earlier result that lies in the
// folder is none of them.
func mergePaths(paths []string, result string) ([]string, error) {
	switch {
	case len(paths) == 0:
		return nil, usage("no manifests given")
	case len(paths) == 1 && isDir(paths[0]):
		all, err := manifestsBelow(paths[0])
		return slices.DeleteFunc(all, func(path string) bool { return sameFile(path, result) }), err
	case len(paths) == 1:
		if _, err := os.Stat(paths[0]); err != nil {
			return nil, err
		}
		return nil, usage("one manifest given: name another one, or a folder of manifests")
	case slices.Contains(paths, "-"):
		return nil, usage("standard input cannot be merged: it has no name to call its components by")
	}
	return paths, nil
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// label is what the components of a file are called by: its folder and its name.
func label(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	base := filepath.Base(abs)
	return filepath.Base(filepath.Dir(abs)) + "-" + strings.TrimSuffix(base, filepath.Ext(base)), nil
}

// settle replaces the handles of lists outside the observations by the lists, so
// that the manifest needs its document no more.
func (d *document) settle() {
	d.Head = d.doc.Plain(value.OfMap(d.Head)).Map()
	d.Raw = d.doc.Plain(value.OfMap(d.Raw)).Map()
	for n := range d.Tree.Walk() {
		for i := range n.Attrs.Len() {
			if key := n.Attrs.Key(i); key != "inputs" && key != "outputs" && key != "children" {
				n.Attrs.Set(key, d.doc.Plain(n.Attrs.At(i)))
			}
		}
	}
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/diff"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/term"
)

// document is a manifest that has been read, to be compared, laid out or merged
// as it is.
type document struct {
	name string
	*manifest.Manifest
	doc *yaml.Doc
}

// side returns the document as a side of a comparison.
func (d *document) side() diff.Side {
	s := diff.Side{Head: d.Head, Tree: d.Tree}
	for _, bulk := range d.doc.Bulk {
		s.Bulk = append(s.Bulk, bulk.Frame)
	}
	return s
}

// readDocument reads a manifest from a file or, for -, from standard input,
// where it may stand between the lines "# start" and "# end". The error is a
// diag.List if it is not a manifest.
func (s *streams) readDocument(path string, opts compat.Options) (*document, error) {
	data, name, err := s.readFile(path)
	if err != nil {
		return nil, err
	}
	if path == "-" {
		if data = between(data); len(bytes.TrimSpace(data)) == 0 {
			return nil, errors.New("standard input is empty: a manifest was expected there")
		}
	}
	doc, err := yaml.Read(name, data, yaml.Options{IntegerKeysFirst: opts.IntegerKeysFirst})
	if err != nil {
		return nil, err
	}
	m, err := manifest.FromDocument(name, doc, opts)
	if err != nil {
		return nil, err
	}
	return &document{name: name, Manifest: m, doc: doc}, nil
}

// between returns what stands between the lines "# start" and "# end" that
// if-run and dendro run print around a result, all of the text if there are no
// such lines.
func between(data []byte) []byte {
	_, after, ok := bytes.Cut(append([]byte("\n"), data...), []byte("\n# start\n"))
	if !ok {
		return data
	}
	inside, _, ok := bytes.Cut(after, []byte("\n# end"))
	if !ok {
		return data
	}
	return append(slices.Clip(inside), '\n')
}

// readDocuments reads several manifests at the same time. The error joins what
// is wrong with any of them.
func (s *streams) readDocuments(paths []string, opts compat.Options) ([]*document, error) {
	docs, errs := make([]*document, len(paths)), make([]error, len(paths))
	var wg sync.WaitGroup
	turn := make(chan struct{}, 2) // more would only cost memory: each is bound by one core
	for i, path := range paths {
		turn <- struct{}{}
		wg.Go(func() {
			docs[i], errs[i] = s.readDocument(path, opts)
			<-turn
		})
	}
	wg.Wait()
	return docs, gather(errs)
}

// gather joins errors into one: a diag.List if all are problems of documents.
func gather(errs []error) error {
	var list diag.List
	for _, err := range errs {
		var problems diag.List
		switch {
		case errors.As(err, &problems):
			list = append(list, problems...)
		case err != nil:
			return err
		}
	}
	return list.Err()
}

// refuse prints the problems of documents and ends with the status; an error of
// another kind is returned as it is.
func (s *streams) refuse(err error, status int) error {
	var list diag.List
	if !errors.As(err, &list) {
		return err
	}
	term.Problems(s.err, list)
	return withStatus(status, nil)
}

// isTerminal reports whether standard input is a terminal, or another device on
// which nobody can have prepared a document.
func (s *streams) isTerminal() bool {
	f, ok := s.in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// manifestsBelow returns the YAML files in a folder and the folders below it, in
// the order of their paths.
func manifestsBelow(dir string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && !entry.IsDir() && (ext == ".yml" || ext == ".yaml") {
			paths = append(paths, path)
		}
		return err
	})
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s: there is no .yml or .yaml file in this folder", dir)
	}
	return paths, err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// compatOptions reads the value of a flag --compat.
func compatOptions(flag string) (compat.Options, error) {
	return (&engineFlags{compat: flag}).options()
}

// didYouMean returns a hint that names what is near to a name, or lists all if
// that is not much.
func didYouMean(name string, all []string) string {
	near := nearest(name, all)
	switch {
	case len(near) > 0:
		return "did you mean " + strings.Join(near, ", ") + "?"
	case len(all) == 0:
		return ""
	case len(all) == 1:
		return "there is " + all[0]
	case len(all) > maxNames:
		return fmt.Sprintf("there are %s and %d more", strings.Join(all[:maxNames], ", "), len(all)-maxNames)
	}
	return "there are " + strings.Join(all, ", ")
}

const (
	maxNames = 12
	maxNear  = 3
)

// nearest returns the names that differ from a name by little, nearest first.
func nearest(name string, all []string) []string {
	type candidate struct {
		name string
		gap  int
	}
	var found []candidate
	limit := max(1, len([]rune(name))/3)
	for _, other := range all {
		gap := diag.Distance(strings.ToLower(name), strings.ToLower(other))
		if i := strings.LastIndexAny(other, "/."); i >= 0 { // carbon for web/carbon
			gap = min(gap, diag.Distance(strings.ToLower(name), strings.ToLower(other[i+1:])))
		}
		if gap <= limit {
			found = append(found, candidate{other, gap})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.gap - b.gap })
	names := make([]string, 0, maxNear)
	for _, c := range found[:min(len(found), maxNear)] {
		names = append(names, c.name)
	}
	return names
}

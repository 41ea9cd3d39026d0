package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
)

// ErrInput is wrapped by the errors of paths that are no archives.
var ErrInput = errors.New("no archive")

// Inputs returns the archives of files and folders, for [fold.Archives]. A path that
// comes twice is one input; files whose windows are all of another time, as the manifest
// says, are left out. What the manifest of a folder knows and the folder lacks is
// among the findings of its first file.
//
// Symbolic links are refused: they can bring in what nobody meant.
func Inputs(paths []string, span account.Span) ([]fold.Archive, error) {
	var out []fold.Archive
	seen := map[string]bool{}
	var places []string
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		var found []fold.Archive
		switch {
		case info.Mode().IsRegular():
			found = []fold.Archive{input(absolute, nil)}
		case info.IsDir():
			found, err = folderInputs(absolute, span)
		case info.Mode()&os.ModeSymlink != 0:
			err = fmt.Errorf("%w: %s: a symbolic link: name the file itself", ErrInput, path)
		default:
			err = fmt.Errorf("%w: %s: neither a file nor a folder", ErrInput, path)
		}
		if err != nil {
			return nil, err
		}
		for i, a := range found {
			name := absolute
			if info.IsDir() {
				name = filepath.Join(absolute, a.Name)
			}
			if !seen[name] {
				seen[name] = true
				out, places = append(out, found[i]), append(places, name)
			}
		}
	}
	tellApart(out, places)
	return out, nil
}

// tellApart puts folders before names that come twice, as many as it takes: the files of two
// servers have the same name. The order of arguments must not tell them apart.
func tellApart(inputs []fold.Archive, places []string) {
	for depth := 1; ; depth++ {
		count, twice := map[string]int{}, false
		for i := range inputs {
			count[inputs[i].Name]++
			twice = twice || count[inputs[i].Name] == 2
		}
		if !twice {
			return
		}
		for i := range inputs {
			if count[inputs[i].Name] > 1 {
				parts := strings.Split(filepath.ToSlash(places[i]), "/")
				inputs[i].Name = strings.Join(parts[max(0, len(parts)-1-depth):], "/")
			}
		}
	}
}

// folderInputs returns the files of a folder that may hold windows of a span.
func folderInputs(dir string, span account.Span) ([]fold.Archive, error) {
	links, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range links {
		if e.Type()&os.ModeSymlink != 0 && strings.HasSuffix(plainName(e.Name()), extension) {
			return nil, fmt.Errorf("%w: %s: a symbolic link: take it out, or name the file itself", ErrInput, filepath.Join(dir, e.Name()))
		}
	}
	m, err := readManifest(filepath.Join(dir, manifestName))
	if err != nil && !errors.Is(err, ErrBroken) {
		return nil, err
	}
	var findings []disclosure.Finding
	if err != nil {
		m = nil
		findings = append(findings, archiveFinding(manifestName, "the manifest cannot be read: nobody can tell whether files are missing"))
	}
	there, err := names(dir)
	if err != nil {
		return nil, err
	}
	if m != nil {
		findings = append(findings, missing(dir, m, there, span)...)
	}
	var out []fold.Archive
	for _, name := range there {
		e := entry{there: name}
		if m != nil {
			if i := slices.IndexFunc(m.Files, func(f *File) bool { return f.Name == plainName(name) && f.Pruned.IsZero() }); i >= 0 {
				e.File, e.known = *m.Files[i], true
			}
		}
		if !e.holds(span) {
			continue
		}
		out = append(out, input(filepath.Join(dir, name), &e))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s: no %s file with windows of the period in it", ErrInput, dir, extension)
	}
	out[0].Findings = append(out[0].Findings, findings...)
	return out, nil
}

func archiveFinding(file, text string) disclosure.Finding {
	return disclosure.Finding{Code: disclosure.FindingArchive, Grave: true, Input: file, Count: 1, Text: text}
}

// missing compares the files that are there with those of the manifest.
func missing(dir string, m *manifest, there []string, span account.Span) []disclosure.Finding {
	var out []disclosure.Finding
	for _, f := range m.Files {
		e := entry{File: *f, known: true}
		if !e.holds(span) {
			continue
		}
		switch name := found(dir, f.Name); {
		case !f.Pruned.IsZero():
			out = append(out, archiveFinding(f.Name, fmt.Sprintf("the file was pruned at %s: %d lines, windows from %s to %s",
				day(f.Pruned), f.Lines, day(f.From), day(f.To))))
		case name == "" && f.Lines > 0:
			out = append(out, archiveFinding(f.Name, fmt.Sprintf("the file is gone: %d lines, windows from %s to %s", f.Lines, day(f.From), day(f.To))))
		}
	}
	for _, name := range there {
		if !slices.ContainsFunc(m.Files, func(f *File) bool { return f.Name == plainName(name) }) {
			out = append(out, archiveFinding(name, "the manifest does not know the file"))
		}
	}
	return out
}

// input returns the archive of a file.
func input(path string, e *entry) fold.Archive {
	a := fold.Archive{Name: filepath.Base(path), Read: func(stored io.Writer, read func(io.Reader) error) error {
		return readStored(path, stored, read)
	}}
	if e != nil && e.known {
		a.Lines, a.Head = e.Lines, e.Head
	}
	return a
}

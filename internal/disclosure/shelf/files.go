package shelf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// maxBytes is the most bytes of a document. One of 10,000 rows has 6 MB.
const maxBytes = 16 << 20

// bounds are the most that is looked at of a folder.
type bounds struct{ entries, documents int }

func defaultBounds() bounds { return bounds{entries: 50_000, documents: 10_000} }

// errNotRegular and the others are why a file is not read.
var (
	errNotRegular = errors.New("no regular file; symbolic links are not followed")
	errTooLarge   = fmt.Errorf("larger than %d MB: dendro verify reads it, the server does not", maxBytes>>20)
	errChanged    = errors.New("it changed while it was read")
)

// trio is the state of a document's files: the document, its statement and its envelope;
// nil is not there.
type trio [3]fs.FileInfo

// names returns the names of the files of a document.
func (t *trio) names(document string) [3]string {
	return [3]string{
		document, disclosure.Beside(document, disclosure.StatementSuffix), disclosure.Beside(document, disclosure.EnvelopeSuffix),
	}
}

// lookAt returns the state of the files of a document.
func lookAt(in folder, document string) (t trio) {
	for i, name := range t.names(document) {
		if info, err := in.lookAt(name); err == nil {
			t[i] = info
		}
	}
	return t
}

// same reports whether nothing seems to have changed.
func (t *trio) same(o *trio) bool {
	for i := range t {
		if !sameFile(t[i], o[i]) {
			return false
		}
	}
	return true
}

func sameFile(a, b fs.FileInfo) bool {
	if a == b || a == nil || b == nil {
		return a == b
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode()
}

// readTrio reads the files of a document. A statement or envelope that is not there is nil.
func readTrio(in folder, document string) (texts [3][]byte, err error) {
	t := lookAt(in, document)
	for i, name := range t.names(document) {
		if t[i] == nil && i > 0 {
			continue
		}
		if texts[i], err = in.read(name); err != nil {
			return texts, fmt.Errorf("%s: %w", name, err)
		}
	}
	return texts, nil
}

// folder is where the files of disclosures are.
type folder interface {
	// names lists files, in any order and not many more than most.
	names(most int) ([]string, error)
	// lookAt says what a file is, and does not follow a link.
	lookAt(name string) (fs.FileInfo, error)
	// read reads a regular file of bounded size as it is at one instant.
	read(name string) ([]byte, error)
	close()
}

// disk is a folder of a disk.
type disk struct{ root *os.Root }

func (d disk) close() { d.root.Close() }

func (d disk) lookAt(name string) (fs.FileInfo, error) { return d.root.Lstat(name) }

func (d disk) names(most int) ([]string, error) {
	dir, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(most)
	if errors.Is(err, io.EOF) { // there is none
		err = nil
	}
	return names, err
}

func (d disk) read(name string) ([]byte, error) {
	before, err := d.root.Lstat(name)
	if err != nil {
		return nil, cause(err)
	}
	if !before.Mode().IsRegular() {
		return nil, errNotRegular
	}
	// A pipe that was put in its place meanwhile would wait for ever.
	file, err := d.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer file.Close()
	if opened, err := file.Stat(); err != nil || !os.SameFile(before, opened) {
		return nil, errChanged
	}
	if before.Size() > maxBytes {
		return nil, errTooLarge
	}
	text, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return nil, cause(err)
	}
	if after, err := file.Stat(); err != nil || !sameFile(before, after) || int64(len(text)) != before.Size() {
		return nil, errChanged
	}
	return text, nil
}

// cause leaves the path out of an error: what reads it knows the name, and the folder is
// nobody else's affair.
func cause(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}

// entries are what a folder holds.
type entries struct {
	documents []string
	// alone are statements and envelopes whose document is not there.
	alone []string
	// leftOff is how much was not looked at.
	leftOff int
}

// entriesOf lists a folder within bounds, in order of names.
func entriesOf(in folder, most bounds) (*entries, error) {
	names, err := in.names(most.entries + 1)
	if err != nil {
		return nil, err
	}
	e := &entries{}
	if len(names) > most.entries {
		names, e.leftOff = names[:most.entries], 1
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".json") {
			continue
		}
		document := documentOf(name)
		if document == name {
			e.documents = append(e.documents, name)
		} else if _, found := slices.BinarySearch(names, document); !found {
			e.alone = append(e.alone, name)
		}
	}
	if n := len(e.documents) - most.documents; n > 0 {
		e.documents, e.leftOff = e.documents[:most.documents], e.leftOff+n
	}
	return e, nil
}

// documentOf returns the name of the document that a file lies beside, or the name itself.
func documentOf(name string) string {
	for _, suffix := range []string{disclosure.StatementSuffix, disclosure.EnvelopeSuffix} {
		if stem, ok := strings.CutSuffix(name, suffix); ok {
			return stem + ".json"
		}
	}
	return name
}

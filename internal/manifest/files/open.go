package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/table"
)

// open reads a local file.
func (f *Files) open(ctx context.Context, r request) (*frame.Frame, error) {
	path := r.path
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.options.Dir, path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(r.path, err, f.options.Dir)
	}
	defer file.Close()
	r.table.MaxBytes = f.options.MaxLocalBytes
	rows, err := table.Read(ctx, r.path, file, r.table)
	return rows, r.located(ctx, err, func(err error) error { return unreadable(r.path, err, f.options.Dir) })
}

// located returns an error of reading with its place in the text: the problem's
// own place will be that of the component that refers to the file. Errors that
// are not about the content are turned into problems by wrap.
func (r request) located(ctx context.Context, err error, wrap func(error) error) error {
	var list diag.List
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.As(err, &list):
		return wrap(err)
	}
	for _, p := range list {
		if p.File != "" && !r.table.Loose { // Impact Framework's texts stand as they are
			p.Text = place(p) + ": " + p.Text
		}
		p.File, p.Line = "", 0
	}
	return list
}

func place(p *diag.Problem) string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// unreadable returns the problem of a file that cannot be read.
func unreadable(path string, err error, dir string) error {
	p := diag.New(table.ClassRead, "Failed reading the file: %s. \nError: %s", path, nodeText(path, err))
	var system *fs.PathError // else it is the content that cannot be read, such as a broken gzip
	p.Outside = errors.As(err, &system)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(path):
		if dir == "" {
			dir = "the working directory"
		}
		p.Hint = "correct the path; it starts from " + dir
	case errors.Is(err, fs.ErrNotExist):
		p.Hint = "correct the path"
	case errors.Is(err, fs.ErrPermission):
		p.Hint = "allow this user to read the file"
	}
	return diag.List{p}
}

// nodeText returns what Node.js says of an error: Impact Framework's messages
// hold it.
func nodeText(path string, err error) string {
	for _, known := range []struct {
		errno error
		text  string
	}{
		{syscall.ENOENT, "ENOENT: no such file or directory, open '" + path + "'"},
		{syscall.EACCES, "EACCES: permission denied, open '" + path + "'"},
		{syscall.EPERM, "EPERM: operation not permitted, open '" + path + "'"},
		{syscall.ENOTDIR, "ENOTDIR: not a directory, open '" + path + "'"},
		{syscall.EISDIR, "EISDIR: illegal operation on a directory, read"},
		{syscall.ENAMETOOLONG, "ENAMETOOLONG: name too long, open '" + path + "'"},
	} {
		if errors.Is(err, known.errno) {
			return known.text
		}
	}
	return err.Error()
}

// ownProblems returns the error with problems that the caller may change: he
// adds his own place to what others get as well.
func ownProblems(err error) error {
	var list diag.List
	if !errors.As(err, &list) {
		return err
	}
	own := make(diag.List, len(list))
	for i, p := range list {
		problem := *p
		own[i] = &problem
	}
	return own
}

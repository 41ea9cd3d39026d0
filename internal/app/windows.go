package app

import (
	"context"
	"errors"
	"io/fs"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/scored"
)

// archiveFiles lets [scored.Reader] read an archive that is written to meanwhile.
type archiveFiles struct{ dir string }

// Files implements [scored.Archive].
func (a archiveFiles) Files() ([]scored.File, error) {
	stored, err := archive.List(a.dir)
	if err != nil {
		return nil, err
	}
	out := make([]scored.File, 0, len(stored))
	for _, s := range stored {
		f := scored.File{Number: s.Number, Name: s.Name, Bytes: s.Bytes, Span: account.NewSpan(s.From, s.To), Pruned: s.Path == ""}
		if s.Closed {
			f.Digest = s.SHA256
		}
		out = append(out, f)
	}
	return out, nil
}

// Read implements [scored.Archive].
func (a archiveFiles) Read(ctx context.Context, f scored.File, yield func(*scored.Window) error) error {
	path, err := a.path(f)
	if err != nil {
		return err
	}
	err = archive.ReadFile(path, f.Number, func(l *archive.Line) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		w := &scored.Window{At: l.At, Time: l.Time, File: f.Name}
		if l.Fault == nil {
			w.Window = &l.Window
		}
		return yield(w)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return scored.ErrMoved
	}
	if err == nil && f.Digest == "" { // another file may have taken its name before it was opened
		if now, again := a.path(f); again != nil || now != path {
			return scored.ErrMoved
		}
	}
	return err
}

// path returns where a file is now.
func (a archiveFiles) path(f scored.File) (string, error) {
	stored, err := archive.List(a.dir)
	if err != nil {
		return "", err
	}
	for _, s := range stored {
		if s.Number == f.Number && s.Name == f.Name && s.Path != "" {
			return s.Path, nil
		}
	}
	return "", scored.ErrMoved
}

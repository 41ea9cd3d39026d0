package scoring_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/window"
)

// dead is an archive whose disk is gone: it tells places and takes no window.
type dead struct{ *archive.Archive }

func (dead) Append(*window.Window, time.Time) (account.Mark, error) {
	return account.Mark{}, errors.New("no disk")
}

// A place that was noted for a window, in a file that was closed before the window came
// there, is no sign that the window is archived.
func TestNotedPlaceInAClosedFile(t *testing.T) {
	t.Parallel()
	files := t.TempDir()
	open := func(c archive.Config) *archive.Archive {
		c.Dir = files
		a, err := archive.Open(c)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	first := open(archive.Config{})
	d := begin(t, configured(t), first)
	accept(t, d, 10, time.Now())
	end(t, d)

	c := configured(t)
	d = begin(t, c, dead{first})
	accept(t, d, 7, time.Now())
	if err := d.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(c.Journal); len(left) != 1 {
		t.Fatalf("%d journals are left, want that of the window that could not be archived", len(left))
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(archive.Config{MaxBytes: 1}) // the next window begins a file
	end(t, begin(t, c, second))
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	spans := uint64(0)
	for l, err := range archive.Lines(t.Context(), files, account.Mark{}, account.Span{}) {
		if err != nil {
			t.Fatal(err)
		}
		spans += l.Window.Detail.Spans.Counted
	}
	if closed, _ := filepath.Glob(filepath.Join(files, "windows-*")); spans != 17 || len(closed) != 1 {
		t.Errorf("%d spans in the archive, want 17; %d closed files", spans, len(closed))
	}
}

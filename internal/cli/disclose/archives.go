package disclose

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/cli/exit"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/term"
)

// ofArchives discloses what was archived.
func (f *discloseFlags) ofArchives(ctx context.Context, s *Shell, r disclosure.Request) error {
	zone, err := time.LoadLocation(f.zone)
	if err != nil {
		return exit.Usage("--time-zone: %v", err)
	}
	r.Zone = zone
	if len(r.By) == 0 {
		r.By = []string{disclosure.LabelService, disclosure.LabelRegion}
	}
	span, err := f.span(s, zone)
	if err != nil {
		return err
	}
	p, inputs, err := foldArchives(ctx, s, archivesOf{f.inputs, span, zone, r.By, f.quiet})
	if err != nil {
		return err
	}
	if r.DataSets, err = dataSets(p, r.Program.Version); err != nil {
		return err
	}
	if r.Restates != nil && r.Restates.Document.IsOf(span) {
		restating := fold.Restating{
			Config: fold.Config{Span: span, Zone: zone, By: r.By}, Archives: inputs, Now: p, Old: r.Restates.Document, Program: r.Program,
		}
		if r.Portions, err = restating.Portions(ctx); err != nil {
			return err
		}
	}
	return f.finish(s, p, r, func(string) error { return nil })
}

// archivesOf says which archives are folded, and how.
type archivesOf struct {
	paths []string
	span  account.Span
	zone  *time.Location
	by    []string
	quiet bool
}

// foldArchives folds archives with a progress bar, and returns these too. Inputs that are no archives, or hold
// nothing of the period, end the program with status 3.
func foldArchives(ctx context.Context, s *Shell, a archivesOf) (*disclosure.Period, []fold.Archive, error) {
	inputs, err := archive.Inputs(a.paths, a.span)
	if errors.Is(err, archive.ErrInput) {
		return nil, nil, exit.Invalid(err)
	}
	if err != nil {
		return nil, nil, err
	}
	const mega = 1 << 20
	bar := term.NewProgress(s.Err, "MB", !a.quiet)
	defer bar.Done()
	size := int(sizeOf(a.paths) / mega)
	p, err := fold.Archives(ctx, fold.Config{
		Span: a.span, Zone: a.zone, By: a.by,
		Progress: func(read int64) { bar.Set(int(read/mega), max(size, int(read/mega))) },
	}, inputs)
	if errors.Is(err, fold.ErrNoWindows) {
		err = exit.Invalid(err)
	}
	return p, inputs, err
}

// sizeOf returns how many bytes files and folders have, for a bar that shows progress.
func sizeOf(paths []string) int64 {
	var size int64
	for _, path := range paths {
		below, _ := filepath.Glob(filepath.Join(path, "*"))
		for _, name := range append(below, path) {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				size += info.Size()
			}
		}
	}
	return size
}

// refold folds the inputs of a document again.
func refold(ctx context.Context, s *Shell, inputs []string, d *disclosure.Document) (*disclosure.Period, error) {
	if d.Inputs.Ledger != nil {
		return nil, errors.New("the document was made from a ledger, and not from archives")
	}
	span := account.NewSpan(d.Period.From, d.Period.To)
	zone, err := d.Zone()
	if err != nil {
		return nil, err
	}
	p, _, err := foldArchives(ctx, s, archivesOf{paths: inputs, span: span, zone: zone, by: d.Scope.By})
	return p, err
}

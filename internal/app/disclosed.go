package app

import (
	"context"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/sign"
)

// disclosed knows which windows were disclosed, and may be pruned: those of the time that
// the ledger's pins cover, and those of files that sound disclosures of the folder were
// made from, by their hashes, as far as the periods of these reach. A file of which a
// part belongs to a time that is not disclosed yet is kept whole.
type disclosed struct {
	pins ledger.Retention
	// shelf is nil without a folder of disclosures.
	shelf *shelf.Shelf
	// all is whether somebody said that what is not disclosed may go too.
	all bool
	// hashes are those of closed files, which do not change, by where they are.
	hashes map[string][]string
}

func newDisclosed(pins ledger.Retention, s *shelf.Shelf, all bool) *disclosed {
	return &disclosed{pins: pins, shelf: s, all: all, hashes: map[string][]string{}}
}

// lookFor is how long the disclosures may be looked at for one file.
const lookFor = 5 * time.Minute

// spendable says whether a file may be pruned.
func (d *disclosed) spendable(f *archive.Stored) (bool, error) {
	if d.all {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookFor)
	defer cancel()
	pins, err := d.pins.Pins(ctx)
	if err != nil {
		return false, err
	}
	spans := make([]account.Span, len(pins))
	for i, p := range pins {
		spans[i] = p.Span
	}
	covers := func(one account.Span) bool { return one.Covers(f.Span()) }
	if slices.ContainsFunc(account.JoinSpans(spans), covers) {
		return true, nil
	}
	if d.shelf == nil || f.Span().IsEmpty() {
		return false, nil
	}
	if d.hashes[f.Path] == nil {
		if d.hashes[f.Path], err = f.Hashes(); err != nil {
			return false, err
		}
	}
	return d.shelf.Disclosed(ctx, f.Span(), d.hashes[f.Path])
}

// DisclosedFiles says of the files of an archive, by number, whether sound disclosures of a
// folder were made from them for all of their time: yes, no, or - where that cannot be
// told. It is nil without a folder.
func DisclosedFiles(dir, folder string) (map[uint64]string, error) {
	if folder == "" {
		return nil, nil
	}
	files, err := archive.List(dir)
	if err != nil {
		return nil, err
	}
	all, words := shelf.New(shelf.Config{Dir: folder, Peek: sign.Open}), map[uint64]string{}
	for i := range files {
		f := &files[i]
		words[f.Number] = "-"
		if f.Path == "" || f.Span().IsEmpty() {
			continue
		}
		hashes, err := f.Hashes()
		if err != nil {
			return nil, err
		}
		is, err := all.Disclosed(context.Background(), f.Span(), hashes)
		if err != nil {
			return nil, err
		}
		words[f.Number] = map[bool]string{true: "yes", false: "no"}[is]
	}
	return words, nil
}

package fold

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"slices"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// Restating is archives whose figures replace those of an older document.
type Restating struct {
	// Config and Archives are what was folded, and Now what that gave.
	Config   Config
	Archives []Archive
	Now      *disclosure.Period
	// Old is the document that is replaced, Program the one that replaces it.
	Old     *disclosure.Document
	Program disclosure.Program
}

// Portions says for which causes the figures differ from those of the older document. What that was
// made of is found by its hashes: whole files, or the beginnings of files that grew, whatever
// they are called by now. That is folded again, and
//
//   - what differs from the document though its input is the same is due to the program, if that
//     is another one,
//   - what differs because files have another content, or are gone, is due to intensities if nothing
//     but carbon changed, to the method if the windows name other factors, else to the input,
//   - what other files add, and the rest of those that grew, came late.
//
// What two causes may have changed at once is in no portion. The error is one of reading.
func (r *Restating) Portions(ctx context.Context) ([]disclosure.Portion, error) {
	by := r.Config.By
	if len(by) == 0 {
		by = []string{disclosure.LabelService, disclosure.LabelRegion}
	}
	base, whole, err := r.base(ctx)
	if err != nil {
		return nil, err
	}
	before := disclosure.SnapshotOf(r.Old)
	then, factors, err := r.fold(ctx, base, r.Old.Scope.By)
	if err != nil {
		return nil, err
	}
	portions := []disclosure.Portion{}
	if cause := r.baseCause(whole, before, then, factors); cause != "" {
		portions = append(portions, disclosure.Portion{Cause: cause, Before: before, After: then})
	}
	if !slices.Equal(by, r.Old.Scope.By) {
		viewed, _, err := r.fold(ctx, base, by)
		if err != nil {
			return nil, err
		}
		portions = append(portions, disclosure.Portion{Cause: disclosure.CauseView, Before: then, After: viewed})
		then = viewed
	}
	now, err := r.Now.Snapshot(by)
	return append(portions, disclosure.Portion{Cause: disclosure.CauseLate, Before: then, After: now}), err
}

// fold returns the figures of archives and the factors that their windows name. Without windows
// there are none.
func (r *Restating) fold(ctx context.Context, archives []Archive, by []string) (disclosure.Snapshot, []string, error) {
	c := r.Config
	c.By, c.Strict, c.Progress = by, false, nil
	p, err := Archives(ctx, c, archives)
	if errors.Is(err, ErrNoWindows) {
		return disclosure.Snapshot{}, nil, nil
	}
	if err != nil {
		return disclosure.Snapshot{}, nil, err
	}
	s, err := p.Snapshot(by)
	return s, slices.Concat(p.Report.Coefficients, p.Report.Methodologies), err
}

// baseCause says why the input of the older document gives other figures now; "" is that it
// cannot be told. whole is whether that input is all there as it was.
func (r *Restating) baseCause(whole bool, before, now disclosure.Snapshot, factors []string) disclosure.Cause {
	renewed := r.Old.Program != r.Program
	switch {
	case whole && renewed:
		return disclosure.CauseMethod
	case whole || renewed:
		return ""
	case before.SameUse(now):
		return disclosure.CauseIntensity
	case !slices.Equal(factors, slices.Concat(r.Old.Method.Coefficients, r.Old.Method.Methodologies)):
		return disclosure.CauseMethod
	}
	return disclosure.CauseInput
}

// base returns what stands for the input of the older document, and whether that is all of it, as it
// was. Files that have another content stand for those of their names; if no name tells, all do.
func (r *Restating) base(ctx context.Context) (base []Archive, whole bool, err error) {
	hashes := map[string]string{}
	for i := range r.Now.Inputs {
		hashes[r.Now.Inputs[i].Name] = r.Now.Inputs[i].SHA256
	}
	left := slices.Clone(r.Old.Inputs.Files)
	var others []Archive
	for _, a := range r.Archives {
		if slices.ContainsFunc(r.Old.Inputs.Files, func(f disclosure.File) bool { return f.SHA256 == hashes[a.Name] }) {
			base, left = append(base, a), slices.DeleteFunc(left, func(f disclosure.File) bool { return f.SHA256 == hashes[a.Name] })
			continue
		}
		others = append(others, a)
	}
	var changed []Archive
	for _, a := range others {
		found, err := beginning(ctx, a, left)
		if err != nil {
			return nil, false, err
		}
		if found == nil {
			changed = append(changed, a)
			continue
		}
		base = append(base, head(a, found.Bytes))
		left = slices.DeleteFunc(left, func(f disclosure.File) bool { return f.SHA256 == found.SHA256 })
	}
	if len(left) == 0 {
		return base, true, nil
	}
	renewed := slices.DeleteFunc(slices.Clone(changed), func(a Archive) bool {
		return !slices.ContainsFunc(left, func(f disclosure.File) bool { return f.Name == a.Name })
	})
	if len(renewed) == 0 && (r.Old.Confidentiality == disclosure.Public || len(base) == 0) {
		renewed = changed
	}
	return append(base, renewed...), false, nil
}

// head is the beginning of an archive.
func head(a Archive, bytes int64) Archive {
	return Archive{Name: a.Name, Read: func(stored io.Writer, read func(io.Reader) error) error {
		return a.Read(stored, func(content io.Reader) error { return read(io.LimitReader(content, bytes)) })
	}}
}

// beginning returns the longest of files that an archive begins with, nil for none.
func beginning(ctx context.Context, a Archive, files []disclosure.File) (found *disclosure.File, err error) {
	files = slices.SortedFunc(slices.Values(files), func(a, b disclosure.File) int { return cmp.Compare(a.Bytes, b.Bytes) })
	digest, read := sha256.New(), int64(0)
	err = a.Read(io.Discard, func(content io.Reader) error {
		for i := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			n, err := io.CopyN(digest, content, files[i].Bytes-read)
			if read += n; err != nil {
				return ignoreEOF(err)
			}
			if hex.EncodeToString(digest.Sum(nil)) == files[i].SHA256 {
				found = &files[i]
			}
		}
		return nil
	})
	if path := (*fs.PathError)(nil); errors.As(err, &path) || ctx.Err() != nil {
		return nil, errors.Join(err, ctx.Err())
	}
	return found, nil // what is damaged was told of when it was folded
}

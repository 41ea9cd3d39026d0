package shelf

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// ErrNoOther reports a disclosure that there is nothing to compare with.
var ErrNoOther = errors.New("nothing to compare with")

// Compare compares a disclosure with another one, and with that which it replaces, follows
// or comes after if none is named. Errors are those of [Shelf.Read], or wrap [ErrNoOther].
func (s *Shelf) Compare(ctx context.Context, name, with string) (*disclosure.Comparison, error) {
	list, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	item := list.find(name)
	if item == nil {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	other := list.other(item)
	if with != "" {
		if other = list.find(with); other == nil {
			return nil, fmt.Errorf("%w: %q", ErrNotFound, with)
		}
	}
	if other == nil {
		return nil, fmt.Errorf("%w: none in the folder is replaced by %s, or came before it", ErrNoOther, item.File)
	}
	after, err := s.open(item)
	if err != nil {
		return nil, err
	}
	before, err := s.open(other)
	if err != nil {
		return nil, err
	}
	return disclosure.Compare(before.old(), after.old())
}

func (d *Document) old() *disclosure.Old {
	return &disclosure.Old{Document: d.Content, SHA256: d.Item.SHA256}
}

// other returns what an item is best compared with, nil for nothing: the document that it
// restates, that which it follows, or the organisation's last one about a time before.
func (l *List) other(item *Item) *Item {
	for _, link := range []*Related{item.Restates, item.Previous} {
		if link != nil && link.File != "" {
			return l.find(link.SHA256)
		}
	}
	at := slices.IndexFunc(l.Items, func(i Item) bool {
		return i.Organisation == item.Organisation && !i.Period.To.After(item.Period.From) && i.SHA256 != item.SHA256
	})
	if at < 0 {
		return nil
	}
	return &l.Items[at]
}

// Disclosed reports whether disclosures that hold were made from a file, known by one of
// some hashes, for all of a span of time.
func (s *Shelf) Disclosed(ctx context.Context, span account.Span, hashes []string) (bool, error) {
	var spans []account.Span
	err := s.look(ctx, &List{}, func(_ string, e *entry) {
		made := func(input string) bool { return slices.Contains(hashes, input) }
		if e.item != nil && e.item.Holds && slices.ContainsFunc(e.inputs, made) {
			spans = append(spans, e.span)
		}
	})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(account.JoinSpans(spans), func(one account.Span) bool { return one.Covers(span) }), nil
}

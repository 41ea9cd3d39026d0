package shelf

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// Document is a disclosure as it lies in the folder.
type Document struct {
	Item    Item
	Content *disclosure.Document
	// Text is the document; Statement and Envelope are beside it, nil if they are not there.
	Text, Statement, Envelope []byte
}

// Read returns a disclosure by its id, with or without urn:uuid: before it, or by the
// SHA-256 of its file, read now. Of several with the same id, those that hold come first.
// It returns an error that wraps [ErrNotFound] if there is none.
func (s *Shelf) Read(ctx context.Context, name string) (*Document, error) {
	list, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	item := list.find(name)
	if item == nil {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	return s.open(item)
}

// find returns an item by its id or hash, nil if there is none.
func (l *List) find(name string) *Item {
	named := func(i Item) bool { return i.SHA256 == name || i.ID == name || i.ID == "urn:uuid:"+name }
	for _, holds := range []bool{true, false} {
		if at := slices.IndexFunc(l.Items, func(i Item) bool { return named(i) && i.Holds == holds }); at >= 0 {
			return &l.Items[at]
		}
	}
	return nil
}

// open reads the files of an item again. A document that is another one now is not found.
func (s *Shelf) open(item *Item) (*Document, error) {
	in, err := s.folder()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, cause(err))
	}
	defer in.close()
	texts, err := readTrio(in, item.File)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	d, err := disclosure.Parse(texts[0])
	if err != nil || disclosure.Hash(texts[0]) != item.SHA256 {
		return nil, fmt.Errorf("%w any more: %s was changed", ErrNotFound, item.File)
	}
	return &Document{*item, d, texts[0], texts[1], texts[2]}, nil
}

// Refold folds the inputs of a document again.
type Refold func(*disclosure.Document) (*disclosure.Period, error)

// Verify verifies a disclosure as dendro verify does, with the keys of the folder and the
// previous document if that is in it. Refold is nil to leave the inputs alone. Errors are
// those of [Shelf.Read].
func (s *Shelf) Verify(ctx context.Context, name string, refold Refold) (string, *disclosure.Verification, error) {
	d, err := s.Read(ctx, name)
	if err != nil {
		return "", nil, err
	}
	previous, err := s.before(ctx, d)
	if err != nil {
		return "", nil, err
	}
	v, _ := s.verify(d.Item.File, [3][]byte{d.Text, d.Statement, d.Envelope}, previous, refold)
	return d.Item.File, v, nil
}

// before returns the text of the document that another follows: the one of its hash, else
// one of its id, which is then not the one; nil if the folder has none.
func (s *Shelf) before(ctx context.Context, d *Document) ([]byte, error) {
	if d.Content.Previous == nil {
		return nil, nil
	}
	for _, name := range []string{d.Content.Previous.SHA256, d.Content.Previous.ID} {
		switch p, err := s.Read(ctx, name); {
		case err == nil:
			return p.Text, nil
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return nil, nil
}

// verify checks a document, and says who signed it.
func (s *Shelf) verify(file string, texts [3][]byte, previous []byte, refold Refold) (*disclosure.Verification, Signature) {
	g := disclosure.Given{
		Name: file, Text: texts[0], Statement: texts[1], Envelope: texts[2], Previous: previous,
		Key: len(s.config.Keys) > 0, Refold: refold,
	}
	signature := Signature{State: disclosure.NotGiven, Keys: []string{}}
	if g.Envelope != nil {
		if _, keys, err := s.config.Peek(g.Envelope); err == nil {
			signature.Keys = keys
		}
	}
	g.Open, signature.Name = s.opener(signature.Keys)
	v := disclosure.Verify(g)
	for _, c := range v.Checks {
		if c.Name == "signature" {
			signature.State = c.State
		}
	}
	if signature.State != disclosure.OK {
		signature.Name = ""
	}
	return v, signature
}

// opener returns what opens an envelope of keys, and the name of the one that is known.
func (s *Shelf) opener(keys []string) (open func([]byte) ([]byte, error), name string) {
	for _, key := range s.config.Keys {
		if slices.Contains(keys, key.ID) {
			return key.Open, key.Name
		}
	}
	return func(envelope []byte) ([]byte, error) {
		statement, ids, err := s.config.Peek(envelope)
		if err == nil && len(s.config.Keys) > 0 {
			return nil, fmt.Errorf("it is of key %s, which is none of the %d keys that are known here", strings.Join(ids, ", "), len(s.config.Keys))
		}
		return statement, err
	}, ""
}

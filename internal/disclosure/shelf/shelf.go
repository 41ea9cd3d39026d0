package shelf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/foreign"
)

var (
	// ErrNotFound reports a disclosure that is not in the folder, or not any more.
	ErrNotFound = errors.New("no such disclosure")
	// ErrFolder reports a folder that cannot be read.
	ErrFolder = errors.New("the folder of disclosures cannot be read")
)

// Key is a public key that signatures are verified with.
type Key struct {
	// Name is what the key is called, and ID what an envelope calls it.
	Name, ID string
	// Open returns the statement in an envelope that the key signed.
	Open func(envelope []byte) (statement []byte, err error)
}

// Config says where disclosures are, and how signatures are verified.
type Config struct {
	// Dir is the folder, "" for one that is always empty.
	Dir string
	// Memory holds the files instead of a folder, unless it is nil.
	Memory *Memory
	Keys   []Key
	// Peek returns the statement in an envelope and the ids of the keys that are said to
	// have signed it, without a look at the signatures.
	Peek func(envelope []byte) (statement []byte, keys []string, err error)
}

// Shelf is a folder of disclosures. It is safe for use by several goroutines.
type Shelf struct {
	config Config
	most   bounds
	turn   chan struct{} // held while known is used
	known  map[string]*entry
}

// New returns a folder, which is not looked at before it is asked about and need not exist.
func New(c Config) *Shelf {
	return &Shelf{config: c, most: defaultBounds(), turn: make(chan struct{}, 1), known: map[string]*entry{}}
}

// Keys returns the keys that signatures are verified with.
func (s *Shelf) Keys() []Key { return slices.Clone(s.config.Keys) }

// List returns what the folder holds. What did not change since the last time is not read
// again. It returns an error that wraps [ErrFolder] if the folder cannot be read; one that
// does not exist is empty.
func (s *Shelf) List(ctx context.Context) (*List, error) {
	list := &List{Items: []Item{}, Broken: []Broken{}}
	err := s.look(ctx, list, func(name string, e *entry) {
		if e.item == nil {
			list.Broken = append(list.Broken, Broken{name, e.broken})
			return
		}
		list.Items = append(list.Items, *e.item)
	})
	if err != nil {
		return nil, err
	}
	list.order()
	return list, nil
}

// order sorts what was found, and tells copies apart from documents.
func (l *List) order() {
	slices.SortStableFunc(l.Items, func(a, b Item) int {
		return cmp.Or(b.Period.To.Compare(a.Period.To), b.MadeAt.Compare(a.MadeAt), cmp.Compare(a.File, b.File))
	})
	first := map[string]string{}
	l.Items = slices.DeleteFunc(l.Items, func(i Item) bool {
		of, again := first[i.SHA256]
		if again {
			l.Broken = append(l.Broken, Broken{i.File, "a copy of " + of})
		} else {
			first[i.SHA256] = i.File
		}
		return again
	})
	for k := range l.Items { // what is remembered is not changed
		l.Items[k].Previous, l.Items[k].Restates = clone(l.Items[k].Previous), clone(l.Items[k].Restates)
	}
	relate(l.Items)
	slices.SortFunc(l.Broken, func(a, b Broken) int { return cmp.Compare(a.File, b.File) })
}

func clone(r *Related) *Related {
	if r == nil {
		return nil
	}
	c := *r
	return &c
}

// look calls take with each document of the folder, in order of names.
func (s *Shelf) look(ctx context.Context, list *List, take func(string, *entry)) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if s.config.Dir == "" && s.config.Memory == nil {
		return nil
	}
	in, err := s.folder()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, cause(err))
	}
	defer in.close()
	found, err := entriesOf(in, s.most)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, cause(err))
	}
	list.LeftOff = found.leftOff
	for _, name := range found.alone {
		list.Broken = append(list.Broken, Broken{name, "the document that it is about is not there"})
	}
	seen := make(map[string]*entry, len(found.documents))
	for _, name := range found.documents {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		e := s.known[name]
		if state := lookAt(in, name); e == nil || !e.state.same(&state) {
			e = s.load(in, name)
			s.known[name] = e // also if the caller goes away before the last
		}
		seen[name] = e
		take(name, e)
	}
	s.known = seen
	return nil
}

// folder opens where the files are.
func (s *Shelf) folder() (folder, error) {
	if s.config.Memory != nil {
		return s.config.Memory, nil
	}
	root, err := os.OpenRoot(s.config.Dir)
	return disk{root}, err
}

// load reads a document and what lies beside it.
func (s *Shelf) load(in folder, name string) *entry {
	e := &entry{state: lookAt(in, name)}
	texts, err := readTrio(in, name)
	if err != nil {
		e.broken = strings.TrimPrefix(err.Error(), name+": ")
		if errors.Is(err, errChanged) {
			e.state = trio{} // look again the next time
		}
		return e
	}
	v, signature := s.verify(name, texts, nil, nil)
	if v.Document == nil {
		e.broken = why(texts[0], v)
		return e
	}
	d := v.Document
	e.item = newItem(name, v)
	e.item.Signature, e.item.Statement = signature, texts[1] != nil
	e.span = account.NewSpan(d.Period.From, d.Period.To)
	for _, f := range d.Inputs.Files {
		e.inputs = append(e.inputs, f.SHA256)
	}
	return e
}

// longest is how much of an error is told: it may quote what a stranger wrote.
const longest = 400

// why says why a text is no disclosure.
func why(text []byte, v *disclosure.Verification) string {
	if foreign.IsReport(text) {
		return "a report of perf-sentinel: dendro verify verifies it"
	}
	said := strings.ToValidUTF8(strings.Join(v.Checks[0].Texts, "; "), "?")
	if len(said) > longest {
		said = strings.ToValidUTF8(said[:longest], "") + "…"
	}
	return said
}

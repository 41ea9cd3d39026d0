package shelf_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/sign"
)

// TestMemory holds that files in memory are read as those of a folder are.
func TestMemory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.put("january.json", period(time.January, 1000), nil)
	second := b.put("february.json", period(time.February, 2000), func(r *disclosure.Request) {
		r.Previous = &disclosure.Link{ID: first.Document.ID, SHA256: first.SHA256}
	})
	b.write("broken.json", []byte("{"))
	memory := &shelf.Memory{}
	s := shelf.New(shelf.Config{Memory: memory, Peek: sign.Open, Keys: b.open(true).Keys()})
	if got, err := s.List(t.Context()); err != nil || len(got.Items)+len(got.Broken) != 0 {
		t.Fatalf("at first it holds %+v, %v", got, err)
	}
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(b.path(e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		memory.Put(e.Name(), text)
	}
	want, err := b.open(true).List(t.Context())
	if err != nil || len(want.Items) != 2 || len(want.Broken) != 1 {
		t.Fatalf("the folder holds %+v, %v", want, err)
	}
	for range 2 { // the second time from what it remembers
		if got, err := s.List(t.Context()); err != nil || !cmp.Equal(want, got) {
			t.Error(err, cmp.Diff(want, got))
		}
	}
	if _, v, err := s.Verify(t.Context(), second.SHA256, nil); err != nil || !v.Holds() {
		t.Errorf("it does not verify: %+v, %v", v, err)
	}

	other := b.put("february.json", period(time.February, 3000), nil)
	text, err := os.ReadFile(b.path("february.json"))
	if err != nil {
		t.Fatal(err)
	}
	memory.Put("february.json", text)
	if _, err := s.Read(t.Context(), second.SHA256); !errors.Is(err, shelf.ErrNotFound) {
		t.Errorf("what was replaced is read: %v", err)
	}
	if d, err := s.Read(t.Context(), other.SHA256); err != nil || d.Item.Holds {
		t.Errorf("a document beside the statement of another: %+v, %v", d, err)
	}
}

package shelf_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/disclosuretest"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/sign"
	"github.com/dendro-carbon/dendro/unit"
)

// period is a month of 2026 with one service.
func period(month time.Month, energy unit.Energy) *disclosure.Period {
	return disclosuretest.Month(month, "mail", energy)
}

// bench is a folder of disclosures with a key.
type bench struct {
	testing.TB
	dir string
	key *sign.PrivateKey
}

func newBench(t testing.TB) *bench {
	t.Helper()
	key, err := sign.NewKey(sign.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, t.TempDir(), key}
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) write(name string, text []byte) {
	b.Helper()
	if err := os.WriteFile(b.path(name), text, 0o600); err != nil {
		b.Fatal(err)
	}
}

// put writes a document, signed, and returns it with its hash.
func (b *bench) put(name string, p *disclosure.Period, change func(*disclosure.Request)) *disclosure.Old {
	b.Helper()
	r := disclosure.Request{
		Intent: disclosure.Internal, Confidentiality: disclosure.Confidential, Zone: time.UTC, By: []string{"service"},
		MadeAt: p.Span.To.Add(time.Hour), Program: disclosure.Program{Name: "dendro", Version: "v1"},
		Org: &disclosure.Org{Organisation: disclosure.Organisation{Name: "Example", Country: "FR"}},
	}
	if change != nil {
		change(&r)
	}
	d, err := disclosure.New(p, r)
	if err != nil {
		b.Fatal(err)
	}
	text, err := d.Text()
	if err != nil {
		b.Fatal(err)
	}
	statement, err := disclosure.Statement(name, text)
	if err != nil {
		b.Fatal(err)
	}
	envelope, err := sign.Sign(statement, b.key)
	if err != nil {
		b.Fatal(err)
	}
	b.write(disclosure.Beside(name, disclosure.StatementSuffix), statement)
	b.write(disclosure.Beside(name, disclosure.EnvelopeSuffix), envelope)
	b.write(name, text)
	return &disclosure.Old{Document: d, SHA256: disclosure.Hash(text)}
}

// open returns the folder, with the key if there are to be keys.
func (b *bench) open(keys bool) *shelf.Shelf {
	b.Helper()
	c := shelf.Config{Dir: b.dir, Peek: sign.Open}
	if keys {
		public, err := b.key.Public()
		if err != nil {
			b.Fatal(err)
		}
		c.Keys = []shelf.Key{{Name: "k.pub", ID: public.ID(), Open: func(e []byte) ([]byte, error) { return sign.Verify(e, public) }}}
	}
	return shelf.New(c)
}

func (b *bench) list(s *shelf.Shelf) *shelf.List {
	b.Helper()
	list, err := s.List(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return list
}

func files(items []shelf.Item) (names []string) {
	for _, i := range items {
		names = append(names, i.File)
	}
	return names
}

func link(o *disclosure.Old) *disclosure.Link {
	return &disclosure.Link{ID: o.Document.ID, SHA256: o.SHA256}
}

// series puts three months, of which the second is restated.
func (b *bench) series() (jan, feb, again, mar *disclosure.Old) {
	jan = b.put("2026-01.json", period(1, 4_000_000), nil)
	feb = b.put("2026-02.json", period(2, 5_000_000), func(r *disclosure.Request) { r.Previous = link(jan) })
	again = b.put("2026-02-b.json", period(2, 6_000_000), func(r *disclosure.Request) {
		r.Previous, r.Restates, r.MadeAt = link(jan), feb, r.MadeAt.Add(24*time.Hour)
	})
	mar = b.put("2026-03.json", period(3, 7_000_000), func(r *disclosure.Request) { r.Previous = link(again) })
	return jan, feb, again, mar
}

func TestListTellsWhatFollowsAndReplacesWhat(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	jan, feb, again, _ := b.series()
	list := b.list(b.open(true))
	if diff := cmp.Diff([]string{"2026-03.json", "2026-02-b.json", "2026-02.json", "2026-01.json"}, files(list.Items)); diff != "" || len(list.Broken) > 0 {
		t.Fatalf("%s\n%+v", diff, list.Broken)
	}
	mar, b2, b1, a := list.Items[0], list.Items[1], list.Items[2], list.Items[3]
	for _, c := range []struct {
		what string
		got  *shelf.Related
		want *disclosure.Old
		file string
	}{
		{"previous of March", mar.Previous, again, "2026-02-b.json"},
		{"what February restates", b2.Restates, feb, "2026-02.json"},
		{"what restates February", b1.RestatedBy, again, "2026-02-b.json"},
		{"previous of February", b1.Previous, jan, "2026-01.json"},
		{"next of January, as made last", a.Next, again, "2026-02-b.json"},
	} {
		if c.got == nil || c.got.SHA256 != c.want.SHA256 || c.got.ID != c.want.Document.ID || c.got.File != c.file {
			t.Errorf("%s is %+v, want %s", c.what, c.got, c.file)
		}
	}
	for _, i := range list.Items {
		if !i.Holds || i.Signature.State != disclosure.OK || i.Signature.Name != "k.pub" || !i.Statement || i.Organisation != "Example" {
			t.Errorf("%+v", i)
		}
	}
	if mar.Totals.Energy != 7_000_000 || mar.Rows != 1 || mar.Next != nil {
		t.Errorf("%+v", mar)
	}
	if list := b.list(b.open(false)); list.Items[0].Signature.State != disclosure.NotGiven || len(list.Items[0].Signature.Keys) != 1 {
		t.Errorf("without a key: %+v", list.Items[0].Signature)
	}
}

func TestVerifySaysWhatTheProgramSays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	jan, _, _, mar := b.series()
	s := b.open(true)
	states := func(v *disclosure.Verification) map[string]disclosure.State {
		all := map[string]disclosure.State{}
		for _, c := range v.Checks {
			all[c.Name] = c.State
		}
		return all
	}
	const ok, no, failed = disclosure.OK, disclosure.NotGiven, disclosure.Failed
	want := map[string]disclosure.State{"form": ok, "id": ok, "sums": ok, "rules": no, "statement": ok, "signature": ok, "previous": ok, "inputs": no}
	for _, name := range []string{mar.SHA256, mar.Document.ID, strings.TrimPrefix(mar.Document.ID, "urn:uuid:")} {
		file, v, err := s.Verify(t.Context(), name, nil)
		if err != nil || file != "2026-03.json" {
			t.Fatal(file, err)
		}
		if diff := cmp.Diff(want, states(v)); diff != "" {
			t.Error(diff)
		}
	}
	_, v, err := s.Verify(t.Context(), jan.SHA256, func(*disclosure.Document) (*disclosure.Period, error) { return period(1, 4_000_001), nil })
	if err != nil || states(v)["inputs"] != failed {
		t.Errorf("other inputs: %v %v", v, err)
	}
	// With the document before it gone a chain cannot be verified; with another of its
	// id, it fails.
	if err := os.Remove(b.path("2026-02-b.json")); err != nil {
		t.Fatal(err)
	}
	if _, v, err = s.Verify(t.Context(), mar.SHA256, nil); err != nil || states(v)["previous"] != no {
		t.Errorf("%v %v", v, err)
	}
	if item := b.list(s).Items[0]; item.Previous == nil || item.Previous.File != "" {
		t.Errorf("the previous one is said to be there: %+v", item.Previous)
	}
	if broken := b.list(s).Broken; len(broken) != 2 || !strings.Contains(broken[0].Error, "not there") {
		t.Errorf("statements without a document: %+v", broken)
	}
}

// TestAChangedDocumentIsSeenAtOnce forges a document so that size and time stay.
func TestAChangedDocumentIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	jan := b.put("2026-01.json", period(1, 4_000_000), nil)
	s := b.open(true)
	b.list(s)
	info, err := os.Stat(b.path("2026-01.json"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(b.path("2026-01.json"))
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.ReplaceAll(text, []byte(`0.004`), []byte(`0.003`))
	b.write("2026-01.json", forged)
	if err := os.Chtimes(b.path("2026-01.json"), time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), jan.SHA256); !errors.Is(err, shelf.ErrNotFound) {
		t.Errorf("a forged document is given out: %v", err)
	}
	if err := os.Chtimes(b.path("2026-01.json"), time.Time{}, info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	item := b.list(s).Items[0]
	if diff := cmp.Diff([]string{"id", "statement", "signature"}, item.Failed); diff != "" || item.Holds || item.Signature.State != disclosure.Failed {
		t.Errorf("%s\n%+v", diff, item)
	}
	// Beside the original, both can be told apart, and the id is that of the one that holds.
	b.write("copy.json", forged)
	b.put("2026-01.json", period(1, 4_000_000), nil)
	d, err := s.Read(t.Context(), jan.Document.ID)
	if err != nil || d.Item.SHA256 != jan.SHA256 {
		t.Errorf("got %v, %v", d, err)
	}
	if d, err := s.Read(t.Context(), disclosure.Hash(forged)); err != nil || d.Item.File != "copy.json" || d.Item.Holds {
		t.Errorf("got %v, %v", d, err)
	}
}

func TestWhatIsNoDisclosureCostsItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put("good.json", period(1, 4_000_000), nil)
	good, err := os.ReadFile(b.path("good.json"))
	if err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(outside, good, 0o600); err != nil {
		t.Fatal(err)
	}
	b.write("again.json", good)
	b.write("empty.json", nil)
	b.write("text.json", []byte("<script>alert(1)</script>"))
	b.write("spaces.json", append([]byte(" "), good...))
	b.write("lonely.dsse.json", []byte("{}"))
	b.write("notes.txt", []byte("nothing"))
	b.write(".hidden.json", []byte("nothing"))
	for _, err := range []error{
		os.Symlink(outside, b.path("link.json")), os.Mkdir(b.path("folder.json"), 0o700), syscall.Mkfifo(b.path("pipe.json"), 0o600),
		os.WriteFile(b.path("huge.json"), nil, 0o600), os.Truncate(b.path("huge.json"), 1<<40),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	list := b.list(b.open(true))
	if diff := cmp.Diff([]string{"again.json"}, files(list.Items)); diff != "" {
		t.Error(diff)
	}
	got := map[string]string{}
	for _, one := range list.Broken {
		got[one.File] = one.Error
	}
	want := map[string]string{
		"empty.json": "not a disclosure", "folder.json": "no regular file", "good.json": "a copy of again.json", "huge.json": "larger than 16 MB",
		"link.json": "symbolic links are not followed", "lonely.dsse.json": "not there", "pipe.json": "no regular file",
		"spaces.json": "at byte 0", "text.json": "not a disclosure",
	}
	for name, text := range want {
		if !strings.Contains(got[name], text) {
			t.Errorf("%s: %q, want %q", name, got[name], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("broken are %v", got)
	}
}

func TestNothingIsReadAgainThatDidNotChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put("2026-01.json", period(1, 4_000_000), nil)
	s := b.open(true)
	first := b.list(s)
	if err := os.Chmod(b.path("2026-01.json"), 0); err != nil { // readable for nobody but root
		t.Fatal(err)
	}
	info, _ := os.Stat(b.path("2026-01.json"))
	if info.Mode().Perm() != 0 {
		t.Skip("this file system has no permissions")
	}
	if os.Getuid() != 0 {
		if list := b.list(s); len(list.Broken) != 1 || !strings.Contains(list.Broken[0].Error, fs.ErrPermission.Error()) {
			t.Errorf("a file that nobody may read: %+v", list)
		}
	}
	if err := os.Chmod(b.path("2026-01.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, b.list(s)); diff != "" {
		t.Error(diff)
	}
}

func TestFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := shelf.New(shelf.Config{Dir: filepath.Join(t.TempDir(), "none"), Peek: sign.Open})
	if list, err := s.List(t.Context()); err != nil || len(list.Items)+len(list.Broken) > 0 {
		t.Errorf("%+v %v", list, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := shelf.New(shelf.Config{Dir: file}).List(t.Context()); !errors.Is(err, shelf.ErrFolder) || strings.Contains(err.Error(), file) {
		t.Errorf("a file instead of a folder: %v", err)
	}
	b := newBench(t)
	b.put("2026-01.json", period(1, 1), nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.open(false).List(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestReadersSeeAWholeDocument replaces a document all the time while it is read.
func TestReadersSeeAWholeDocument(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one := b.put("a.json", period(1, 4_000_000), nil)
	s := b.open(false)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range 20 {
			b.put("a.json", period(1, unit.Energy(4_000_000+n%2)), nil)
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		d, err := s.Read(t.Context(), one.SHA256)
		if err == nil && disclosure.Hash(d.Text) != one.SHA256 {
			t.Error("another document is given out")
		}
		if err != nil && !errors.Is(err, shelf.ErrNotFound) {
			t.Error(err)
		}
	}
}

func TestCompareChoosesTheOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	jan, feb, again, mar := b.series()
	s := b.open(true)
	for _, c := range []struct{ name, with, want string }{
		{mar.SHA256, "", again.SHA256}, {again.SHA256, "", feb.SHA256}, {feb.SHA256, "", jan.SHA256}, {mar.SHA256, jan.Document.ID, jan.SHA256},
	} {
		got, err := s.Compare(t.Context(), c.name, c.with)
		if err != nil || got.Before.SHA256 != c.want || got.After.SHA256 != c.name {
			t.Errorf("%s with %q: %+v, %v", c.name, c.with, got, err)
		}
	}
	if _, err := s.Compare(t.Context(), jan.SHA256, ""); !errors.Is(err, shelf.ErrNoOther) {
		t.Errorf("the first one: %v", err)
	}
	if _, err := s.Compare(t.Context(), jan.SHA256, "x"); !errors.Is(err, shelf.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestDisclosedIsWhatASoundDocumentWasMadeFrom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := period(1, 4_000_000)
	q := period(2, 4_000_000)
	q.Inputs = append(q.Inputs, p.Inputs...)
	b.put("jan.json", p, nil)
	s := b.open(true)
	hash := p.Inputs[0].SHA256
	ask := func(span account.Span, hashes ...string) bool {
		t.Helper()
		is, err := s.Disclosed(t.Context(), span, hashes)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	both := account.NewSpan(p.Span.From, q.Span.To)
	if !ask(p.Span, "x", hash) || ask(p.Span, "x") || ask(both, hash) {
		t.Error("January alone is disclosed, of one file")
	}
	b.put("feb.json", q, nil)
	if !ask(both, hash) {
		t.Error("both months are disclosed")
	}
	if err := os.Remove(b.path("jan.dsse.json")); err != nil {
		t.Fatal(err)
	}
	if ask(both, hash) || !ask(q.Span, hash) {
		t.Error("what nobody signed counts")
	}
}

// TestManyFiles holds a folder of more files than are read to its bounds.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put("0.json", period(1, 4_000_000), nil)
	for n := range 150 {
		b.write(fmt.Sprintf("x%05d.json", n), []byte("{}"))
	}
	s := b.open(true)
	s.Bound(1000, 100)
	list := b.list(s)
	if len(list.Items) != 1 || len(list.Broken) != 99 || list.LeftOff != 51 {
		t.Errorf("%d disclosures, %d broken, %d left off", len(list.Items), len(list.Broken), list.LeftOff)
	}
	if again := b.list(s); !slices.Equal(files(again.Items), files(list.Items)) {
		t.Error("another list")
	}
	s.Bound(20, 100)
	if list := b.list(s); len(list.Items)+len(list.Broken) > 20 || list.LeftOff == 0 {
		t.Errorf("%d of many are listed, %d left off", len(list.Items)+len(list.Broken), list.LeftOff)
	}
}

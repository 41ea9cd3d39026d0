package emit_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

type writer func(io.Writer, *emit.Document, emit.Options) error

func render(t *testing.T, write writer, doc *emit.Document, o emit.Options) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b, doc, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shop returns a document with something of everything.
func shop() *emit.Document {
	row := func(kv ...any) *value.Map { return pairsOf(kv...) }
	num, text := value.OfNumber, value.OfText
	web := tree.New("web", "tree.children.web")
	web.Attrs.Set("pipeline", value.OfMap(pairsOf("compute", value.OfList([]value.Value{text("sum"), text("sci")}))))
	web.SetInputs(frame.FromRows([]*value.Map{
		row("timestamp", text("2024-01-01T00:00:00.000Z"), "duration", num(60), "region", text("eu"), "cpu", num(0.25), "note", value.OfNull()),
		row("timestamp", text("2024-01-01T00:01:00.000Z"), "duration", num(60), "region", text("eu"), "cpu", num(1e-7), "note", text("a,b \"c\"")),
		row("timestamp", text("2024-01-01T00:02:00.000Z"), "duration", num(60), "region", text("eu"), "cpu", num(math.NaN())),
		row("duration", num(60), "timestamp", text("2024-01-01T00:03:00.000Z"), "tags", value.OfList([]value.Value{text("x"), value.OfMap(row("y", num(1)))})),
	}))
	web.SetOutputs(frame.FromRows([]*value.Map{
		row("timestamp", value.OfTime(1704067200000), "duration", num(60), "carbon", num(1.5), "region", text("yes")),
		row("timestamp", value.OfTime(1704067260000), "duration", num(60), "carbon", num(math.Inf(1)), "region", text("")),
		row("timestamp", value.OfTime(1704067320000), "duration", num(60), "carbon", num(1e21), "region", text("line one\nline two\n")),
	}))
	web.SetAggregated(pairsOf("carbon", num(math.Inf(1)), "left out", value.Value{}))
	db := tree.New("db, main", "tree.children.db, main")
	db.SetOutputs(frame.FromRows([]*value.Map{row("carbon", num(2), "only here", value.OfBool(true)), row(), row("carbon", num(3))}))
	db.SetAggregated(pairsOf("carbon", num(5)))
	empty := tree.New("empty", "tree.children.empty")
	group := tree.New("group", "tree.children.group")
	group.SetChildren(nil)
	group.Attrs.Set("defaults", value.OfNull())
	root := tree.New("", "tree")
	root.SetChildren([]*tree.Node{web, db, empty, group})
	root.SetAggregated(pairsOf("carbon", num(math.Inf(1))))
	head := pairsOf("name", text("shop"), "description", text(strings.Repeat("long words ", 12)), "tags", value.OfMap(nil),
		"initialize", value.OfMap(pairsOf("plugins", value.OfMap(pairsOf("sum", value.OfMap(pairsOf("path", text("builtin"))))))))
	return &emit.Document{Head: head, Tree: root}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]writer{"yaml": emit.YAML, "json": emit.JSON, "csv": emit.CSV} {
		golden.Equal(t, "testdata/shop."+name, render(t, write, shop(), emit.Options{}))
		golden.Equal(t, "testdata/shop-aggregated."+name, render(t, write, shop(), emit.Options{OnlyAggregated: true}))
	}
}

// A total of which parts were left out says so without the observations as well.
func TestOnlyAggregatedSaysWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	root := tree.New("", "tree")
	root.Attrs.Set("defaults", value.OfMap(pairsOf("region", value.OfText("uk"))))
	root.SetAggregated(pairsOf("carbon", value.OfNumber(3)))
	for _, key := range []string{"skipped-components", "missing-components", "partial-steps"} {
		root.Attrs.Set(key, value.OfNumber(1))
	}
	doc := &emit.Document{Head: value.NewMap(0), Tree: root}
	want := "tree:\n  aggregated:\n    carbon: 3\n  skipped-components: 1\n  missing-components: 1\n  partial-steps: 1\n"
	if got := string(render(t, emit.YAML, doc, emit.Options{OnlyAggregated: true})); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// randomFrame returns rows that have a shape in common, a few, or none.
func randomFrame(r *rand.Rand) *frame.Frame {
	names := []string{"timestamp", "duration", "a b", "x: y", "yes", strings.Repeat("k", 1030), "carbon", "", "t'", "9x"}
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+r.IntN(len(names)-1)]
	kinds := make([]int, len(names))
	for i := range kinds {
		kinds[i] = r.IntN(9)
	}
	rows := make([]*value.Map, r.IntN(40))
	ragged := r.IntN(3) == 0
	for i := range rows {
		rows[i] = value.NewMap(len(names))
		for k, name := range names {
			if ragged && r.IntN(8) == 0 {
				continue
			}
			rows[i].Set(name, randomCell(r, kinds[k], i))
		}
	}
	return frame.FromRows(rows)
}

func randomCell(r *rand.Rand, kind, row int) value.Value {
	at := int64(row) * int64(r.IntN(2e9))
	switch kind {
	case 0, 1:
		return value.OfNumber(randomNumber(r))
	case 2:
		return value.OfNumber(60)
	case 3:
		return value.OfText(randomText(r))
	case 4:
		layout := []value.Layout{value.ISOMillis, value.ISOSeconds, value.ISOMinutes, value.Naive, value.NaiveShort}[row/40%5]
		return value.OfText(string(value.AppendISO(nil, 1702339200000+at, layout)))
	case 5:
		return value.OfTime(at - 1e9)
	case 6:
		return value.OfText([]string{"eu", "us"}[r.IntN(2)])
	case 7:
		return value.OfText(string(value.AppendISO(nil, at-at%60000, value.NaiveShort)))
	}
	return randomValue(r, 3)
}

// randomDocument returns a document, and the same as one value.
func randomDocument(r *rand.Rand) (*emit.Document, value.Value) {
	doc := &emit.Document{Head: value.NewMap(0)}
	whole := value.NewMap(0)
	for i := range r.IntN(3) {
		name, v := fmt.Sprintf("k%d%s", i, randomText(r)), randomValue(r, 2)
		doc.Head.Set(name, v)
		whole.Set(name, v)
	}
	f := randomFrame(r)
	doc.Bulk = []*frame.Frame{f}
	doc.Head.Set("bulk", value.OfList([]value.Value{value.OfBulk(0), value.OfMap(pairsOf("b", value.OfBulk(0), "c", value.OfBulk(7)))}))
	whole.Set("bulk", value.OfList([]value.Value{rowsValue(f), value.OfMap(pairsOf("b", rowsValue(f), "c", value.OfList(nil)))}))
	root, rootValue := randomNode(r, "", "tree", 0)
	doc.Tree = root
	whole.Set("tree", rootValue)
	return doc, value.OfMap(whole)
}

func randomNode(r *rand.Rand, name, path string, depth int) (*tree.Node, value.Value) {
	n, whole := tree.New(name, path), value.NewMap(0)
	for i := range r.IntN(3) {
		key, v := fmt.Sprintf("attr%d", i), randomValue(r, 2)
		n.Attrs.Set(key, v)
		whole.Set(key, v)
	}
	if depth < 3 && r.IntN(3) > 0 {
		var children []*tree.Node
		under := value.NewMap(0)
		for i := range r.IntN(4) {
			childName := fmt.Sprintf("c%d%s", i, randomText(r))
			child, v := randomNode(r, childName, path+".children."+childName, depth+1)
			children = append(children, child)
			under.Set(childName, v)
		}
		n.SetChildren(children)
		whole.Set("children", value.OfMap(under))
	} else {
		n.SetInputs(randomFrame(r))
		whole.Set("inputs", rowsValue(n.Inputs))
	}
	if r.IntN(2) == 0 {
		n.SetOutputs(randomFrame(r))
		whole.Set("outputs", rowsValue(n.Outputs))
		n.SetAggregated(pairsOf("carbon", value.OfNumber(randomNumber(r))))
		whole.Set("aggregated", value.OfMap(n.Aggregated))
	}
	return n, value.OfMap(whole)
}

func rowsValue(f *frame.Frame) value.Value {
	var items []value.Value
	for _, row := range f.Rows() {
		items = append(items, value.OfMap(row))
	}
	return value.OfList(items)
}

// A document is written as the value would be that holds all of it: frames,
// shapes of rows and workers change nothing.
func TestYAMLWritesDocumentsAsValues(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		doc, whole := randomDocument(rand.New(rand.NewPCG(seed, 3)))
		want := written(t, whole)
		for workers := range 4 {
			if got := render(t, emit.YAML, doc, emit.Options{Workers: workers}); got != want {
				t.Fatalf("seed %d, %d workers:\n%s", seed, workers, cmp.Diff(want, got))
			}
		}
	}
}

func TestJSONHoldsTheDocument(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		doc, whole := randomDocument(rand.New(rand.NewPCG(seed, 4)))
		text := render(t, emit.JSON, doc, emit.Options{Workers: int(seed % 3)})
		decoder := json.NewDecoder(strings.NewReader(text))
		got, err := fromJSON(decoder)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if _, err := decoder.Token(); err != io.EOF {
			t.Fatalf("seed %d: more than one document", seed)
		}
		if want := asJSON(whole); !value.Equal(got, want) {
			t.Fatalf("seed %d:\n%s", seed, cmp.Diff(written(t, want), written(t, got)))
		}
	}
}

// asJSON returns what is left of a value in JSON.
func asJSON(v value.Value) value.Value {
	switch v.Kind() {
	case value.Absent:
		return value.OfNull()
	case value.Number:
		f, _ := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return value.OfNull()
		}
		return value.OfNumber(f + 0)
	case value.Time:
		var b strings.Builder
		_ = emit.Value(&b, v)
		return value.OfText(strings.TrimSpace(b.String()))
	case value.List:
		var items []value.Value
		for _, item := range v.List() {
			items = append(items, asJSON(item))
		}
		return value.OfList(items)
	case value.Object:
		m := value.NewMap(0)
		for name, item := range v.Map().All() {
			if item.Kind() != value.Absent {
				m.Set(name, asJSON(item))
			}
		}
		return value.OfMap(m)
	}
	return v
}

// fromJSON reads a value with the order of its keys.
func fromJSON(d *json.Decoder) (value.Value, error) {
	token, err := d.Token()
	if err != nil {
		return value.Value{}, err
	}
	switch token := token.(type) {
	case nil:
		return value.OfNull(), nil
	case bool:
		return value.OfBool(token), nil
	case float64:
		return value.OfNumber(token), nil
	case string:
		return value.OfText(token), nil
	case json.Delim:
		if token == '[' {
			return listFromJSON(d)
		}
	}
	m := value.NewMap(0)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return value.Value{}, err
		}
		v, err := fromJSON(d)
		if err != nil {
			return value.Value{}, err
		}
		m.Set(key.(string), v)
	}
	_, err = d.Token()
	return value.OfMap(m), err
}

func listFromJSON(d *json.Decoder) (value.Value, error) {
	var items []value.Value
	for d.More() {
		item, err := fromJSON(d)
		if err != nil {
			return value.Value{}, err
		}
		items = append(items, item)
	}
	_, err := d.Token()
	return value.OfList(items), err
}

// Every output and every aggregated value is in its cell of the table, and
// there is nothing else in it.
func TestCSVHoldsTheOutputs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		doc, _ := randomDocument(rand.New(rand.NewPCG(seed, 5)))
		text := render(t, emit.CSV, doc, emit.Options{Workers: int(seed % 3)})
		records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		header, rest := records[0], records[1:]
		if want := []string{"component", "record", "timestamp", "duration"}; !slices.Equal(header[:4], want) {
			t.Fatalf("seed %d: got %v", seed, header)
		}
		for n := range doc.Tree.Walk() {
			for row := range n.Outputs.Len() {
				checkRecord(t, header, rest[0], n.Path, "output", n.Outputs.Row(row))
				rest = rest[1:]
			}
			if n.Aggregated != nil {
				checkRecord(t, header, rest[0], n.Path, "aggregated", n.Aggregated)
				rest = rest[1:]
			}
		}
		if len(rest) != 0 {
			t.Fatalf("seed %d: %d lines too many", seed, len(rest))
		}
	}
}

func checkRecord(t *testing.T, header, cells []string, path, record string, m *value.Map) {
	t.Helper()
	if lineEnds(path) != cells[0] || cells[1] != record {
		t.Fatalf("got %q, want %q, %q", cells[:2], path, record)
	}
	for i, name := range header[2:] {
		if got, want := cells[i+2], lineEnds(cellText(m.Get(name))); got != want {
			t.Fatalf("%s, %q: got %q, want %q", path, name, got, want)
		}
	}
	for name, v := range m.All() {
		if v.Kind() != value.Absent && !slices.Contains(header, lineEnds(name)) {
			t.Fatalf("%s: no column %q", path, name)
		}
	}
}

// lineEnds does what encoding/csv does to a field when it reads it.
func lineEnds(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func cellText(v value.Value) string {
	switch v.Kind() {
	case value.Absent, value.Null:
		return ""
	case value.Time:
		s, _ := asJSON(v).Str()
		return s
	case value.List, value.Object:
		var b bytes.Buffer
		doc := &emit.Document{Head: pairsOf("v", v)}
		_ = emit.JSON(&b, doc, emit.Options{})
		var whole struct{ V json.RawMessage }
		_ = json.Unmarshal(b.Bytes(), &whole)
		var compact bytes.Buffer
		_ = json.Compact(&compact, whole.V)
		return compact.String()
	}
	return v.String()
}

func TestEmptyDocuments(t *testing.T) {
	t.Parallel()
	want := map[string]writer{"{}\n": emit.JSON, "component,record,timestamp,duration\n": emit.CSV}
	for text, write := range want {
		for workers := range 3 {
			if got := render(t, write, &emit.Document{}, emit.Options{Workers: workers}); got != text {
				t.Errorf("got %q, want %q", got, text)
			}
		}
	}
	if got := render(t, emit.YAML, &emit.Document{}, emit.Options{}); got != "{}\n" {
		t.Errorf("got %q", got)
	}
	leaf := &emit.Document{Tree: tree.New("", "tree")}
	if got := render(t, emit.YAML, leaf, emit.Options{}); got != "tree: {}\n" {
		t.Errorf("got %q", got)
	}
}

// Files are UTF-8, whatever a text is.
func TestTextsThatAreNotUTF8AreRepaired(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a\xff", "\xff", "a: \xc3(", "\x00\xff", "line\nlong \xf0\x9f", "\ufffd"} {
		texts := frame.New(3, frame.NewTexts("k\xff", []string{text, "b", text}))
		n := tree.New("n\xff", "tree\xff")
		n.SetOutputs(texts)
		doc := &emit.Document{Head: pairsOf(text, value.OfText(text)), Tree: n}
		for name, write := range map[string]writer{"yaml": emit.YAML, "json": emit.JSON, "csv": emit.CSV} {
			got := render(t, write, doc, emit.Options{})
			if !utf8.ValidString(got) || !strings.Contains(got, "\ufffd") {
				t.Errorf("%s of %q: got %q", name, text, got)
			}
		}
	}
}

// Many chunks: the bytes do not depend on the number of workers.
func TestWorkersChangeNothing(t *testing.T) {
	t.Parallel()
	doc := large(4)
	for name, write := range map[string]writer{"yaml": emit.YAML, "json": emit.JSON, "csv": emit.CSV} {
		want := render(t, write, doc, emit.Options{})
		for _, workers := range []int{2, 3, 8} {
			if got := render(t, write, doc, emit.Options{Workers: workers}); got != want {
				t.Errorf("%s: differs with %d workers", name, workers)
			}
		}
	}
}

// failing fails after some bytes.
type failing struct{ left int }

var errFull = errors.New("disk full")

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrorsAreReturned(t *testing.T) {
	t.Parallel()
	doc := large(4)
	for _, write := range []writer{emit.YAML, emit.JSON, emit.CSV} {
		for workers := 1; workers < 4; workers++ {
			for _, room := range []int{0, 300 << 10, 1 << 20} {
				if err := write(&failing{room}, doc, emit.Options{Workers: workers}); !errors.Is(err, errFull) {
					t.Errorf("%d workers, room for %d: got %v", workers, room, err)
				}
			}
		}
	}
	if err := emit.Value(&failing{0}, value.OfNull()); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

// widest remembers the largest write.
type widest struct{ n int }

func (w *widest) Write(p []byte) (int, error) {
	w.n = max(w.n, len(p))
	return len(p), nil
}

// However large a document is and whatever is large in it, it is written in
// pieces.
func TestWritesAreBounded(t *testing.T) {
	t.Parallel()
	items := make([]value.Value, 100_000)
	head, long := value.NewMap(0), value.NewMap(0)
	var children []*tree.Node
	for i := range items {
		name := fmt.Sprintf("name%d", i)
		items[i] = value.OfText(name)
		long.Set(name, items[i])
		children = append(children, tree.New(name, "tree.children."+name))
	}
	head.Set("list", value.OfList(items))
	head.Set("map", value.OfMap(long))
	root := tree.New("", "tree")
	root.SetChildren(children)
	docs := []*emit.Document{{Head: head}, {Tree: root}, large(2)}
	for _, write := range []writer{emit.YAML, emit.JSON, emit.CSV} {
		for i, doc := range docs {
			var w widest
			if err := write(&w, doc, emit.Options{Workers: i}); err != nil || w.n > 1<<20 {
				t.Errorf("document %d: a write of %d bytes, %v", i, w.n, err)
			}
		}
	}
}

// What is allocated does not grow with the rows.
func TestNoAllocationPerValue(t *testing.T) {
	allocs := func(rows int) float64 {
		n := tree.New("", "tree")
		full := large(1).Tree.Children[0].Outputs
		n.SetOutputs(full.Slice(0, rows))
		doc := &emit.Document{Tree: n}
		return testing.AllocsPerRun(5, func() { _ = emit.YAML(io.Discard, doc, emit.Options{}) })
	}
	if few, many := allocs(144), allocs(1440); many > few+20 { // buffers grow to their size in a few steps
		t.Errorf("%v allocations for 144 rows, %v for 1440", few, many)
	}
}

func ExampleIsAggregate() {
	fmt.Println(emit.IsAggregate("aggregated"), emit.IsAggregate("skipped-components"), emit.IsAggregate("outputs"))
	// Output: true true false
}

package manifest

import (
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// treeReader makes nodes of a document's values. It takes the maps of the tree
// over: of many small components there would else be twice as much as needed.
type treeReader struct {
	file  string
	doc   *yaml.Doc
	lines map[*tree.Node]*scan.Lines
	list  diag.List
}

func (r *treeReader) node(name, path string, v value.Value, line int) *tree.Node {
	n := &tree.Node{Name: name, Path: path, Line: line, Attrs: v.Map()}
	if n.Attrs == nil && v.Kind() != value.Null {
		n.Attrs = value.NewMap(0)
	}
	if v.Kind() != value.Object {
		r.report(n, "TypeError", "Cannot read properties of "+v.Kind().String()+" (reading 'pipeline')").
			WithHint("give the component inputs or children, or remove it")
		return n
	}
	in := v.Map()
	for i := range in.Len() {
		key, item := in.Key(i), in.At(i)
		if key == tree.KeyChildren && item.Kind() == value.Object || item.Kind() == value.Bulk && isFrameKey(key) {
			n.Attrs.Set(key, value.OfBool(true)) // holds the place
		} else {
			n.Attrs.Set(key, r.doc.Plain(item))
		}
		switch key {
		case tree.KeyChildren:
			r.children(n, item)
		case tree.KeyInputs:
			n.Inputs = r.frame(n, key, item)
		case tree.KeyOutputs:
			n.Outputs = r.frame(n, key, item)
		case tree.KeyAggregated:
			n.Aggregated = item.Map()
		}
	}
	return n
}

func isFrameKey(key string) bool { return key == tree.KeyInputs || key == tree.KeyOutputs }

func (r *treeReader) children(n *tree.Node, v value.Value) {
	if !v.Truthy() {
		return
	}
	if v.Kind() != value.Object {
		r.report(n, classManifest, "children must be a map of components, not "+v.Kind().String()).
			WithHint("write children as `name: {...}`, one key per component")
		return
	}
	in := v.Map()
	n.Children = make([]*tree.Node, 0, in.Len())
	for i := range in.Len() {
		path := n.Path + "." + tree.KeyChildren + "." + in.Key(i)
		n.Children = append(n.Children, r.node(in.Key(i), path, in.At(i), in.LineAt(i)))
	}
}

// frame returns the observations of a list of maps. Inputs by reference, an
// object with the key from, are left for the run to open.
func (r *treeReader) frame(n *tree.Node, key string, v value.Value) *frame.Frame {
	if i, ok := v.BulkIndex(); ok {
		bulk := r.doc.Bulk[i]
		if key == tree.KeyInputs {
			r.lines[n] = bulk.Lines
		}
		return bulk.Frame
	}
	if v.IsNullish() || v.Map().Has("from") {
		return nil
	}
	rows := make([]*value.Map, 0, len(v.List()))
	for _, item := range v.List() {
		if item.Kind() != value.Object {
			r.report(n, "InputValidationError", key+" must be a list of maps, and holds a "+item.Kind().String()).
				WithHint("write each observation as `- timestamp: ...`, `duration: ...` and its metrics")
			return nil
		}
		rows = append(rows, item.Map())
	}
	if v.Kind() != value.List {
		r.report(n, "InputValidationError", key+" must be a list of maps, not "+v.Kind().String()).
			WithHint("write the observations as a list, or `inputs: {from: FILE}` for a CSV or NDJSON file")
		return nil
	}
	return frame.FromRows(rows)
}

func (r *treeReader) report(n *tree.Node, class, text string) *diag.Problem {
	p := diag.New(class, "%s", text)
	p.File, p.Line, p.Component = r.file, n.Line, n.Path
	r.list = append(r.list, p)
	return p
}

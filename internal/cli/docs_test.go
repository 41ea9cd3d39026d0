package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/cli"
	"github.com/dendro-carbon/dendro/internal/golden"
	"github.com/dendro-carbon/dendro/internal/manifest"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/files"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/tree"
	"github.com/dendro-carbon/dendro/internal/value"
)

// A block of docs/MANIFEST.md between fences, with what stands behind the
// language:
//
//	yaml NAME.yml, csv NAME.csv  a file, which later blocks refer to
//	yaml result NAME.yml         part of what running that manifest gives
//	yaml plugin                  an entry of initialize.plugins, the rows that it gets
//	                             (inputs) and all that it makes of them (outputs)
//	console                      commands, each with all that it prints; -update writes it
//	sh                           usage, to look at
type block struct {
	line       int
	kind, name string
	text       string
}

func manifestPage(t *testing.T) (path, text string) {
	t.Helper()
	path = filepath.Join(testenv.Root(t), "docs", "MANIFEST.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, string(page)
}

// blocks returns the fenced blocks of a page.
func blocks(page string) []block {
	var found []block
	inside := false
	line := 0
	for text := range strings.Lines(page) {
		line++
		info, fence := strings.CutPrefix(text, "```")
		switch {
		case fence && inside:
			inside = false
		case fence:
			inside = true
			words := strings.Fields(info)
			b := block{line: line, kind: strings.Join(words, " ")}
			if last := len(words) - 1; last > 0 && strings.Contains(words[last], ".") {
				b.kind, b.name = strings.Join(words[:last], " "), words[last]
			}
			found = append(found, b)
		case inside:
			found[len(found)-1].text += text
		}
	}
	return found
}

// TestManifestPage runs what docs/MANIFEST.md shows and compares what it says
// comes out.
func TestManifestPage(t *testing.T) {
	path, page := manifestPage(t)
	t.Chdir(t.TempDir())
	printed := page
	kinds := make(map[string]int)
	for _, b := range blocks(page) {
		kinds[b.kind]++
		t.Run(fmt.Sprintf("line-%d", b.line), func(t *testing.T) {
			switch {
			case b.kind == "yaml result":
				checkResult(t, b)
			case b.name != "":
				if err := os.WriteFile(b.name, []byte(b.text), 0o600); err != nil {
					t.Fatal(err)
				}
			case b.kind == "yaml plugin":
				checkPlugin(t, b)
			case b.kind == "console":
				printed = strings.Replace(printed, "```console\n"+b.text, "```console\n"+console(t, b), 1)
			case b.kind == "sh": // usage
			default:
				t.Errorf("docs/MANIFEST.md:%d: a block of kind %q is not tested; see internal/cli/docs_test.go", b.line, b.kind)
			}
		})
	}
	for _, kind := range []string{"yaml result", "yaml plugin", "console"} {
		if kinds[kind] == 0 {
			t.Errorf("docs/MANIFEST.md has no block of kind %q", kind)
		}
	}
	golden.Equal(t, path, printed)
}

// console runs the commands of a console. It returns them with what they print,
// on either stream.
func console(t *testing.T, b block) string {
	t.Helper()
	var out strings.Builder
	for text := range strings.Lines(b.text) {
		command, ok := strings.CutPrefix(text, "$ dendro ")
		if !ok {
			continue
		}
		out.WriteString(text)
		var args []string
		for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(command, -1) {
			args = append(args, strings.Trim(word, "'"))
		}
		cli.Run(t.Context(), args, strings.NewReader(""), &out, &out)
	}
	return regexp.MustCompile(` +\n`).ReplaceAllString(out.String(), "\n") // an editor would, too
}

// checkResult runs a manifest and looks for all that the block shows of the
// result.
func checkResult(t *testing.T, b block) {
	t.Helper()
	var out, errs bytes.Buffer
	if cli.Run(t.Context(), []string{"run", "-m", b.name, "--format", "json"}, nil, &out, &errs) != 0 {
		t.Fatalf("docs/MANIFEST.md:%d: %s does not run: %s", b.line, b.name, errs.String())
	}
	var got, want any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(emit.AppendJSON(nil, read(t, b.text)), &want); err != nil {
		t.Fatal(err)
	}
	for _, difference := range lacks("", want, got) {
		t.Errorf("docs/MANIFEST.md:%d: %s", b.line, difference)
	}
}

// lacks returns what of want is not in got. Lists are equally long.
func lacks(path string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		have, _ := got.(map[string]any)
		var found []string
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if _, ok := have[key]; !ok {
				found = append(found, path+"."+key+" is not in the result")
				continue
			}
			found = append(found, lacks(path+"."+key, want[key], have[key])...)
		}
		return found
	case []any:
		have, _ := got.([]any)
		if len(have) != len(want) {
			return []string{fmt.Sprintf("%s has %d items, not %d", path, len(have), len(want))}
		}
		var found []string
		for i := range want {
			found = append(found, lacks(fmt.Sprintf("%s[%d]", path, i), want[i], have[i])...)
		}
		return found
	}
	if want != got {
		return []string{fmt.Sprintf("%s is %v, not %v", path, got, want)}
	}
	return nil
}

func read(t *testing.T, text string) value.Value {
	t.Helper()
	doc, err := yaml.Read("", []byte(text), yaml.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Plain(doc.Root)
}

// checkPlugin runs one plugin on the inputs of the block.
func checkPlugin(t *testing.T, b block) {
	t.Helper()
	shown := read(t, b.text).Map()
	entry, component := value.NewMap(4), value.NewMap(1)
	entry.Set("path", value.OfText("builtin"))
	for key, v := range shown.All() {
		switch key {
		case "inputs":
			component.Set(tree.KeyInputs, v)
		case "outputs":
		default:
			entry.Set(key, v)
		}
	}
	m := read(t, "{name: page, initialize: {plugins: {}}, tree: {pipeline: {compute: [it]}, children: {}}}").Map()
	m.Get("initialize").Map().Get("plugins").Map().Set("it", value.OfMap(entry))
	m.Get("tree").Map().Get("children").Map().Set("one", value.OfMap(component))
	parsed, err := manifest.Read("page.yml", emit.AppendJSON(nil, value.OfMap(m)), compat.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := parsed.Run(context.Background(), manifest.Options{AllowShell: true, Files: files.New(files.Options{Offline: true})})
	if err != nil {
		t.Fatalf("docs/MANIFEST.md:%d: %v", b.line, err)
	}
	var want, got strings.Builder
	for _, row := range shown.Get("outputs").List() {
		want.Write(append(emit.AppendJSON(nil, row), '\n'))
	}
	for _, row := range result.Tree.Children[0].Outputs.Rows() {
		got.Write(append(emit.AppendJSON(nil, value.OfMap(row)), '\n'))
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("docs/MANIFEST.md:%d: outputs (-page +run):\n%s\nrun:\n%s", b.line, diff, got.String())
	}
}

// TestBuiltinsDocumented holds the sections of docs/MANIFEST.md on builtins equal
// to the code: one for each, whose table has each key of its config.
func TestBuiltinsDocumented(t *testing.T) {
	t.Parallel()
	_, page := manifestPage(t)
	sections := make(map[string][]string)
	for _, m := range regexp.MustCompile("(?ms)^### `([A-Z]\\w+)`\n(.*?)^##").FindAllStringSubmatch(
		strings.ReplaceAll(page, "\n##", "\n##\n##")+"\n##", -1) {
		sections[m[1]] = tableKeys(m[2])
		if !strings.Contains(m[2], "```yaml plugin") && !strings.Contains(m[2], "```yaml result") {
			t.Errorf("the section on %s has no example", m[1])
		}
	}
	_, err := builtin.New(builtin.Spec{Method: "none of them"}, compat.Options{})
	_, list, _ := strings.Cut(err.Error(), "builtin methods: ")
	keys := configKeys(t)
	for method := range strings.SplitSeq(list, ", ") {
		want := slices.Sorted(slices.Values(keys[method]))
		got := slices.Sorted(slices.Values(sections[method]))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("keys of %s (-code +docs/MANIFEST.md):\n%s", method, diff)
		}
		delete(sections, method)
	}
	for method := range sections {
		t.Errorf("docs/MANIFEST.md has a section on %s, which is not a builtin", method)
	}
}

// tableKeys returns what the first column of the table of keys has between
// backquotes.
func tableKeys(section string) []string {
	var keys []string
	inside := false
	for line := range strings.Lines(section) {
		cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		switch {
		case !ok || !strings.HasPrefix(line, "| "):
			inside = inside && strings.HasPrefix(line, "|")
		case cell == "key":
			inside = true
		case inside:
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
				keys = append(keys, m[1])
			}
		}
	}
	return keys
}

// TestManifestKeysDocumented looks for every key that the schema of a manifest
// names.
func TestManifestKeysDocumented(t *testing.T) {
	t.Parallel()
	_, page := manifestPage(t)
	keys := []string{
		tree.KeyChildren, tree.KeyInputs, tree.KeyOutputs, tree.KeyAggregated, "pipeline", "defaults",
		"observe", "regroup", "compute", "from", "tree",
	}
	schema := parse(t, "../manifest/schema.go")
	ast.Inspect(schema, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(f.Sel.Name, "keep") {
			keys = append(keys, literals(call.Args[2])...)
		}
		return true
	})
	if len(keys) < 30 {
		t.Errorf("the schema has only %d keys: has it been written anew?", len(keys))
	}
	for _, key := range keys {
		if !regexp.MustCompile("`([\\w.-]+\\.)?" + regexp.QuoteMeta(key) + "(\\.[\\w.-]+)?`").MatchString(page) {
			t.Errorf("docs/MANIFEST.md does not mention `%s`", key)
		}
	}
}

// configKeys returns the keys of each builtin's config: the texts with which the
// function that binds it, and those that it calls, name them.
func configKeys(t *testing.T) map[string][]string {
	t.Helper()
	names, err := filepath.Glob("../manifest/builtin/*.go")
	if err != nil {
		t.Fatal(err)
	}
	functions := make(map[string]*ast.FuncDecl)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, decl := range parse(t, name).Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				functions[f.Name.Name] = f
			}
		}
	}
	binds := regexp.MustCompile(`Name: "(\w+)", Bind: (\w+)`)
	table, err := os.ReadFile("../manifest/builtin/builtin.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := make(map[string][]string)
	for _, m := range binds.FindAllStringSubmatch(string(table), -1) {
		seen := make(map[string]bool)
		keysIn(functions, m[2], seen, func(key string) {
			if !slices.Contains(keys[m[1]], key) {
				keys[m[1]] = append(keys[m[1]], key)
			}
		})
	}
	return keys
}

// keysIn finds the config keys named in a function and those it calls. A key of
// a map in the config is named by both, with a dot.
func keysIn(functions map[string]*ast.FuncDecl, name string, seen map[string]bool, found func(string)) {
	f := functions[name]
	if f == nil || seen[name] {
		return
	}
	seen[name] = true
	var outer []string
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			keysIn(functions, n.Name, seen, found)
		case *ast.SelectorExpr:
			ast.Inspect(n.X, visit)
			return false
		case *ast.CompositeLit:
			if name == "embodiedSettings" && len(n.Elts) == 3 { // a row of that table
				for _, key := range literals(n.Elts[0]) {
					found(key)
				}
			}
		case *ast.CallExpr:
			key, ok := keyOf(n)
			if !ok {
				return true
			}
			outer = append(outer, key)
			found(strings.Join(outer, "."))
			ast.Inspect(n.Args[1], visit)
			outer = outer[:len(outer)-1]
			return false
		}
		return true
	}
	ast.Inspect(f.Body, visit)
}

// keyOf returns the key of a call of plugin.Key with a text.
func keyOf(call *ast.CallExpr) (string, bool) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Key" || len(call.Args) != 2 {
		return "", false
	}
	keys := literals(call.Args[0])
	return strings.Join(keys, ""), len(keys) == 1
}

// literals returns the text that an expression is, if it is one.
func literals(e ast.Expr) []string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nil
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil
	}
	return []string{text}
}

func parse(t *testing.T, name string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

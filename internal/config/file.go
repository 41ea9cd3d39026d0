package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// maxFile is the largest configuration that is read.
const maxFile = 1 << 20

// readSmall reads a file of at most maxFile bytes.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("%s: larger than %d bytes", path, maxFile)
	}
	return content, err
}

// loading is a Config in the making.
type loading struct {
	config   Config
	targets  map[string]target // by path
	origins  map[string]Origin
	problems diag.List
}

func newLoading() *loading {
	l := &loading{config: Defaults(), targets: map[string]target{}, origins: map[string]Origin{}}
	for _, section := range Settings() {
		for _, s := range section.Settings {
			l.targets[s.Path] = s.at(&l.config)
		}
	}
	return l
}

// document reads the YAML of a file into the config.
func (l *loading) document(file string, content []byte) {
	r := &reader{file: file, folder: filepath.Dir(file)}
	defer func() { l.problems = append(l.problems, r.problems...) }()
	root, err := parse(content)
	if err != nil {
		r.problems = append(r.problems, syntax(file, err))
		return
	}
	if root == nil {
		return
	}
	if plain(r, root) {
		l.section(r, "", root)
	}
}

// parse returns the one document of a text, nil when it is empty.
func parse(content []byte) (*yaml.Node, error) {
	var docs []yaml.Node
	if err := yaml.Load(content, &docs, yaml.WithAllDocuments()); err != nil {
		return nil, err
	}
	switch {
	case len(docs) > 1:
		return nil, fmt.Errorf("line %d: a second document", docs[1].Line)
	case len(docs) == 0 || len(docs[0].Content) == 0:
		return nil, nil
	}
	root := docs[0].Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	return root, nil
}

// syntax returns the problem of a text that is no YAML.
func syntax(file string, err error) *diag.Problem {
	p := diag.New("", "not YAML: %v", err)
	p.File = file
	if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		p.Text, p.Line = "not YAML: "+one.Message, one.Mark.Line
	}
	return p
}

// plain refuses what a configuration does without: aliases, merged keys, tags.
func plain(r *reader, n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "" || n.Tag == "!!merge":
		r.wrong(n, "anchors, aliases and merged keys are not for configuration").Hint = "write it out"
		return false
	case n.Style&yaml.TaggedStyle != 0:
		r.wrong(n, "the tag %s is not for configuration", n.Tag).Hint = "write the plain value"
		return false
	}
	ok := true
	for _, child := range n.Content {
		ok = plain(r, child) && ok
	}
	return ok
}

// section reads a map of settings and of sections below it.
func (l *loading) section(r *reader, prefix string, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" && prefix != "" {
		return // a section whose keys are all commented out
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "%s where a map of settings is expected", described(n))
		return
	}
	for key, item := range r.entries(n) {
		path := join(prefix, key.Value)
		switch to, ok := l.targets[path]; {
		case ok:
			r.path = path
			to.read(r, item)
			r.path = ""
			l.origins[path] = Origin{File: r.file, Line: key.Line}
		case len(l.below(path)) > 0:
			r.path = path
			l.section(r, path, item)
			r.path = ""
		default:
			r.path = ""
			r.wrong(key, "unknown setting %q", path).Hint = l.suggest(prefix, path)
		}
	}
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// below returns the names that can stand in a section, in order.
func (l *loading) below(section string) []string {
	var found []string
	for path := range l.targets {
		rest, ok := strings.CutPrefix(path, section+".")
		if section == "" {
			rest, ok = path, true
		}
		if name, _, _ := strings.Cut(rest, "."); ok && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// suggest says what could be meant by an unknown setting.
func (l *loading) suggest(section, path string) string {
	_, name := cut(path)
	siblings := l.below(section)
	best, least := "", len(name)/2+1
	for _, s := range siblings {
		if d := diag.Distance(name, s); d < least {
			best, least = join(section, s), d
		}
	}
	if best != "" {
		return best
	}
	var elsewhere []string // the right name in the wrong place
	for known := range l.targets {
		if _, last := cut(known); last == name {
			elsewhere = append(elsewhere, known)
		}
	}
	if len(elsewhere) > 0 {
		slices.Sort(elsewhere)
		return strings.Join(elsewhere, " or ")
	}
	return "here it can be " + strings.Join(siblings, ", ")
}

// cut divides a path into its section and its last name.
func cut(path string) (section, name string) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

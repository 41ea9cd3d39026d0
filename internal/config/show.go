package config

import (
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Show writes the settings as YAML that could be read again, each with a comment
// that says where it came from. Secrets are replaced by [redacted]. The errors
// are those of w.
func (l *Loaded) Show(w io.Writer) error {
	var b strings.Builder
	c := l.Config
	var open []string // the sections that are written, from the top
	for _, s := range inOrder() {
		section, name := cut(s.Path)
		open = sections(&b, open, section)
		value, err := flow(s.at(&c).node())
		if err != nil {
			return fmt.Errorf("setting %s: %w", s.Path, err)
		}
		fmt.Fprintf(&b, "%s%s: %s # %s\n", strings.Repeat("  ", len(open)), name, value, l.origins[s.Path])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sections writes the headings that lead to a section, as far as they are not
// open.
func sections(b *strings.Builder, open []string, section string) []string {
	var want []string
	if section != "" {
		want = strings.Split(section, ".")
	}
	same := 0
	for same < len(open) && same < len(want) && open[same] == want[same] {
		same++
	}
	for i := same; i < len(want); i++ {
		fmt.Fprintf(b, "%s%s:\n", strings.Repeat("  ", i), want[i])
	}
	return want
}

// inOrder returns all settings so that those of one section of the file follow one
// another, at the place of the first of them.
func inOrder() []Setting {
	var tops []string
	byTop := map[string][]Setting{}
	for _, section := range Settings() {
		for _, s := range section.Settings {
			top, _, _ := strings.Cut(s.Path, ".")
			if byTop[top] == nil {
				tops = append(tops, top)
			}
			byTop[top] = append(byTop[top], s)
		}
	}
	var out []Setting
	for _, top := range tops {
		out = append(out, byTop[top]...)
	}
	return out
}

// flow writes a node in one line.
func flow(n *yaml.Node) (string, error) {
	text, err := yaml.Dump(n, yaml.WithLineWidth(-1))
	return strings.TrimSpace(string(text)), err
}

package config

import (
	"fmt"
	"strings"
)

// Document returns docs/CONFIGURATION.md.
func Document() (string, error) {
	var b strings.Builder
	b.WriteString(`# Configuration

<!-- Written by ` + "`make generate`" + ` from the table in internal/config/settings.go. -->

Without any configuration, ` + "`dendro serve`" + ` measures the machine it runs on. Everything else is said in one YAML file,
named by ` + "`--config FILE`" + ` or the variable ` + "`DENDRO_CONFIG`" + `. A setting holds in this order: flag, environment, file, default.

- The file is read strictly: an unknown key, a key that stands twice, or a value of the wrong kind is an error with its line,
  and all of them are reported at once. ` + "`dendro config check`" + ` reads it and does nothing else; ` + "`dendro config show`" + ` prints every
  setting with where it came from.
- In the environment, each setting is a variable: ` + "`source.prometheus.url`" + ` is ` + "`DENDRO_SOURCE_PROMETHEUS_URL`" + `. Lists are
  written with commas or as YAML, maps as YAML: ` + "`{IDAaaS: ISIS}`" + `.
- Durations have a unit: ` + "`90s`, `30m`, `6h`, `7d`" + `. A list or a map replaces its default as a whole.
- A relative path in the file begins where the file is; in a variable or a flag, where the program is started.
- Secrets can be taken from a file: ` + "`password: {file: /run/secrets/prometheus}`" + `. They are never printed.

Examples, each of which is tested: [examples/config](../examples/config).
`)
	c := Defaults()
	for _, section := range Settings() {
		fmt.Fprintf(&b, "\n## %s\n\n", section.Title)
		if section.Doc != "" {
			b.WriteString(section.Doc + "\n\n")
		}
		b.WriteString("| setting | default | what it does |\n|---|---|---|\n")
		for _, s := range section.Settings {
			fallback, err := s.fallback(&c)
			if err != nil {
				return "", err
			}
			doc := s.Doc
			if s.Flag != "" {
				doc += fmt.Sprintf(" Flag `--%s`.", s.Flag)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s<br>*%s* |\n", s.Path, cell(fallback), cell(doc), cell(upper(s.at(&c).kind())))
		}
		for _, s := range section.Settings {
			documentKeys(&b, s, &c)
		}
	}
	return b.String(), nil
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// cell escapes what would end a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// fallback returns the default for people.
func (s Setting) fallback(c *Config) (string, error) {
	if s.Fallback != "" {
		return s.Fallback, nil
	}
	text, err := flow(s.at(c).node())
	switch {
	case err != nil:
		return "", fmt.Errorf("setting %s: %w", s.Path, err)
	case text == "" || text == `""` || text == "[]" || text == "{}":
		return "none", nil
	case len(text) > 120:
		return "see below", nil
	}
	return "`" + text + "`", nil
}

// documentKeys writes the keys of a setting that is made of maps, and a default
// that is too long for the table.
func documentKeys(b *strings.Builder, s Setting, c *Config) {
	to := s.at(c)
	documentObject(b, s.Path, to)
	node := to.node()
	if text, err := flow(node); err != nil || len(text) <= 120 {
		return
	}
	fmt.Fprintf(b, "\nDefault of `%s`:\n\n```yaml\n", s.Path)
	for _, item := range node.Content {
		if text, err := flow(item); err == nil {
			fmt.Fprintf(b, "- %s\n", text)
		}
	}
	b.WriteString("```\n")
}

// documentObject writes the keys of the maps in a list, and of those in them.
func documentObject(b *strings.Builder, path string, to target) {
	object, ok := to.(interface{ keys() []field })
	if !ok {
		return
	}
	fmt.Fprintf(b, "\nKeys of `%s`:\n\n| key | what it is |\n|---|---|\n", path)
	for _, f := range object.keys() {
		need := ""
		if f.required {
			need = " (required)"
		}
		fmt.Fprintf(b, "| `%s` | %s%s |\n", f.name, cell(f.doc), need)
	}
	for _, f := range object.keys() {
		documentObject(b, path+"[]."+f.name, f.to)
	}
}

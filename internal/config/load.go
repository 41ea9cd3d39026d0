package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source/demo"
	"github.com/dendro-carbon/dendro/internal/source/host"
)

// Input is where settings come from, the weakest first.
type Input struct {
	// File is the configuration file, "" for none. Where it is empty, the variable
	// DENDRO_CONFIG names it.
	File string
	// Env is the environment, as os.Environ returns it.
	Env []string
	// Flags are settings given as flags, by path.
	Flags map[string]string
}

// Origin says where a setting was given. The zero Origin is the default.
type Origin struct {
	File string
	Line int
	Env  string
	Flag string
}

// String returns the place for people.
func (o Origin) String() string {
	switch {
	case o.Flag != "":
		return "flag --" + o.Flag
	case o.Env != "":
		return "environment " + o.Env
	case o.File != "":
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	}
	return "default"
}

// Loaded is a configuration and where each part of it came from.
type Loaded struct {
	Config
	// File is the file that was read, "" when there was none.
	File string
	// Warnings tell of variables that look like settings and are none.
	Warnings []string

	origins map[string]Origin
}

// unreadError is a file of settings that cannot be read.
type unreadError struct{ error }

func (e *unreadError) Error() string { return "configuration: " + e.error.Error() }
func (e *unreadError) Unwrap() error { return e.error }

// Hint says what to do.
func (e *unreadError) Hint() string {
	return "correct --config or DENDRO_CONFIG, or leave both out to measure this machine; examples/config has files to begin with"
}

// Load reads and checks a configuration. Its error is a [diag.List] of all that
// is wrong, or that the file cannot be read. On an error of the first kind the
// result is what was understood, for showing it.
func Load(in Input) (*Loaded, error) {
	l := newLoading()
	env := map[string]string{}
	for _, entry := range in.Env {
		name, text, _ := strings.Cut(entry, "=")
		env[name] = text
	}
	if in.File == "" {
		in.File = env["DENDRO_CONFIG"]
	}
	if in.File != "" {
		content, err := readSmall(in.File)
		if err != nil {
			return nil, &unreadError{err}
		}
		l.document(in.File, content)
	}
	warnings := l.environment(env)
	l.flags(in.Flags)
	l.settle(env)
	loaded := &Loaded{Config: l.config, File: in.File, Warnings: warnings, origins: l.origins}
	l.problems = append(l.problems, loaded.invalid(l.problems)...)
	l.problems.Sort()
	return loaded, l.problems.Err()
}

// invalid returns what is wrong with the settings beside what could not be read.
// When something could not, only what was given and understood is told: a
// required setting may be missing because its name is misspelt, and what fits a
// source is not known before its kind is.
func (l *Loaded) invalid(unread diag.List) diag.List {
	type place struct {
		file string
		line int
	}
	told := map[place]bool{}
	for _, p := range unread {
		told[place{p.File, p.Line}] = true
	}
	kind := l.Origin("source.kind")
	var out diag.List
	for _, p := range l.Validate() {
		at := l.place(p)
		given := at.Line > 0 || at.File != l.File
		follows := strings.HasPrefix(p.Path, "source.") && told[place{kind.File, kind.Line}]
		if len(unread) == 0 || given && !follows && !told[place{at.File, at.Line}] {
			out = append(out, at)
		}
	}
	return out
}

// environment reads the variables that are settings, and returns warnings of those
// that nearly are.
func (l *loading) environment(env map[string]string) []string {
	known := map[string]bool{"DENDRO_CONFIG": true}
	for _, section := range Settings() {
		for _, s := range section.Settings {
			known[s.Env()] = true
			if text, ok := env[s.Env()]; ok {
				l.text(s.Path, text, Origin{Env: s.Env()})
			}
		}
	}
	var warnings []string
	for name := range env {
		if !strings.HasPrefix(name, "DENDRO_") || known[name] {
			continue
		}
		for setting := range known {
			if diag.Distance(name, setting) <= 2 {
				warnings = append(warnings, fmt.Sprintf("the variable %s is not a setting; is %s meant?", name, setting))
			}
		}
	}
	slices.Sort(warnings)
	return warnings
}

// flags reads settings that are given as flags.
func (l *loading) flags(given map[string]string) {
	for _, section := range Settings() {
		for _, s := range section.Settings {
			if text, ok := given[s.Path]; ok {
				name := s.Flag
				if name == "" {
					name = s.Path
				}
				l.text(s.Path, text, Origin{Flag: name})
			}
		}
	}
}

// text sets one setting from text. What is not a scalar is written as YAML there,
// a list also with commas alone.
func (l *loading) text(path, text string, origin Origin) {
	r := &reader{file: origin.String(), path: path}
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	kind := l.targets[path].node().Kind
	_, flows := l.targets[path].(interface{ flows() })
	if begin := strings.TrimSpace(text); (kind != yaml.ScalarNode || flows) && (strings.HasPrefix(begin, "{") || strings.HasPrefix(begin, "[")) {
		root, err := parse([]byte(text))
		switch {
		case err != nil:
			r.wrong(node, "%v", err)
		case root != nil && plain(r, root):
			node = root
		}
	} else if kind == yaml.SequenceNode {
		node = commas(text)
	}
	if len(r.problems) == 0 {
		l.targets[path].read(r, node)
	}
	for _, p := range r.problems {
		p.Line = 0
	}
	l.problems = append(l.problems, r.problems...)
	l.origins[path] = origin
}

// commas returns the list of the parts of a text.
func commas(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: part})
		}
	}
	return n
}

// settle fills in defaults that depend on other settings.
func (l *loading) settle(env map[string]string) {
	c := &l.config
	given := func(path string) bool { return l.origins[path] != Origin{} }
	if !given("data") {
		c.Data = dataFolder(env)
	}
	defaults := map[string]func(){}
	switch c.Source.Kind {
	case SourceDemo:
		defaults["ledger.kind"] = func() { c.Ledger = LedgerMemory }
		defaults["intensity.chain"] = func() { c.Intensity.Chain = []string{IntensityDemo} }
		defaults["intensity.region"] = func() { c.Intensity.Region = demo.Region }
		defaults["policies"] = func() { c.Policies = demoPolicies() }
		defaults["facility.identity_header"] = func() { c.Facility.IdentityHeader = "X-Remote-User" } // nobody is anybody there
	case SourceHost:
		defaults["slot"] = func() { c.Slot = time.Minute }
		defaults["grace"] = func() { c.Slots.Grace = hostGrace }
		defaults["slots.open_every"] = func() { c.Slots.OpenEvery = hostOpenEvery }
		defaults["levels"] = func() { c.Levels = []string{host.LabelUser, host.LabelUnit} }
	}
	if c.Source.Kind == SourceNone {
		defaults["levels"] = func() { c.Levels = []string{scoring.LabelService, scoring.LabelRegion} }
	}
	if c.Services.Receive.Enabled && c.Source.Kind == SourceHost { // its slots wait for the windows
		defaults["grace"] = func() { c.Slots.Grace = c.Services.Receive.Windows.Window + windowsGrace }
	}
	if given("ledger.url") {
		defaults["ledger.kind"] = func() { c.Ledger = LedgerPostgres }
	}
	for path, set := range defaults {
		if !given(path) {
			set()
		}
	}
}

// The machine's own samples come at once, so its slots close soon.
const (
	hostGrace     = 15 * time.Second
	hostOpenEvery = 5 * time.Second
)

// dataFolder returns the customary folder for what a program keeps.
func dataFolder(env map[string]string) string {
	switch {
	case env["STATE_DIRECTORY"] != "": // systemd
		return env["STATE_DIRECTORY"]
	case env["XDG_DATA_HOME"] != "":
		return filepath.Join(env["XDG_DATA_HOME"], "dendro")
	case env["HOME"] != "":
		return filepath.Join(env["HOME"], ".local", "share", "dendro")
	case env["LocalAppData"] != "": // Windows
		return filepath.Join(env["LocalAppData"], "dendro")
	}
	return ""
}

// Origin returns where a setting was given.
func (l *Loaded) Origin(path string) Origin { return l.origins[path] }

// place adds to a problem of a setting where that was given.
func (l *Loaded) place(p *Problem) *diag.Problem {
	out := diag.New("", "%s: %s", p.Path, p.Text)
	out.Hint = p.Hint
	path := p.Path
	if i := strings.IndexByte(path, '['); i >= 0 {
		path = path[:i]
	}
	for path != "" {
		if o, ok := l.origins[path]; ok {
			out.File, out.Line = o.File, o.Line
			if o.File == "" {
				out.File = o.String()
			}
			return out
		}
		path, _ = cut(path)
	}
	out.File = l.File
	return out
}

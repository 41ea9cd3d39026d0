package builtin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/dendro-carbon/dendro/internal/manifest/plugin"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/emit"
	"github.com/dendro-carbon/dendro/internal/manifest/yaml"
	"github.com/dendro-carbon/dendro/internal/value"
)

// shell hands the rows to a command as YAML and takes the rows that it writes.
// There is no shell between: the command is a program and its arguments.
type shell struct {
	command string
	args    []string
	lenient bool // as Impact Framework: what the command writes counts, not how it ends
}

// classProcess is the class of what goes wrong with a command.
const classProcess = "ProcessExecutionError"

// The most that a command may write. Node.js, and so Impact Framework, takes a
// megabyte.
const (
	maxOutput      = 256 << 20
	maxOutputNode  = 1 << 20
	maxErrorOutput = 4 << 10
)

// killDelay is how long a cancelled command may take to let go of its pipes.
const killDelay = 2 * time.Second

func bindShell(s *plugin.Settings) plugin.Runner {
	s.Require()
	s.Check(plugin.Key("command", plugin.Text(0)))
	p := &shell{command: s.Text("command"), lenient: s.Options.ShellIgnoresFailure}
	if p.lenient {
		p.args = strings.Split(p.command, " ")
		return p
	}
	args, err := splitCommand(p.command)
	if err == nil && len(args) == 0 {
		err = errors.New("is empty")
	}
	if err != nil {
		s.Fail(diag.New("ConfigError", "The command %v: %s", err, p.command).
			WithHint("write the program and its arguments, those with spaces in quotes"), "command")
	}
	p.args = args
	return p
}

// splitCommand splits a command at white space. Quotes of both kinds hold
// together what is between them; a backslash takes the next character as it is,
// outside quotes and, before " and \, within double ones. Nothing else means
// anything: no variable, pattern, pipe or redirection.
func splitCommand(s string) ([]string, error) {
	var args []string
	var arg strings.Builder
	quote, begun := byte(0), false
	for i := 0; i < len(s); i++ {
		c := s[i]
		escapes := c == '\\' && i+1 < len(s) && (quote == 0 || quote == '"' && (s[i+1] == '"' || s[i+1] == '\\'))
		switch {
		case escapes:
			i++
			arg.WriteByte(s[i])
			begun = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, begun = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			if begun {
				args = append(args, arg.String())
				arg.Reset()
			}
			begun = false
		default:
			arg.WriteByte(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("has a quote %c that is not closed", quote)
	}
	if begun {
		args = append(args, arg.String())
	}
	return args, nil
}

func (p *shell) Check(c *plugin.Call) error {
	if !c.Env.AllowShell {
		return diag.New(classProcess, "The command is not run: %s", p.command).
			WithHint("a manifest can run any program so; if you trust this one, run it with --allow-shell")
	}
	return nil
}

func (p *shell) Compute(ctx context.Context, c *plugin.Call) (*frame.Frame, error) {
	var input bytes.Buffer
	if err := emit.Value(&input, listOfRows(c.In)); err != nil {
		return nil, err
	}
	output, started, err := p.run(ctx, c, &input)
	if err != nil {
		return nil, err
	}
	if !started { // Node.js has null for the output then, which YAML reads as one document
		output = []byte("null")
	}
	return p.rows(output)
}

func listOfRows(f *frame.Frame) value.Value {
	list := make([]value.Value, f.Len())
	for i, row := range f.Rows() {
		list[i] = value.OfMap(row)
	}
	return value.OfList(list)
}

// run runs the command and returns what it wrote; started is false if it could
// not be run and that does not matter.
func (p *shell) run(ctx context.Context, c *plugin.Call, input *bytes.Buffer) (output []byte, started bool, err error) {
	if p.args[0] == "" {
		return nil, false, p.problem("The argument 'file' cannot be empty. Received ''")
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	out := &limited{most: maxOutput, full: stop}
	if p.lenient {
		out.most = maxOutputNode
	}
	errOut := &limited{most: maxErrorOutput}
	cmd := exec.CommandContext(running, p.args[0], p.args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = input, out, errOut, killDelay
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, false, context.Cause(ctx)
	case out.cut:
		return nil, false, p.problem("%s wrote more than %d bytes", p.args[0], out.most)
	case p.lenient:
		return out.kept.Bytes(), cmd.Process != nil, nil
	case err != nil:
		return nil, false, p.failed(err, errOut)
	}
	if text := strings.TrimSpace(errOut.kept.String()); text != "" {
		c.Warn(p.args[0] + " wrote to its error output: " + text)
	}
	return out.kept.Bytes(), true, nil
}

func (p *shell) problem(format string, args ...any) *diag.Problem {
	return diag.New(classProcess, format, args...)
}

// failed returns the problem of a command that cannot be run or ended badly.
func (p *shell) failed(err error, errOut *limited) error {
	var missing *exec.Error
	if errors.As(err, &missing) {
		return p.problem("%s cannot be run: %v", p.args[0], missing.Err).
			WithHint("install it, or give its path in the command")
	}
	text := strings.TrimSpace(errOut.kept.String())
	if text != "" {
		text = ": " + text
	}
	return p.problem("%s failed: %v%s", p.args[0], err, text).WithHint("run the command by hand: %s", p.command)
}

// limited keeps the first bytes that are written to it. (It has a buffer and is
// none: io.Copy would fill one past the limit by its ReadFrom.)
type limited struct {
	kept bytes.Buffer
	most int
	full func() // called when there is more; may be nil
	cut  bool
}

// Write implements io.Writer. It takes everything.
func (l *limited) Write(b []byte) (int, error) {
	room := l.most - l.kept.Len()
	if len(b) <= room {
		return l.kept.Write(b)
	}
	l.kept.Write(b[:room])
	if l.full != nil && !l.cut {
		l.full()
	}
	l.cut = true
	return len(b), nil
}

// rows reads what a command wrote: documents that are rows or lists of rows.
func (p *shell) rows(output []byte) (*frame.Frame, error) {
	docs, err := yaml.ReadAll("", output, yaml.Options{IntegerKeysFirst: p.lenient})
	if err != nil {
		var problems diag.List
		problems.Add(err)
		return nil, p.problem("%s", problems[0].Text)
	}
	if len(docs) == 0 && !p.lenient {
		return nil, p.problem("%s wrote no rows", p.args[0]).
			WithHint("let it write a list of observations as YAML or JSON; [] if there are none")
	}
	var rows []*value.Map
	for _, doc := range docs {
		root := doc.Plain(doc.Root)
		items := []value.Value{root}
		if root.Kind() == value.List {
			items = root.List()
		}
		for _, item := range items {
			row, ok := item.Map(), item.Kind() == value.Object
			if !ok && !p.lenient {
				return nil, p.problem("%s wrote %s where observation %d should be", p.args[0], plugin.Describe(item), len(rows)+1).
					WithHint("let it write a list of observations as YAML or JSON: [{timestamp: …, duration: …, …}]")
			}
			if !ok {
				row = spread(item)
			}
			rows = append(rows, row)
		}
	}
	return frame.FromRows(rows), nil
}

// spread returns what JavaScript makes of {...v}: the characters of a text and
// the items of a list under their numbers, of anything else nothing.
func spread(v value.Value) *value.Map {
	m := value.NewMap(0)
	if s, ok := v.Str(); ok {
		for i, unit := range utf16.Encode([]rune(s)) {
			m.Set(fmt.Sprint(i), value.OfText(string(utf16.Decode([]uint16{unit}))))
		}
	}
	for i, item := range v.List() {
		m.Set(fmt.Sprint(i), item)
	}
	return m
}

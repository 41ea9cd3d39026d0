package builtin_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/builtin"
	"github.com/dendro-carbon/dendro/internal/manifest/compat"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/value"
)

type shellRun struct {
	command string
	rows    string // JSON
	options compat.Options
	forbid  bool
	warned  []string
}

func (s *shellRun) run(ctx context.Context, t *testing.T) (*frame.Frame, error) {
	t.Helper()
	for _, program := range []string{"cat", "printf", "sh", "sleep", "yes", "false"} {
		if _, err := exec.LookPath(program); err != nil {
			testenv.Skip(t, "coreutils", "no program "+program)
		}
	}
	config := value.NewMap(1)
	config.Set("command", value.OfText(s.command))
	p, err := builtin.New(builtin.Spec{Name: "s", Method: "Shell", Config: config}, s.options)
	if err != nil {
		t.Fatal(err)
	}
	return p.Run(ctx, &builtin.Env{
		Options: s.options, First: true, AllowShell: !s.forbid,
		Warn: func(text string) { s.warned = append(s.warned, text) },
	}, rowsOf(ordered(t, []byte(s.rows))))
}

const shellRows = `[{"timestamp":"t1","duration":10,"a":1},{"timestamp":"t2","duration":10,"a":2}]`

func TestShell(t *testing.T) {
	t.Parallel()
	const same = "timestamp=string(t1) duration=number(10) a=number(1) \ntimestamp=string(t2) duration=number(10) a=number(2) "
	const leaked = "timestamp=string(t1) duration=number(10) a=number(1) "
	for _, tc := range []struct{ name, command, right, if11 string }{
		{"cat", "cat", same, same},
		{"quotes", `printf '[{"b": "%s", "c": "%s"}]' "x y" z\ w`, "b=string(x y) c=string(z w) ", "error"},
		{"documents", `printf %s [{"x":1}]\n---\n{"x":2}\n`, "error", "error"},
		{"one_row", "echo x: 1", "x=number(1) ", leaked + "x=number(1) "},
		{"no_rows", "printf []", "", ""},
		{"nothing", "true", "error: true wrote no rows", ""},
		{
			"scalar", "printf ab", `error: printf wrote "ab" where observation 1 should be`,
			"0=string(a) 1=string(b) " + leaked,
		},
		{"number", "printf 1", "error: printf wrote 1 where observation 1 should be", leaked},
		{"list_in_list", "printf [[7,8]]", "error", "0=number(7) 1=number(8) " + leaked},
		{"exit", "sh -c 'echo oops >&2; exit 3'", "error: sh failed: exit status 3: oops", ""},
		{"missing", "no-such-program", "error: no-such-program cannot be run: executable file not found", leaked},
		{"bad_yaml", "printf {a:[", "error", "error"},
		{"empty", "", "error: The command is empty", "error: The argument 'file' cannot be empty. Received ''"},
		{"open_quote", "echo 'a", "error: The command has a quote ' that is not closed", "'=undefined"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for mode, options := range map[string]compat.Options{tc.right + "\x00": {}, tc.if11: compat.IF11()} {
				want := strings.TrimSuffix(mode, "\x00")
				if want == "'=undefined" {
					continue // Impact Framework passes the quote on
				}
				s := shellRun{command: tc.command, rows: shellRows, options: options}
				f, err := s.run(context.Background(), t)
				if text, fails := strings.CutPrefix(want, "error"); fails {
					if err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(text, ": ")) {
						t.Errorf("got %v, want %s", err, want)
					}
					continue
				}
				if err != nil {
					t.Errorf("%v", err)
					continue
				}
				if diff := cmp.Diff(want, strings.Join(lines(f), "\n")); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestShellIsAllowedExplicitly(t *testing.T) {
	t.Parallel()
	for _, options := range []compat.Options{{}, compat.IF11()} {
		s := shellRun{command: "cat", rows: shellRows, options: options, forbid: true}
		if _, err := s.run(context.Background(), t); err == nil || !strings.Contains(err.Error(), "--allow-shell") {
			t.Errorf("got %v", err)
		}
	}
}

func TestShellWarnsOfErrorOutput(t *testing.T) {
	t.Parallel()
	s := shellRun{command: "sh -c 'echo careful >&2; cat'", rows: shellRows}
	if _, err := s.run(context.Background(), t); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sh wrote to its error output: careful"}, s.warned); diff != "" {
		t.Error(diff)
	}
}

func TestShellEndsWithTheRun(t *testing.T) {
	t.Parallel()
	late := errors.New("too late")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, late)
	defer cancel()
	s := shellRun{command: "sleep 60", rows: shellRows}
	if _, err := s.run(ctx, t); !errors.Is(err, late) {
		t.Errorf("got %v", err)
	}
}

func TestShellOutputIsBounded(t *testing.T) {
	t.Parallel()
	s := shellRun{command: "yes", rows: shellRows, options: compat.IF11()}
	if _, err := s.run(context.Background(), t); err == nil || !strings.Contains(err.Error(), "yes wrote more than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestShellGetsTheRowsAsYAML(t *testing.T) {
	t.Parallel()
	s := shellRun{command: `sh -c 'printf "%s" "{\"in\": \"$(base64 | tr -d "\n")\"}"'`, rows: `[{"a":1,"b":"x: y"},{"c":null}]`}
	f, err := s.run(context.Background(), t)
	if err != nil {
		t.Fatal(err)
	}
	const want = "LSBhOiAxCiAgYjogJ3g6IHknCi0gYzogbnVsbAo=" // - a: 1\n  b: 'x: y'\n- c: null\n
	if got := sequence(f, "in"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

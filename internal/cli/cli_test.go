package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// hinted is an error that a person can repair.
type hinted struct{ message, hint string }

func (e hinted) Error() string { return e.message }
func (e hinted) Hint() string  { return e.hint }

// runWith runs a command line against a root whose only command does work.
func runWith(ctx context.Context, work func() error, args ...string) (status int, stderr string) {
	var out, errs bytes.Buffer
	std := &streams{in: strings.NewReader(""), out: &out, err: &errs}
	root := newRoot(std)
	outer := &cobra.Command{Use: "outer"}
	outer.AddCommand(&cobra.Command{
		Use:  "work",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return work() },
	})
	prepare(outer, std)
	root.AddCommand(outer)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	status = report(ctx, &errs, cmd, err)
	return status, errs.String()
}

func TestStatus(t *testing.T) {
	t.Parallel()
	plain := errors.New("a.yml: no such file")
	fixable := hinted{"node1: no method", "name one"}
	tests := []struct {
		name   string
		err    error
		status int
		stderr string
	}{
		{"done", nil, 0, ""},
		{"failed", plain, 1, "dendro: a.yml: no such file\n"},
		{"invalid", invalid(plain), 3, "dendro: a.yml: no such file\n"},
		{"invalid-wrapped", fmt.Errorf("run: %w", invalid(plain)), 3, "dendro: run: a.yml: no such file\n"},
		{"invalid-in-silence", invalid(nil), 3, ""},
		{"usage", usage("-a excludes -b"), 2, "dendro: -a excludes -b\nTry: dendro outer work --help\n"},
		{"hint", fmt.Errorf("run: %w", fixable), 1, "dendro: run: node1: no method\nTry: name one\n"},
		{
			"hints-once", invalid(errors.Join(fixable, plain, fixable)), 3,
			"dendro: node1: no method\na.yml: no such file\nnode1: no method\nTry: name one\n",
		},
		{"cancelled-inside", context.Canceled, 1, "dendro: context canceled\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, stderr := runWith(t.Context(), func() error { return test.err }, "outer", "work")
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			if diff := cmp.Diff(test.stderr, stderr); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUsageIsWhatCobraRefuses(t *testing.T) {
	t.Parallel()
	reached := func() error { return errors.New("the command ran") }
	for _, args := range [][]string{
		{"nonsense"},
		{"outer", "wrok"},
		{"outer", "work", "extra"},
		{"outer", "work", "--no-such-flag"},
		{"help", "nonsense"},
		{"completion", "nonsense"},
		{"help", "outer", "nonsense"},
	} {
		status, stderr := runWith(t.Context(), reached, args...)
		if status != 2 || !strings.Contains(stderr, "Try: dendro") || strings.Contains(stderr, "the command ran") {
			t.Errorf("%q: status %d, stderr %q; want 2 and a hint", args, status, stderr)
		}
	}
}

func TestGroupWithoutACommandExplainsItself(t *testing.T) {
	t.Parallel()
	status, stderr := runWith(t.Context(), func() error { return nil }, "outer")
	if status != 2 || !strings.Contains(stderr, "\n  work ") {
		t.Errorf("status %d, stderr %q; want 2 and the commands of the group", status, stderr)
	}
	status, stderr = runWith(t.Context(), func() error { return nil }, "outer", "wrok")
	if status != 2 || !strings.Contains(stderr, "Did you mean this?\n\twork\n") {
		t.Errorf("status %d, stderr %q; want 2 and the near command", status, stderr)
	}
}

func TestInterruptedCommandFails(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	status, stderr := runWith(ctx, func() error {
		cancel()
		return fmt.Errorf("read a.yml: %w", ctx.Err())
	}, "outer", "work")
	if status != 1 || stderr != "dendro: interrupted\n" {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

func TestLostOutputIsAFailure(t *testing.T) {
	t.Parallel()
	closed, w := io.Pipe()
	closed.CloseWithError(errors.New("disk full"))
	var stderr bytes.Buffer
	status := Run(t.Context(), []string{"version"}, strings.NewReader(""), w, &stderr)
	if status != 1 || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("status %d, stderr %q; want 1 and the cause", status, stderr.String())
	}

	// A verdict that nobody can read is a failure too, also a good one.
	for _, args := range [][]string{{"check", "-"}, {"check", "-d", "DIR"}} {
		if args[len(args)-1] == "DIR" {
			args[len(args)-1] = t.TempDir()
			put(t, filepath.Join(args[len(args)-1], "m.yml"), computed)
		}
		stderr.Reset()
		status = Run(t.Context(), args, strings.NewReader(computed), w, &stderr)
		if status != 1 || !strings.Contains(stderr.String(), "disk full") {
			t.Errorf("%q: status %d, stderr %q; want 1 and the cause", args, status, stderr.String())
		}
	}
}

// computed is a manifest with its outputs.
const computed = `name: computed
initialize: {plugins: {}}
tree:
  children:
    web:
      inputs: [{timestamp: 2024-01-01T00:00:00.000Z, duration: 60, carbon: 1}]
      outputs: [{timestamp: 2024-01-01T00:00:00.000Z, duration: 60, carbon: 1}]
`

// An interrupt is said alike by all commands that compute a manifest: it is not
// a fault of the manifest.
func TestInterruptedManifestIsNotAtFault(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("interrupt signal received: %w", context.Canceled))
	for _, args := range [][]string{
		{"run", "-"},
		{"check", "-"},
		{"check", "-", "--against", "if-1.1"},
		{"explain", "-", "--metric", "carbon", "--component", "web", "--at", "2024-01-01T00:00:00Z"},
	} {
		var stdout, stderr bytes.Buffer
		status := Run(ctx, args, strings.NewReader(computed), &stdout, &stderr)
		said := stderr.String() // run warns of what it has seen
		if status != 1 || stdout.Len() > 0 || !strings.HasSuffix(said, "dendro: interrupted\n") || strings.Contains(said, "problem") {
			t.Errorf("%q: status %d, stdout %q, stderr %q; want 1 and no problem of the manifest", args, status, stdout.String(), said)
		}
	}
}

// Every command says in a line what it does, and uses RunE: an error of Run
// would have no exit status.
func TestCommandsAreDescribed(t *testing.T) {
	t.Parallel()
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.Short == "" || cmd.Run != nil {
			t.Errorf("%s: wants Short, and RunE instead of Run", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(newRoot(&streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard}))
}

func ExampleRun() {
	status := Run(context.Background(), []string{"vresion"}, strings.NewReader(""), os.Stdout, os.Stdout)
	fmt.Println(status)
	// Output:
	// dendro: unknown command "vresion" for "dendro"
	//
	// Did you mean this?
	// 	version
	// Try: dendro --help
	// 2
}

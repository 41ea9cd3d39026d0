package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// The exit statuses, the same for every command.
const (
	statusDone    = 0
	statusFailed  = 1 // the work could not be done: I/O, a plugin, an interrupt
	statusUsage   = 2 // the command line is wrong
	statusInvalid = 3 // the work was done and says no: data not valid, results different, checks that fail
)

// statusError is an error that says with which status the program ends. Without
// a cause nothing is printed: the command has said it all on its own.
type statusError struct {
	status int
	cause  error
}

func (e *statusError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.cause.Error()
}

func (e *statusError) Unwrap() error { return e.cause }

// withStatus makes the program end with this status, and with the message of
// err unless that is nil.
func withStatus(status int, err error) error { return &statusError{status, err} }

// invalid ends the program with status 3. With nil it does so without a
// message, for commands that have printed what is wrong themselves.
func invalid(err error) error { return withStatus(statusInvalid, err) }

// usage ends the program with status 2, for what flags and arguments cannot
// express, such as two flags that exclude each other.
func usage(format string, args ...any) error {
	return withStatus(statusUsage, fmt.Errorf(format, args...))
}

// failing gives status 1 to the errors of work that carry none.
func failing(work func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := work(cmd, args)
		if _, marked := errors.AsType[*statusError](err); err == nil || marked {
			return err
		}
		return withStatus(statusFailed, err)
	}
}

// report prints what went wrong and returns the exit status.
func report(ctx context.Context, stderr io.Writer, cmd *cobra.Command, err error) int {
	if err == nil {
		return statusDone
	}
	marked, ok := errors.AsType[*statusError](err)
	if !ok {
		marked = &statusError{statusUsage, err}
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "dendro: interrupted")
	case marked.cause != nil:
		fmt.Fprintf(stderr, "dendro: %s\n", strings.TrimRight(err.Error(), "\n"))
		for _, hint := range hints(err) {
			fmt.Fprintf(stderr, "Try: %s\n", hint)
		}
		if marked.status == statusUsage {
			fmt.Fprintf(stderr, "Try: %s --help\n", cmd.CommandPath())
		}
	}
	return marked.status
}

// hints collects, without repetition, what the errors inside err suggest.
func hints(err error) []string {
	var found []string
	if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
		found = append(found, h.Hint())
	}
	switch inner := err.(type) {
	case interface{ Unwrap() error }:
		if next := inner.Unwrap(); next != nil {
			found = append(found, hints(next)...)
		}
	case interface{ Unwrap() []error }:
		for _, next := range inner.Unwrap() {
			for _, hint := range hints(next) {
				if !slices.Contains(found, hint) {
					found = append(found, hint)
				}
			}
		}
	}
	return found
}

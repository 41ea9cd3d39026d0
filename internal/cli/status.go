package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dendro-carbon/dendro/internal/cli/exit"
)

// The exit statuses; see package exit.
const (
	statusDone    = exit.Done
	statusFailed  = exit.Failed
	statusUsage   = exit.Misused
	statusInvalid = exit.Refused
)

type statusError = exit.Error

func withStatus(status int, err error) error { return exit.With(status, err) }

func invalid(err error) error { return exit.Invalid(err) }

func usage(format string, args ...any) error { return exit.Usage(format, args...) }

func hint(err error, format string, args ...any) error { return exit.Hint(err, format, args...) }

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
		marked = &statusError{Status: statusUsage, Cause: err}
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "dendro: interrupted")
	case marked.Cause != nil:
		fmt.Fprintf(stderr, "dendro: %s\n", strings.TrimRight(err.Error(), "\n"))
		for _, hint := range slices.Concat(hints(err), pathHint(err)) {
			fmt.Fprintf(stderr, "Try: %s\n", hint)
		}
		if marked.Status == statusUsage {
			fmt.Fprintf(stderr, "Try: %s --help\n", cmd.CommandPath())
		}
	}
	return marked.Status
}

// pathHint says from where a path starts that is not there, unless that is said.
func pathHint(err error) []string {
	failed, ok := errors.AsType[*fs.PathError](err)
	if !ok || filepath.IsAbs(failed.Path) || !errors.Is(failed, fs.ErrNotExist) || len(hints(err)) > 0 {
		return nil
	}
	return []string{readingHint(failed)}
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

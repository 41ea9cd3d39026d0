// Package args says what is wrong with the arguments of a command: what it wants and was
// not given, or what it was given too much. What a reader would get wrong: flags are not
// arguments, and what depends on both is the command's own to say.
package args

import (
	"fmt"

	"github.com/spf13/cobra"
)

// None refuses arguments.
func None(_ *cobra.Command, given []string) error { return unexpected(given, 0) }

// One wants one argument, which what names for people, such as "the file of a backup".
func One(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error {
		if len(given) == 0 {
			return fmt.Errorf("nothing given: give %s", what)
		}
		return unexpected(given, 1)
	}
}

// AtMost takes up to n arguments.
func AtMost(n int) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error { return unexpected(given, n) }
}

// unexpected returns an error for the first argument after n.
func unexpected(given []string, n int) error {
	if len(given) > n {
		return fmt.Errorf("unexpected argument %q", given[n])
	}
	return nil
}

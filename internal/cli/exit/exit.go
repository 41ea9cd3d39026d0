// Package exit is how commands end: errors that carry the status of the program, and
// what to do about them. The command line prints them; what a reader would get wrong is
// that an error without a cause is no success: its command has said it all on its own.
package exit

import (
	"fmt"
	"strings"
)

// The exit statuses, the same for every command.
const (
	Done    = 0
	Failed  = 1 // the work could not be done: I/O, a plugin, an interrupt
	Misused = 2 // the command line is wrong
	Refused = 3 // the work was done and says no: data not valid, results different, checks that fail
)

// Error is an error that says with which status the program ends. Without a cause nothing
// is printed.
type Error struct {
	Status int
	Cause  error
}

// Error returns the text of the cause, or names the status.
func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("exit status %d", e.Status)
	}
	return e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// With makes the program end with this status, and with the message of err unless that is
// nil.
func With(status int, err error) error { return &Error{status, err} }

// Invalid ends the program with status 3. With nil it does so without a message, for
// commands that have printed what is wrong themselves.
func Invalid(err error) error { return With(Refused, err) }

// Usage ends the program with status 2, for what flags and arguments cannot express, such as
// two flags that exclude each other.
func Usage(format string, args ...any) error { return With(Misused, fmt.Errorf(format, args...)) }

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string
}

func (e *hinted) Hint() string  { return e.hint }
func (e *hinted) Unwrap() error { return e.error }

// Hint adds to an error what to do about it.
func Hint(err error, format string, args ...any) error {
	return &hinted{err, strings.TrimSpace(fmt.Sprintf(format, args...))}
}

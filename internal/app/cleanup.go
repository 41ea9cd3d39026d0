package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// cleanup is a named step of stopping.
type cleanup struct {
	name string
	run  func(context.Context) error
}

// cleanups is a stack of them.
type cleanups []cleanup

// add puts a step on top: it runs before those that were added earlier.
func (c *cleanups) add(name string, run func(context.Context) error) {
	*c = append(*c, cleanup{name, run})
}

// drain runs all steps from the top and joins their errors. A step that does not
// end in time keeps drain from waiting for it, not from running the rest: what
// cannot stop must not keep the ledger from being closed.
func (c *cleanups) drain(ctx context.Context) error {
	var errs []error
	for _, step := range slices.Backward(*c) {
		done := make(chan error, 1)
		go func() { done <- step.run(ctx) }()
		select {
		case err := <-done:
			if err != nil {
				errs = append(errs, fmt.Errorf("stop %s: %w", step.name, err))
			}
		case <-ctx.Done():
			select {
			case err := <-done: // it ended with the context
				if err != nil {
					errs = append(errs, fmt.Errorf("stop %s: %w", step.name, err))
				}
			default:
				errs = append(errs, fmt.Errorf("stop %s: %w", step.name, context.Cause(ctx)))
			}
		}
	}
	*c = nil
	return errors.Join(errs...)
}

package prom

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// The waits between attempts double from firstWait to longestWait. Each is drawn
// from the upper half of its range, so that many clients do not ask in step.
const (
	firstWait   = 250 * time.Millisecond
	longestWait = 20 * time.Second
)

// Retry runs an attempt until it succeeds, fails for good, or RetryFor has
// passed. A server's Retry-After is waited for when that ends in time. The error
// is that of the last attempt and says how often it was tried.
func (c *Client) Retry(ctx context.Context, attempt func(context.Context) error) error {
	end := time.Now().Add(c.config.RetryFor)
	for n := 1; ; n++ {
		err := attempt(ctx)
		var e *Error
		if err == nil || ctx.Err() != nil || !errors.As(err, &e) || !e.retry {
			return err
		}
		wait := max(backoff(n, rand.Float64()), e.after)
		if time.Now().Add(wait).After(end) {
			if n == 1 {
				return err
			}
			return fmt.Errorf("after %d attempts: %w", n, err)
		}
		if !sleep(ctx, wait) {
			return context.Cause(ctx)
		}
	}
}

// backoff returns the wait after attempt n, counted from 1; chance is in [0, 1).
func backoff(n int, chance float64) time.Duration {
	longest := longestWait
	if n < 8 { // 2^8 × firstWait is longer than longestWait
		longest = min(longest, firstWait<<n)
	}
	return longest/2 + time.Duration(float64(longest/2)*chance)
}

// sleep waits, and reports whether the context let it.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

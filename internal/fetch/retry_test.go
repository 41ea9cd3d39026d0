package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/fetch"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "99999999": 0,
		"Thu, 01 Jan 2026 12:00:30 GMT": 30 * time.Second, "Thu, 01 Jan 2026 11:00:30 GMT": 0,
	} {
		if got := fetch.RetryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// A server that has no time now says when.
func ExampleRetryAfter() {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println(fetch.RetryAfter("120", now))
	fmt.Println(fetch.RetryAfter("Thu, 01 Jan 2026 12:00:30 GMT", now))
	// Output:
	// 2m0s
	// 30s
}

func ExampleReason() {
	failed := &url.Error{Op: "Get", URL: "https://example.org/?key=s3cret", Err: errors.New("connection refused")}
	fmt.Println(fetch.Reason(context.Background(), failed))
	ended, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("no answer within 1s"))
	fmt.Println(fetch.Reason(ended, failed))
	// Output:
	// connection refused
	// no answer within 1s
}

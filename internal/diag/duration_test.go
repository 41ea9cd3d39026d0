package diag_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/diag"
)

func ExampleDuration() {
	fmt.Println(diag.Duration(30*time.Minute), diag.Duration(10*time.Second))
	// Output: 30m 10s
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", time.Minute: "1m", time.Hour: "1h0m", 90 * time.Second: "1m30s", 100 * time.Millisecond: "100ms",
	} {
		if got := diag.Duration(d); got != want {
			t.Errorf("%d ns is told as %s, want %s", d, got, want)
		}
	}
}

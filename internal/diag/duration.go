package diag

import (
	"strings"
	"time"
)

// Duration returns a duration as people write it: without the seconds that it does not
// have.
func Duration(d time.Duration) string {
	if d%time.Minute == 0 && d != 0 {
		return strings.TrimSuffix(d.String(), "0s")
	}
	return d.String()
}

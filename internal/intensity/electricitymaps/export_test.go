package electricitymaps

import (
	"fmt"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// CheckReply reads a reply as that of the zone DE, and returns what is wrong with it or,
// in other words than that, with what was read.
func CheckReply(text []byte) error {
	s := &Source{config: Defaults(), step: time.Hour}
	got, now := values{}, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	if err := s.read(text, "DE", false, now, got); err != nil {
		return err
	}
	for _, v := range s.values("DE", account.NewSpan(now.Add(-24*time.Hour), now), got) {
		if v.Value < 0 || v.Span.Duration() != time.Hour || len(v.Version) > 64 {
			return fmt.Errorf("value %+v", v)
		}
	}
	return nil
}

package host

import (
	"context"
	"log/slog"
	"time"

	"github.com/dendro-carbon/dendro/internal/source"
)

// NewAt is New with a clock.
func NewAt(c Config, log *slog.Logger, at time.Time) (*Source, error) { return newAt(c, log, at) }

// ReadAt is Read with a clock.
func ReadAt(s *Source, r source.Request, now time.Time) ([]source.Reading, error) {
	return s.read(context.Background(), r, now)
}

// Remembered returns how many parts are remembered.
func Remembered(s *Source) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sampler.parts)
}

// Samples returns how many samples are kept.
func Samples(s *Source) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ring.samples)
}

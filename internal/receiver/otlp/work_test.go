package otlp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// While spans cannot be stored the log tells it once a minute, however often their senders
// come again.
func TestFailuresInTheLog(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	for range 1000 {
		s.refused(context.Background(), errors.New("no room"), 10)
	}
	if got := bytes.Count(log.Bytes(), []byte("\n")); got != 1 {
		t.Errorf("%d lines in the log", got)
	}
	if c := s.Counts(); c.Failed != 1000 || c.Refused != 10_000 {
		t.Errorf("counts: %+v", c)
	}
	now := time.Now()
	if s.mayTell(now.Add(tellEvery-time.Second)) || !s.mayTell(now.Add(tellEvery+time.Second)) {
		t.Error("not again after a minute")
	}
}

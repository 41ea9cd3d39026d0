package app

import (
	"io"
	"log/slog"

	"github.com/dendro-carbon/dendro/internal/config"
)

// NewLog returns the logger that the settings describe.
func NewLog(c config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // the settings were checked; a zero Config has none
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

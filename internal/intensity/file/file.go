// Package file reads carbon intensities from a CSV file: measurements of one's own,
// a contract's factors, an export of another service.
//
// The first line names the columns, in any order:
//
//	from            instant with its zone, as in 2026-01-28T12:30Z (or "timestamp")
//	to              end of the span; or
//	duration        its length in seconds; without both, Config.Step
//	gco2e_per_kwh   decimal (or "intensity_gco2e_per_kwh", "intensity"); empty is not known
//	region          optional; without it, all rows are of Config.Region
//	kind            optional: actual (if empty), estimate, forecast or annual
//	version         optional: what the origin says of its data or model
//
// The fact that a reader would get wrong: the file is read again as soon as it
// changes, as a whole. Until it is right again nothing of it is used, so who
// replaces it writes another one and renames it.
package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/intensity"
)

// Config says where the file is and what its values are.
type Config struct {
	// Name is the source's name in chains and in the basis of figures.
	Name string
	// Path is the file.
	Path string
	// Accounting is what all its values count. It has no default: a figure must
	// not depend on a guess of it.
	Accounting account.Accounting
	// Region is that of all rows of a file without the column region.
	Region string
	// Step is how long a row holds that has neither end nor duration; 0 demands
	// one of them.
	Step time.Duration
	// Licence and Credit are what the origin's terms ask to be shown.
	Licence, Credit string
	// MaxBytes limits the size of the file.
	MaxBytes int64
}

// Defaults returns the config to which path and accounting have to be added.
func Defaults() Config { return Config{Name: "file", MaxBytes: 64 << 20} }

// Validate returns all that is wrong with the config, as a [diag.List]. It does
// not look at the file.
func (c Config) Validate() error {
	var list diag.List
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, diag.New("", format, args...))
		}
	}
	wrong(c.Name == "", "name: required")
	wrong(c.Path == "", "path: required")
	scope, approach := c.Accounting.Scope, c.Accounting.Approach
	wrong(scope != "combustion" && scope != "lifecycle",
		"scope: %q: say what the values count: combustion (power stations running) or lifecycle (with building and fuel supply)", scope)
	wrong(approach != "location" && approach != "market",
		"approach: %q: say location (the grid's mix) or market (contracts)", approach)
	wrong(c.Step < 0 || c.Step%time.Microsecond != 0, "step: %v: use a length of time of whole microseconds", c.Step)
	wrong(c.MaxBytes < 1, "max_bytes: %d: at least 1", c.MaxBytes)
	return list.Err()
}

// Source is an [intensity.Source] over one file. It is safe for concurrent use.
type Source struct {
	config Config

	mu    sync.Mutex
	table *table
	// state is that of the file when it was read, and settled whether it had
	// been so for long enough that a later change must show.
	state   fs.FileInfo
	settled bool
}

// New reads the file and returns its source. The error is that of
// [Config.Validate], or what [Source.Fetch] would return: all that is wrong with
// the file, with its lines.
func New(c Config) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Source{config: c}
	if _, err := s.current(); err != nil {
		return nil, err
	}
	return s, nil
}

// Info implements [intensity.Source].
func (s *Source) Info() intensity.Info {
	return intensity.Info{
		Name: s.config.Name, Accounting: s.config.Accounting, Revises: true, Forecasts: true,
		Licence: s.config.Licence, Credit: s.config.Credit,
	}
}

// Regions returns the names of the regions in the file, sorted, or the error that
// [Source.Fetch] would return.
func (s *Source) Regions() ([]string, error) {
	t, err := s.current()
	if err != nil {
		return nil, err
	}
	return t.names(), nil
}

// Fetch implements [intensity.Source].
func (s *Source) Fetch(ctx context.Context, region string, span account.Span) ([]account.Intensity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t, err := s.current()
	if err != nil {
		return nil, err
	}
	series, ok := t.regions[region]
	if !ok {
		return nil, intensity.NoRegion(s.config.Name, region, t.names())
	}
	return series.within(span), nil
}

// current returns what the file holds now.
func (s *Source) current() (*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state, err := os.Stat(s.config.Path)
	if err != nil {
		return nil, unavailable(s.config.Name, err)
	}
	if s.table != nil && s.settled && unchanged(s.state, state) {
		return s.table, nil
	}
	s.table, s.state = nil, state
	// File systems keep times in steps of up to two seconds (FAT), so a file
	// that was just written may change once more without another time.
	s.settled = time.Since(state.ModTime()) > 2*time.Second
	t, err := s.load(state)
	if err != nil {
		return nil, err
	}
	s.table = t
	return t, nil
}

func (s *Source) load(state fs.FileInfo) (*table, error) {
	switch {
	case !state.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s: %s is not a file", intensity.ErrUnavailable, s.config.Name, s.config.Path)
	case state.Size() > s.config.MaxBytes:
		return nil, fmt.Errorf("%w: %s: %s has %d bytes, the limit is %d",
			intensity.ErrReply, s.config.Name, s.config.Path, state.Size(), s.config.MaxBytes)
	}
	f, err := os.Open(s.config.Path)
	if err != nil {
		return nil, unavailable(s.config.Name, err)
	}
	defer f.Close()
	t, err := readTable(f, &s.config)
	var list diag.List
	switch {
	case errors.As(err, &list):
		return nil, fmt.Errorf("%w: %s:\n%w", intensity.ErrReply, s.config.Name, err)
	case err != nil:
		return nil, unavailable(s.config.Name, err)
	}
	return t, nil
}

func unavailable(name string, err error) error {
	return fmt.Errorf("%w: %s: %w", intensity.ErrUnavailable, name, err)
}

// unchanged reports whether a file is still the one that was read.
func unchanged(then, now fs.FileInfo) bool {
	return os.SameFile(then, now) && then.Size() == now.Size() && then.ModTime().Equal(now.ModTime())
}

// Package file reads from files of one's own who held which host, who people are,
// and which experiments there were.
//
// One YAML file has the lists holdings, users, experiments and hosts; each can be a
// CSV file instead, whose first line names the columns:
//
//	holdings     host, from, user, workspace or id; optional to, created, shared, tag, state, reserved
//	users        user; optional research_group, pi, from, to, name, email, uid
//	experiments  experiment, members; optional title, pi, instrument, tag, from, to
//	hosts        host; all others are labels of it, such as machine_name
//
// Instants have their zone, as in 2026-01-28T12:00Z; to is not included. Lists are
// YAML lists, or separated by semicolons.
//
// The fact that a reader would get wrong: a holding that is deleted from the file
// never was, and the figures that followed from it are restated. One that ended gets
// a to. Files are read again as soon as one of them changes, all of them as a whole,
// and nothing new is used until all are right.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/directory"
)

// Config says where the files are.
type Config struct {
	// Name is the directory's name.
	Name string
	// Path is a YAML file with all lists; Holdings, Users, Experiments and Hosts
	// are CSV files with one each. At least one is needed.
	Path, Holdings, Users, Experiments, Hosts string
	// HostKey makes keys of the names of hosts.
	HostKey account.HostKey
	// MaxBytes limits the size of each file.
	MaxBytes int64
}

// Defaults returns the config to which a file has to be added.
func Defaults() Config { return Config{Name: "file", MaxBytes: 64 << 20} }

// Validate returns all that is wrong with the config, as a [diag.List]. It does not
// look at the files.
func (c Config) Validate() error {
	var list diag.List
	if c.Name == "" {
		list = append(list, diag.New("", "name: required"))
	}
	if len(c.files()) == 0 {
		list = append(list, diag.New("", "path: required").WithHint("name a YAML file, or CSV files as holdings, users, experiments, hosts"))
	}
	if c.MaxBytes < 1 {
		list = append(list, diag.New("", "max_bytes: %d: at least 1", c.MaxBytes))
	}
	return list.Err()
}

// input is a file and the list that it has, empty for all of them.
type input struct {
	path string
	list string
}

func (c Config) files() []input {
	var out []input
	for _, f := range []input{
		{c.Path, ""},
		{c.Holdings, listHoldings},
		{c.Users, listUsers},
		{c.Experiments, listExperiments},
		{c.Hosts, listHosts},
	} {
		if f.path != "" {
			out = append(out, f)
		}
	}
	return out
}

// Source is a [directory.Source] over files. It is safe for concurrent use.
type Source struct {
	config  Config
	tracker *directory.Tracker

	mu sync.Mutex
	// states are those of the files when they were read, nil before they were,
	// and settled whether a later change of one must show.
	states  []fs.FileInfo
	settled bool
}

// New reads the files and returns their source. The error is that of
// [Config.Validate], or all that is wrong with the files, with their lines.
func New(c Config) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Source{config: c, tracker: directory.NewTracker()}
	return s, s.refresh()
}

// Name implements [directory.Source].
func (s *Source) Name() string { return s.config.Name }

// Records implements [directory.Register].
func (s *Source) Records() *directory.Records { return s.tracker.Records() }

// Join implements [directory.Register].
func (s *Source) Join(others ...directory.Register) { s.tracker.Join(others...) }

// Changes implements [directory.Source].
func (s *Source) Changes(ctx context.Context, cursor string) (directory.Update, error) {
	if err := ctx.Err(); err != nil {
		return directory.Update{}, err
	}
	if err := s.refresh(); err != nil {
		return directory.Update{}, fmt.Errorf("%w: %w", directory.ErrUnavailable, err)
	}
	return s.tracker.Since(cursor)
}

// refresh reads the files if one of them has changed.
func (s *Source) refresh() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	states, err := s.stat()
	if err != nil {
		return err
	}
	if s.settled && unchanged(s.states, states) {
		return nil
	}
	r := &reader{key: s.config.HostKey}
	for _, f := range s.config.files() {
		content, err := s.content(f.path)
		if err != nil {
			return err
		}
		r.file(f, content)
	}
	records, err := r.finish()
	if err != nil {
		s.settled = false
		return err
	}
	s.states, s.settled = states, true
	for _, state := range states {
		// File systems keep times in steps of up to two seconds (FAT), so a file
		// that was just written may change once more without another time.
		s.settled = s.settled && time.Since(state.ModTime()) > 2*time.Second
	}
	s.tracker.Set(records, nil, time.Time{})
	return nil
}

func (s *Source) stat() ([]fs.FileInfo, error) {
	var states []fs.FileInfo
	var errs []error
	for _, f := range s.config.files() {
		state, err := os.Stat(f.path)
		if err == nil && !state.Mode().IsRegular() {
			err = fmt.Errorf("%s is not a file", f.path)
		}
		states, errs = append(states, state), append(errs, err)
	}
	return states, errors.Join(errs...)
}

func (s *Source) content(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, s.config.MaxBytes+1))
	if err == nil && int64(len(content)) > s.config.MaxBytes {
		err = fmt.Errorf("%s: larger than %d bytes", filepath.Base(path), s.config.MaxBytes)
	}
	return content, err
}

// unchanged reports whether files are still those that were read.
func unchanged(then, now []fs.FileInfo) bool {
	if len(then) != len(now) {
		return false
	}
	for i := range now {
		if !os.SameFile(then[i], now[i]) || then[i].Size() != now[i].Size() || !then[i].ModTime().Equal(now[i].ModTime()) {
			return false
		}
	}
	return true
}

// Package host observes the machine it runs on: processor time as a whole, per user
// and per systemd unit or container, and joules where the processor counts them.
//
// It samples /proc, cgroups of version 2 and /sys/class/powercap on its own ticker
// and keeps the samples of a few hours; slots are read from those. It needs no
// rights: what it may not see goes to the host's rest. It reads no command
// lines, no environments and no names of processes.
//
// The fact that a reader would get wrong: users and units are not two divisions of
// the machine but one. A part is what one user used in one unit. What processes used
// that began and ended between two samples goes to whoever waited for them, if their
// unit counted it, and else to a part of the unit without a user; what the machine
// used beyond all units and processes is the rest, which derivation shows as
// unattributed. So the machine is the sum of its parts and the rest, by users as by
// units.
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/energy"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Labels of facts.
const (
	// LabelHost is the name of the machine.
	LabelHost = "host"
	// LabelUser is who a process runs for, by name, or by number if it has none.
	LabelUser = "user"
	// LabelUnit is the systemd unit, slice of a user, or scope of a container.
	LabelUnit = "unit"
	// LabelContainer is the beginning of the identity of a container.
	LabelContainer = "container"
)

// Config says what is observed and how often.
type Config struct {
	// Name is the source's name in the basis of figures.
	Name string
	// Host is the name of the machine; empty asks the kernel.
	Host string
	// Root is the folder under which proc, sys and etc/passwd lie: / unless those of
	// the machine are mounted elsewhere in a container.
	Root string
	// Interval is the time between samples, and Keep how long they are kept.
	Interval, Keep time.Duration
	// MaxParts is how many parts are told apart at once; what comes beyond goes to
	// the rest, with a warning.
	MaxParts int
	Modes    source.Modes
	Rule     energy.Rule
}

// Defaults returns a config for this machine: a sample every five seconds, kept for
// three hours.
func Defaults() Config {
	rule := energy.DefaultRule()
	rule.BridgeAfter = 30 * time.Second // six samples that did not come
	return Config{
		Name: "host", Root: "/", Interval: 5 * time.Second, Keep: 3 * time.Hour, MaxParts: 4096,
		Modes: source.DefaultModes(), Rule: rule,
	}
}

// Validate returns all that is wrong with the config, as a [diag.List].
func (c Config) Validate() error {
	var list diag.List
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			list = append(list, diag.New("", format, args...))
		}
	}
	wrong(c.Name == "", "name: required")
	wrong(c.Root == "", "root: required, such as /")
	wrong(!utf8.ValidString(c.Host), "host: %q is not UTF-8", c.Host)
	wrong(c.Interval < 100*time.Millisecond || c.Interval > time.Minute, "interval: %v: from 100ms to 1m", c.Interval)
	wrong(c.Keep < 2*time.Minute || c.Keep > 48*time.Hour, "keep: %v: from 2m to 48h", c.Keep)
	wrong(c.MaxParts < 1, "max_parts: %d: at least 1", c.MaxParts)
	wrong(c.Rule.BridgeAfter < c.Interval || c.Rule.MaxBridge < c.Rule.BridgeAfter,
		"max_bridge: %v, bridge_after: %v: they must not be shorter than the interval, nor the first than the second",
		c.Rule.MaxBridge, c.Rule.BridgeAfter)
	return list.Err()
}

// Source is a [source.Source] over this machine. Samples are taken by
// [Source.Run]. It is safe for concurrent use.
type Source struct {
	config Config
	log    *slog.Logger
	labels account.Labels // of the machine
	host   string

	mu      sync.Mutex
	sampler *sampler
	ring    ring
}

// New takes a first sample and returns a source. It fails with the error of
// [Config.Validate], or one that wraps [source.ErrUnavailable] where there is no
// /proc.
func New(c Config, log *slog.Logger) (*Source, error) { return newAt(c, log, time.Now()) }

func newAt(c Config, log *slog.Logger, at time.Time) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Source{config: c, log: log.With("source", c.Name), host: c.Host}
	var err error
	if s.sampler, err = newSampler(c); err != nil {
		return nil, s.unavailable(err)
	}
	if s.host == "" {
		if s.host, err = hostname(c.Root); err != nil {
			return nil, s.unavailable(err)
		}
	}
	if s.labels, err = account.LabelsOf(LabelHost, s.host); err != nil {
		return nil, s.unavailable(err)
	}
	if err := s.Sample(at); err != nil {
		return nil, err
	}
	s.log.Info("observing this machine", "host", s.host, "interval", c.Interval,
		"cgroups", s.sampler.cgroups.root, "meter", s.sampler.rapl.describe())
	return s, nil
}

func (s *Source) unavailable(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%w; this source needs the /proc of Linux", err)
	}
	return fmt.Errorf("%w: %s: %w", source.ErrUnavailable, s.config.Name, err)
}

// hostname returns the machine's name. It is read under the root, since a container
// has another one.
func hostname(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "proc", "sys", "kernel", "hostname"))
	if err != nil {
		return "", err
	}
	name := strings.ToValidUTF8(strings.TrimSpace(string(text)), "")
	if name == "" {
		return "", errors.New("the machine has no name; configure one")
	}
	return name, nil
}

// Info implements [source.Source]. The samples are gone after a few hours, so the
// source is not replayable.
func (s *Source) Info() source.Info { return source.Info{Name: s.config.Name} }

// Run takes samples until the context ends, and then returns nil. A sample that fails
// is logged when it begins to fail and when it does so no more; the time without
// samples is a gap.
func (s *Source) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.config.Interval)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := s.Sample(time.Now())
		if err != nil && !failing {
			s.log.Warn("no sample", "error", err)
		}
		if err == nil && failing {
			s.log.Info("samples again")
		}
		failing = err != nil
	}
}

// Sample takes one sample, as [Source.Run] does at each tick. At is the time by the
// machine's clock. The error wraps [source.ErrUnavailable].
func (s *Source) Sample(at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, err := s.sampler.take(at.UnixMicro())
	if err != nil {
		return s.unavailable(err)
	}
	if back := s.ring.add(one, s.sampler.parts); back > 0 {
		s.log.Warn("the clock was set back; samples of the time after it are dropped", "by", time.Duration(back)*time.Microsecond)
	}
	s.ring.trim(one.at-s.config.Keep.Microseconds(), s.sampler.parts)
	return nil
}

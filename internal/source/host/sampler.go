package host

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/prometheus/procfs"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/unit"
)

// sampler reads the machine's counters. It is not safe for concurrent use.
type sampler struct {
	config  Config
	fs      procfs.FS
	cgroups *cgroups
	rapl    *rapl
	users   *users
	boot    time.Time

	busy, idle int64
	modes      [8]int64 // as last read
	// busyBefore is what was busy at the sample before, and given what this sample has
	// given to parts so far.
	busyBefore, given int64
	processes         map[int]*process
	units             map[unitKey]*unitUse
	parts             map[partKey]*part
	generation        int
	// overflow is how many parts of the last sample were beyond the limit.
	overflow int
}

func newSampler(c Config) (*sampler, error) {
	fs, err := procfs.NewFS(filepath.Join(c.Root, "proc"))
	if err != nil {
		return nil, err
	}
	return &sampler{
		config: c, fs: fs, cgroups: newCgroups(c.Root), rapl: newRAPL(c.Root), users: &users{path: filepath.Join(c.Root, "etc", "passwd")},
		processes: map[int]*process{}, units: map[unitKey]*unitUse{}, parts: map[partKey]*part{},
	}, nil
}

// take takes a sample. After an error nothing has changed but what goes to later
// samples.
func (s *sampler) take(at int64) (*sample, error) {
	stat, err := s.fs.Stat()
	if err != nil {
		return nil, err
	}
	s.busyBefore, s.given = s.busy, 0
	if err := s.host(&stat); err != nil {
		return nil, err
	}
	one := &sample{at: at, busy: s.busy, idle: s.idle, meters: s.rapl.read(at)}
	s.generation++
	s.overflow = 0
	s.cgroups.walk(s.useUnit)
	gone, err := s.useProcesses()
	if err != nil {
		return nil, err
	}
	s.useEnded(s.waitedFor(gone))
	return one, nil
}

// host adds up the time of the processors by class.
func (s *sampler) host(stat *procfs.Stat) error {
	// The kernel works the boot time out from the clock, so it wavers by a second.
	if boot := time.Unix(int64(stat.BootTime), 0); boot.Sub(s.boot).Abs() > 2*time.Second {
		s.boot = boot
	}
	c := &stat.CPUTotal
	for i, mode := range [...]struct {
		name    string
		seconds float64
	}{
		// Time of guests is in user and nice already.
		{"user", c.User},
		{"nice", c.Nice},
		{"system", c.System},
		{"idle", c.Idle},
		{"iowait", c.Iowait},
		{"irq", c.IRQ},
		{"softirq", c.SoftIRQ},
		{"steal", c.Steal},
	} {
		now, err := unit.DurationFromSeconds(mode.seconds)
		if err != nil {
			return fmt.Errorf("processor time in mode %s: %w", mode.name, err)
		}
		class, ok := s.config.Modes.Of(mode.name)
		// Idle and iowait may fall a little: the kernel estimates them. This process
		// would not live to see a counter begin again.
		more := max(0, int64(now)-s.modes[i])
		s.modes[i] = max(s.modes[i], int64(now))
		switch {
		case !ok:
		case class == source.Idle:
			s.idle += more
		default:
			s.busy += more
		}
	}
	return nil
}

// use adds processor time to a part, within the limit of parts.
func (s *sampler) use(key partKey, micro int64) {
	p, ok := s.parts[key]
	if !ok {
		if micro == 0 {
			return
		}
		if len(s.parts) >= s.config.MaxParts {
			s.overflow++
			return
		}
		labels, err := account.LabelsOf(LabelUser, key.user, LabelUnit, key.unit, LabelContainer, key.container)
		if err != nil {
			s.overflow++ // cannot happen: names are made UTF-8 where they are read
			return
		}
		p = &part{key: key, labels: labels, recorded: -1}
		s.parts[key] = p
	}
	p.value += micro
	s.given += micro
}

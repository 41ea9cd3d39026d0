package host

import (
	"cmp"
	"maps"
	"slices"

	"github.com/prometheus/procfs"
)

const (
	// microPerTick is the length of the ticks in which the kernel tells processor
	// time: USER_HZ is 100 on all that Go runs on.
	microPerTick = 10_000
	// kernelThread is PF_KTHREAD of linux/sched.h.
	kernelThread = 0x00200000
)

// process is what is remembered of a living process.
type process struct {
	start      uint64 // tells processes of one number apart
	ticks      uint64
	generation int
}

// useProcesses adds what each process has used since the last sample to its part. A
// process that ends in between takes the last of it along: that stays with its unit,
// or in the rest.
func (s *sampler) useProcesses() error {
	all, err := s.fs.AllProcs()
	if err != nil {
		return err
	}
	for _, p := range all {
		stat, err := p.Stat()
		if err != nil {
			continue // it has ended, or is hidden from us
		}
		known := s.processes[p.PID]
		if known == nil || known.start != stat.Starttime {
			known = &process{start: stat.Starttime}
			s.processes[p.PID] = known
		}
		known.generation = s.generation
		now := uint64(stat.UTime) + uint64(stat.STime)
		if now <= known.ticks {
			continue // most processes sleep, and need no second look
		}
		key, ok := s.partOf(p, &stat)
		if !ok {
			continue
		}
		micro := int64(now-known.ticks) * microPerTick
		known.ticks = now
		s.use(key, micro)
		if u, ok := s.units[unitKey{key.unit, key.container}]; ok {
			u.processes += micro
		}
	}
	for pid, known := range s.processes {
		if known.generation != s.generation {
			delete(s.processes, pid)
		}
	}
	return nil
}

// partOf returns the part that a process belongs to now.
func (s *sampler) partOf(p procfs.Proc, stat *procfs.ProcStat) (partKey, bool) {
	status, err := p.NewStatus()
	if err != nil {
		return partKey{}, false
	}
	key := partKey{user: s.users.name(status.UIDs[0])}
	if s.cgroups.root == "" {
		return key, true
	}
	if stat.Flags&kernelThread != 0 {
		key.unit = "kernel"
		return key, true
	}
	groups, err := p.Cgroups()
	if err != nil {
		return partKey{}, false
	}
	for _, g := range groups {
		if g.HierarchyID == 0 { // version 2
			u := s.cgroups.unitOf(g.Path)
			key.unit, key.container = u.unit, u.container
		}
	}
	return key, true
}

// unitUse is the use of all control groups that are one unit.
type unitUse struct {
	// total is what the groups count, and processes what living processes account
	// for, in microseconds.
	total, processes int64
	// rest is what of the total was given to the part without a user.
	rest int64
	// generation is when there was such a group last.
	generation int
}

// useUnit takes what a control group of a unit has used since the last sample.
func (s *sampler) useUnit(key unitKey, micro int64) {
	u, ok := s.units[key]
	if !ok {
		u = &unitUse{}
		s.units[key] = u
	}
	u.total += micro
	u.generation = s.generation
}

// restOfUnits gives what no living process accounts for to the unit alone. Processes
// are counted in ticks and a moment later than their groups, so they may be ahead for
// a while: the rest only grows when the total has outgrown them.
func (s *sampler) restOfUnits() {
	keys := slices.SortedFunc(maps.Keys(s.units), func(a, b unitKey) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.container, b.container))
	})
	for _, key := range keys {
		u := s.units[key]
		if rest := u.total - u.processes; rest > u.rest {
			s.use(partKey{unit: key.unit, container: key.container}, rest-u.rest)
			u.rest = rest
		}
		if u.generation != s.generation {
			delete(s.units, key)
		}
	}
}

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
	pid, parent int
	start       uint64 // tells processes of one number apart
	// ticks is what the process itself has used, and children what those have
	// that it has waited for, with theirs.
	ticks, children uint64
	// waited is by how much children has grown since the last sample.
	waited     uint64
	generation int
}

// useProcesses adds what each process has used since the last sample to its part. It
// returns those that have ended since.
func (s *sampler) useProcesses() ([]*process, error) {
	all, err := s.fs.AllProcs()
	if err != nil {
		return nil, err
	}
	var gone []*process
	for _, p := range all {
		stat, err := p.Stat()
		if err != nil {
			continue // it has ended, or is hidden from us
		}
		known := s.processes[p.PID]
		if known == nil || known.start != stat.Starttime {
			if known != nil {
				gone = append(gone, known)
			}
			known = &process{pid: p.PID, start: stat.Starttime}
			s.processes[p.PID] = known
		}
		s.useProcess(p, &stat, known)
	}
	for pid, known := range s.processes {
		if known.generation != s.generation {
			delete(s.processes, pid)
			gone = append(gone, known)
		}
	}
	return gone, nil
}

// useProcess takes what one process has used.
func (s *sampler) useProcess(p procfs.Proc, stat *procfs.ProcStat, known *process) {
	known.generation, known.parent = s.generation, stat.PPID
	children := uint64(max(0, stat.CUTime)) + uint64(max(0, stat.CSTime))
	known.waited = max(children, known.children) - known.children
	known.children = max(children, known.children)
	now := uint64(stat.UTime) + uint64(stat.STime)
	if now <= known.ticks {
		return // most processes sleep, and need no second look
	}
	key, ok := s.partOf(p, stat.Flags)
	if !ok {
		return
	}
	micro := int64(now-known.ticks) * microPerTick
	known.ticks = now
	s.use(key, micro)
	if u, ok := s.units[unitKey{key.unit, key.container}]; ok {
		u.processes += micro
	}
}

// ended is what processes used that began or ended since the last sample, and the part
// of whoever waited for them.
type ended struct {
	key   partKey
	micro int64
}

// waitedFor finds out what was used by processes that began or ended since the last
// sample: the kernel adds it to the children's time of the process that waited for
// them. What they had used before is in there too, and was counted when it was
// seen.
func (s *sampler) waitedFor(gone []*process) []ended {
	if s.generation == 1 {
		return nil // how long ago those ended is not known
	}
	counted := s.countedBefore(gone)
	var out []ended
	for _, pid := range slices.Sorted(maps.Keys(s.processes)) {
		known := s.processes[pid]
		if known.waited <= counted[pid] {
			continue
		}
		p, err := s.fs.Proc(pid)
		if err != nil {
			continue
		}
		if key, ok := s.partOf(p, 0); ok {
			out = append(out, ended{key, int64(known.waited-counted[pid]) * microPerTick})
		}
	}
	return out
}

// useEnded gives what ended processes used to the parts of those who waited for them.
//
// Who waits is not always in the unit that used it (a container's shim waits for the
// container, systemd for services), and children may get another parent in between.
// So no more is given than is missing: in a unit, of what its groups counted, and
// elsewhere of what the machine was busy since the last sample.
func (s *sampler) useEnded(all []ended) {
	var elsewhere []ended
	for _, e := range all {
		u, ok := s.units[unitKey{e.key.unit, e.key.container}]
		if !ok {
			elsewhere = append(elsewhere, e)
			continue
		}
		micro := max(0, min(e.micro, u.total-u.processes-u.rest))
		u.processes += micro
		s.use(e.key, micro)
	}
	s.restOfUnits()
	for _, e := range elsewhere {
		s.use(e.key, max(0, min(e.micro, s.busy-s.busyBefore-s.given)))
	}
}

// countedBefore returns how many ticks of the ended processes were counted while they
// lived, by the living process that has waited for them, directly or through others
// that ended.
func (s *sampler) countedBefore(gone []*process) map[int]uint64 {
	ended := make(map[int]*process, len(gone))
	for _, g := range gone {
		ended[g.pid] = g
	}
	counted := map[int]uint64{}
	for _, g := range gone {
		parent := g.parent
		for range len(gone) { // a number that is used again could make a circle
			next, ok := ended[parent]
			if !ok {
				break
			}
			parent = next.parent
		}
		counted[parent] += g.ticks + g.children
	}
	return counted
}

// partOf returns the part that a process belongs to now.
func (s *sampler) partOf(p procfs.Proc, flags uint) (partKey, bool) {
	status, err := p.NewStatus()
	if err != nil {
		return partKey{}, false
	}
	key := partKey{user: s.users.name(status.UIDs[0])}
	if s.cgroups.root == "" {
		return key, true
	}
	if flags&kernelThread != 0 {
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
	// total is what the groups count, and processes what was given to users, in
	// microseconds.
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

// restOfUnits gives what no process accounts for to the unit alone. Processes are
// counted in ticks and a moment later than their groups, so they may be ahead for
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

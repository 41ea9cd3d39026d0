package meter

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// restore takes up what a journal says, if it is whole. A later line that was not written to its
// end is left out, and so is all behind it.
func (r *Recorder) restore() error {
	if r.journal.path == "" {
		return nil
	}
	file, err := os.Open(r.journal.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("journal of meters: %w", err)
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<16)
	var w written
	if err := readLine(in, &w); err != nil {
		aside := r.journal.path + ".damaged"
		r.log.Error("journal of meters is damaged: what was measured and in no window is lost", "path", aside, "error", err)
		return os.Rename(r.journal.path, aside)
	}
	old := former(w)
	for samples := w.Series; err == nil; err = readLine(in, &samples) {
		old.reenter(samples)
		samples = nil
	}
	r.adopt(old)
	return nil
}

// readLine reads a line that has its end.
func readLine(in *bufio.Reader, to any) error {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return errors.New("its line has no end")
	}
	return json.Unmarshal(line, to)
}

// former returns a recorder as it was when a first line was written, but for its series.
func former(w written) *Recorder {
	old := &Recorder{taken: w.Taken}
	var infos []Info
	for _, m := range w.Meters {
		info := Info{Name: m.Name, Energy: energyOf(m.Energy), Every: time.Duration(m.Every), Targets: m.Targets}
		if info.Validate() == nil {
			infos = append(infos, info)
		}
	}
	var of [][]*group
	old.groups, of = groups(infos)
	for i, info := range infos {
		old.sources = append(old.sources, &reader{info: info, targets: of[i], series: map[seriesKey]*series{}})
	}
	for _, g := range w.Groups {
		old.setGroup(g)
	}
	return old
}

// energyOf returns a source of energy by its word, or one that measures nothing.
func energyOf(word string) window.Energy {
	for e := window.EnergyCloud; e.Measured(); e++ {
		if e.String() == word {
			return e
		}
	}
	return window.EnergyProxy
}

// reenter enters samples that were read before.
func (r *Recorder) reenter(samples []writtenSeries) {
	for _, x := range samples {
		if i := slices.IndexFunc(r.sources, func(s *reader) bool { return s.info.Name == x.Meter }); i >= 0 {
			r.sources[i].take(Sample{Target: x.Target, Series: x.Series, Kind: x.Kind, At: time.Unix(0, x.At), Value: x.Value})
		}
	}
}

// adopt takes up what a former recorder knew: where counters stood of targets that are
// still there, and all energy that it did not give. That of services that nobody
// measures together any more is given once more, for them.
func (r *Recorder) adopt(old *Recorder) {
	r.taken = old.taken
	for _, g := range old.groups {
		r.setGroup(writeGroup(g, g.pieces))
	}
	for _, was := range old.sources {
		i := slices.IndexFunc(r.sources, func(s *reader) bool { return s.info.Name == was.info.Name && s.info.Energy == was.info.Energy })
		if i < 0 {
			continue
		}
		s := r.sources[i]
		for key, last := range was.series {
			same := func(services []string) bool { return slices.Equal(services, was.info.Targets[key.target]) }
			if key.target >= len(s.targets) || !same(s.info.Targets[key.target]) {
				key.target = slices.IndexFunc(s.info.Targets, same)
			}
			if at := time.Unix(0, last.at); key.target >= 0 {
				s.series[key] = last
				if at.After(s.status.Good) {
					s.status.Good = at
				}
			}
		}
	}
}

// setGroup sets what was written of a group.
func (r *Recorder) setGroup(was writtenGroup) {
	if g := r.groupOf(was); g != nil {
		g.late, g.given, g.known, g.pieces = was.Late, was.Given, was.Known, was.pieces()
	}
}

// groupOf returns the group of what was written, a new one if there is none and it has
// energy. It is nil if there is nothing to keep.
func (r *Recorder) groupOf(was writtenGroup) *group {
	energy := energyOf(was.Energy)
	for _, g := range r.groups {
		if g.energy == energy && slices.Equal(g.services, was.Services) {
			return g
		}
	}
	if !energy.Measured() || len(was.Pieces) == 0 && was.Late == 0 {
		return nil
	}
	g := &group{energy: energy, services: was.Services, every: max(was.Every, int64(time.Second))}
	r.groups = append(r.groups, g)
	return g
}

// Resume tells a recorder with a journal, before it is asked for readings, from which
// instant on windows are still to be closed, in nanoseconds since the Unix epoch. What a
// former one gave for the first of them was not kept, and is given again.
func (r *Recorder) Resume(from int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.taken.Groups) > 0 && r.taken.From >= from {
		for _, was := range r.taken.Groups {
			if g := r.groupOf(was); g != nil {
				g.late += was.Late
				g.given = was.Given
				g.pieces = append(was.pieces(), g.pieces...)
			}
		}
		r.log.Info("energy of meters is given again: its window was not kept", "from", time.Unix(0, r.taken.From).UTC())
	}
	r.taken = writtenTake{}
	r.rewrite()
}

package meter

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

// A journal is a file of JSON lines: first all that a recorder knew when readings were
// given last or the file had grown large, then the samples that were read since. It is
// written anew before readings are given, so that a recorder that comes after this one,
// however that ended, gives what this one did not, and takes the counters up where this
// one left them.

// maxJournal is the size of a journal, in bytes, from which it is written anew.
const maxJournal = 4 << 20

// journal is the file of a recorder. It is guarded by [Recorder.mu]. An empty path is
// that of none.
type journal struct {
	path string
	file *os.File // nil until it was written, and after an error
	size int64
	wall int64 // the size from which it is written anew
	bad  bool  // the last try to write failed
}

// written is the first line.
type written struct {
	Meters []writtenMeter  `json:"meters"`
	Series []writtenSeries `json:"series"`
	Groups []writtenGroup  `json:"groups"`
	// Taken is what was given last, and of the window from which instant on.
	Taken writtenTake `json:"taken"`
}

type writtenTake struct {
	From   int64          `json:"from"`
	Groups []writtenGroup `json:"groups"`
}

// writtenMeter is what a source was: the configuration may change.
type writtenMeter struct {
	Name    string     `json:"name"`
	Energy  string     `json:"energy"`
	Every   int64      `json:"every"`
	Targets [][]string `json:"targets"`
}

// writtenSeries is a sample.
type writtenSeries struct {
	Meter  string  `json:"m"`
	Target int     `json:"n"`
	Series string  `json:"s"`
	Kind   Kind    `json:"k"`
	At     int64   `json:"t"`
	Value  float64 `json:"v"`
}

// writtenGroup is energy of a group that was measured and not given.
type writtenGroup struct {
	Energy   string         `json:"energy"`
	Services []string       `json:"services"`
	Every    int64          `json:"every"`
	Late     float64        `json:"late"`
	Given    int64          `json:"given"`
	Known    int64          `json:"known"`
	Pieces   []writtenPiece `json:"pieces"`
}

type writtenPiece struct {
	From   int64   `json:"f"`
	To     int64   `json:"t"`
	Joules float64 `json:"j"`
}

func writeGroup(g *group, pieces []piece) writtenGroup {
	out := writtenGroup{Energy: g.energy.String(), Services: g.services, Every: g.every, Late: g.late, Given: g.given, Known: g.known}
	for _, p := range pieces {
		out.Pieces = append(out.Pieces, writtenPiece{p.from, p.to, p.joules})
	}
	return out
}

func (w writtenGroup) pieces() []piece {
	var out []piece
	for _, p := range w.Pieces {
		out = append(out, piece{p.From, p.To, p.Joules})
	}
	return out
}

// seriesOf returns a sample of a source as it is written.
func (s *reader) seriesOf(key seriesKey, last *series) writtenSeries {
	return writtenSeries{s.info.Name, key.target, key.series, last.kind, last.at, last.value}
}

// rewrite writes the journal anew, with all that is known.
func (r *Recorder) rewrite() {
	if r.journal.path == "" {
		return
	}
	w := written{Taken: r.taken}
	for _, s := range r.sources {
		w.Meters = append(w.Meters, writtenMeter{s.info.Name, s.info.Energy.String(), int64(s.info.Every), s.info.Targets})
		for key, last := range s.series {
			w.Series = append(w.Series, s.seriesOf(key, last))
		}
	}
	for _, g := range r.groups {
		w.Groups = append(w.Groups, writeGroup(g, g.pieces))
	}
	r.note(r.journal.replace(w))
}

// extend adds samples to the journal.
func (r *Recorder) extend(entered []writtenSeries) {
	j := &r.journal
	switch {
	case j.path == "" || len(entered) == 0:
	case j.file == nil || j.size > j.wall:
		r.rewrite()
	default:
		line, err := json.Marshal(entered)
		if err == nil {
			_, err = j.file.Write(append(line, '\n'))
		}
		if j.size += int64(len(line)) + 1; err != nil {
			err = errors.Join(err, j.close())
		}
		r.note(err)
	}
}

// note tells once that the journal cannot be written, and that it can again.
func (r *Recorder) note(err error) {
	switch {
	case err != nil && !r.journal.bad:
		r.log.Warn("meters not journaled: what they measure is lost if the program is killed", "path", r.journal.path, "error", err)
	case err == nil && r.journal.bad:
		r.log.Info("meters journaled again", "path", r.journal.path)
	}
	r.journal.bad = err != nil
}

// close closes the file; the next line is a new one's first.
func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}

// Close ends the journal of a recorder that nobody reads or asks any more.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.journal.path = ""
	return r.journal.close()
}

// replace writes the first line of a new file in place of the old one.
func (j *journal) replace(w written) (err error) {
	line, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(j.path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = file.Write(append(line, '\n'))
	err = errors.Join(err, file.Sync())
	if err == nil {
		err = os.Rename(file.Name(), j.path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(j.path))
	}
	if err != nil {
		return errors.Join(err, file.Close(), j.close())
	}
	old := j.close()
	j.file, j.size, j.wall = file, int64(len(line)), max(maxJournal, 4*int64(len(line)))
	return old
}

func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

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

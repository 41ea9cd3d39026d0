package meter

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
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

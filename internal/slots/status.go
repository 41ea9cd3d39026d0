package slots

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	"github.com/dendro-carbon/dendro/internal/source"
)

// Status is how the driver is doing.
type Status struct {
	// LastClosed is the newest slot that was closed since the start, and Waiting
	// how many slots are due and could not be closed.
	LastClosed account.Span `json:"last_closed,omitzero"`
	Waiting    int          `json:"waiting"`
	// Troubles are the duties that fail, by name.
	Troubles map[string]Trouble `json:"troubles,omitempty"`
	// Warnings are what sources and directories said of their last answer, by
	// name: what was left out, or is doubtful. Those of the newest slot's
	// division, where several parties had a claim, are under "attribution".
	Warnings map[string][]Warning `json:"warnings,omitempty"`
	// Directories are how the directories are doing, by name.
	Directories map[string]Directory `json:"directories,omitempty"`
}

// Directory is how a directory is doing.
type Directory struct {
	// AskedAt is when it answered last, and LagSeconds how long ago that is.
	AskedAt    time.Time `json:"asked_at"`
	LagSeconds float64   `json:"lag_s"`
	// Changes is how many holdings it has told since the start of the program, and
	// Warnings how many warnings stand.
	Changes  int `json:"changes"`
	Warnings int `json:"warnings"`
}

// Warning tells of something that was left out or is doubtful.
type Warning struct {
	Code    string `json:"code"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Count   int    `json:"count"`
}

// Trouble is a duty that fails.
type Trouble struct {
	Since time.Time `json:"since"`
	Error string    `json:"error"`
	Fails int       `json:"fails"`
}

// Status returns how the driver is doing.
func (d *Driver) Status() Status {
	d.status.mu.Lock()
	defer d.status.mu.Unlock()
	s := d.status.Status
	s.Troubles, s.Warnings, s.Directories = maps.Clone(s.Troubles), maps.Clone(s.Warnings), maps.Clone(s.Directories)
	for name, one := range s.Directories {
		one.LagSeconds = time.Since(one.AskedAt).Seconds()
		s.Directories[name] = one
	}
	return s
}

// board is the status with its lock.
type board struct {
	mu sync.Mutex
	Status
	divided time.Time // the slot whose contentions are shown
}

// asked notes that a directory has answered.
func (b *board) asked(name string, u directory.Update) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Directories == nil {
		b.Directories = map[string]Directory{}
	}
	one := b.Directories[name]
	one.AskedAt, one.Warnings = time.Now().UTC(), len(u.Warnings)
	one.Changes += len(u.Holdings)
	b.Directories[name] = one
}

// newest reports whether a slot is none before that whose contentions are shown, and
// takes it for that.
func (b *board) newest(slot account.Span) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slot.From.Before(b.divided) {
		return false
	}
	b.divided = slot.From
	return true
}

// note records the outcome of a duty and reports whether it began or ceased to
// fail.
func (b *board) note(name string, err error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, failing := b.Troubles[name]
	if err == nil {
		delete(b.Troubles, name)
		return failing
	}
	if b.Troubles == nil {
		b.Troubles = map[string]Trouble{}
	}
	if !failing {
		t.Since = time.Now().UTC()
	}
	t.Error, t.Fails = err.Error(), t.Fails+1
	b.Troubles[name] = t
	return !failing
}

func (b *board) closed(p Progress, missing []account.Span) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Waiting = len(missing) - p.Done
	if p.Done > 0 && p.Last.To.After(b.LastClosed.To) {
		b.LastClosed = p.Last
	}
}

// warned replaces the warnings of one source and returns those that are new.
func (b *board) warned(name string, warnings []Warning) []Warning {
	b.mu.Lock()
	defer b.mu.Unlock()
	var fresh []Warning
	for _, w := range warnings {
		told := func(old Warning) bool { return old.Code == w.Code && old.Subject == w.Subject }
		if !slices.ContainsFunc(b.Warnings[name], told) {
			fresh = append(fresh, w)
		}
	}
	if b.Warnings == nil {
		b.Warnings = map[string][]Warning{}
	}
	if delete(b.Warnings, name); len(warnings) > 0 {
		b.Warnings[name] = warnings
	}
	return fresh
}

// warn shows the warnings of an answer in the status, and logs those that the
// answer before did not have.
func (d *Driver) warn(name string, warnings []Warning) {
	for _, w := range d.status.warned(name, warnings) {
		d.Log.Warn("warning", "of", name, "code", w.Code, "subject", w.Subject, "count", w.Count, "text", w.Text)
	}
}

// maxContentions bounds what is shown of one slot.
const maxContentions = 100

// warnContentions shows where the policy had to decide among several claims, for
// the newest slot alone: a claim that ended is of the past.
func (d *Driver) warnContentions(slot account.Span, contentions []derive.Contention) {
	if !d.status.newest(slot) {
		return
	}
	var warnings []Warning
	for i, c := range contentions {
		if i == maxContentions {
			warnings = append(warnings, Warning{
				Code: "contention", Subject: "further hosts", Count: len(contentions) - i,
				Text: "several parties have a claim on further hosts too",
			})
			break
		}
		subject := "host " + c.Host
		if c.Workspace != "" {
			subject = "workspace " + c.Workspace
		}
		warnings = append(warnings, Warning{Code: "contention", Subject: subject, Text: c.String(), Count: len(c.Names)})
	}
	d.warn("attribution", warnings)
}

// addWarnings adds the warnings of one more reading, each once.
func addWarnings(all []Warning, more []source.Warning) []Warning {
	for _, w := range more {
		if one := Warning(w); !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}

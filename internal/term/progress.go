package term

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Progress is drawn only once work has lasted so long, and then so often.
const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// Progress is a line that says how far a piece of work is, for instance
//
//	components ━━━━━━━━━━───── 420 of 640, 3 s left
//
// It is drawn on a terminal only, only when the work lasts over a second, and
// is erased at the end. Its methods may be called from several goroutines.
type Progress struct {
	w      io.Writer
	what   string
	screen Screen

	mu    sync.Mutex
	start time.Time
	next  time.Time // when to draw again; zero when there is nothing to draw on
	drawn bool
}

// NewProgress returns the progress of work on things such as "components",
// beginning now, shown on w if that is a terminal and show is true.
func NewProgress(w io.Writer, what string, show bool) *Progress {
	screen := ScreenOf(w)
	screen.Terminal = screen.Terminal && show
	return newProgress(w, what, screen)
}

func newProgress(w io.Writer, what string, screen Screen) *Progress {
	p := &Progress{w: w, what: what, screen: screen}
	if screen.Terminal {
		p.start = time.Now()
		p.next = p.start.Add(progressAfter)
	}
	return p
}

// Set says that so many of so many things are done. It is quick enough to be
// called for each.
func (p *Progress) Set(done, total int) {
	if !p.screen.Terminal || !p.mu.TryLock() {
		return // another goroutine is drawing, with a count as good as this one
	}
	defer p.mu.Unlock()
	now := time.Now()
	if p.next.IsZero() || now.Before(p.next) {
		return
	}
	p.next = now.Add(progressEvery)
	p.drawn = true
	_, _ = io.WriteString(p.w, eraseLine+p.line(done, total, now.Sub(p.start)))
}

// Done erases the line. Nothing is drawn after it.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_, _ = io.WriteString(p.w, eraseLine)
	}
	p.next, p.drawn = time.Time{}, false
}

// eraseLine goes to the start of the line and erases it.
const eraseLine = "\r\x1b[2K"

// barWidth is the length of the bar in columns.
const barWidth = 24

func (p *Progress) line(done, total int, spent time.Duration) string {
	text := fmt.Sprintf("%d of %d", done, total)
	bar := ""
	if total > 0 && done <= total {
		full := barWidth * done / total
		bar = p.screen.paint(green, strings.Repeat("━", full)) + p.screen.paint(dim, strings.Repeat("─", barWidth-full)) + " "
	}
	if done > 0 && done < total {
		left := time.Duration(float64(spent) / float64(done) * float64(total-done))
		text += ", " + roughly(left) + " left"
	}
	if room := p.screen.Width; room > 0 && width(p.what)+barWidth+width(text)+2 >= room {
		return truncate(p.what+" "+text, room-1)
	}
	return p.what + " " + bar + text
}

// roughly writes a duration to the precision of a guess.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second)/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

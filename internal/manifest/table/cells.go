package table

import (
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/value"
)

// maxInterned is how many different texts of one column are kept to be used
// again. Labels repeat; texts that do not are not worth a search.
const maxInterned = 512

// cells puts fields into a frame, column by column, and remembers the texts of
// each column so that equal ones share memory.
type cells struct {
	b    *frame.Builder
	cols []cell
}

type cell struct {
	last  string
	known map[string]string
}

// text adds a text, which must be UTF-8.
func (c *cells) text(col int, s string) (ok bool) {
	for col >= len(c.cols) {
		c.cols = append(c.cols, cell{})
	}
	if ms, layout := value.ParseISO(s); layout != value.NoLayout {
		c.b.Instant(col, ms, layout)
		return true
	}
	if !utf8.ValidString(s) {
		return false
	}
	c.b.Text(col, c.cols[col].keep(s))
	return true
}

// keep returns a text equal to s that does not hold on to the chunk s is from.
func (m *cell) keep(s string) string {
	if s == m.last {
		return m.last
	}
	if known, ok := m.known[s]; ok {
		m.last = known
		return known
	}
	s = strings.Clone(s)
	if len(m.known) < maxInterned {
		if m.known == nil {
			m.known = make(map[string]string)
		}
		m.known[s] = s
	}
	m.last = s
	return s
}

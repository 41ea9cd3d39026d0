package emit

import "strings"

// appendBlock writes the rest of a block scalar behind its | or >: the header
// that s needs, and the lines of content, indented. The last line break is left
// to whoever writes the next line.
func appendBlock(dst []byte, s, content string, indent int) []byte {
	if strings.HasPrefix(strings.TrimLeft(s, "\n"), " ") {
		dst = append(dst, '2') // the indent cannot be told from the first line
	}
	switch {
	case s == "\n" || strings.HasSuffix(s, "\n\n"):
		dst = append(dst, '+')
	case !strings.HasSuffix(s, "\n"):
		dst = append(dst, '-')
	}
	content = strings.TrimSuffix(content, "\n")
	for line := range strings.SplitSeq(content, "\n") {
		dst = append(dst, '\n')
		if line != "" {
			dst = appendSpaces(dst, indent)
			dst = append(dst, line...)
		}
	}
	return dst
}

func appendSpaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

// fold breaks the lines of a text so that YAML's folding makes them whole
// again: a break within a line becomes one line break, and n breaks between two
// lines become n + 1, unless one of the two begins with a space.
func fold(s string, width int) string {
	var b strings.Builder
	first, _, _ := strings.Cut(s, "\n")
	foldLine(&b, first, width)
	if len(first) == len(s) {
		return b.String()
	}
	rest := s[len(first):]
	keep := s[0] == '\n' || s[0] == ' ' // the line before keeps its breaks as they are
	for rest != "" {
		breaks := len(rest) - len(strings.TrimLeft(rest, "\n"))
		line, _, _ := strings.Cut(rest[breaks:], "\n")
		indented := strings.HasPrefix(line, " ")
		b.WriteString(rest[:breaks])
		if !keep && !indented && line != "" {
			b.WriteByte('\n')
		}
		foldLine(&b, line, width)
		keep = indented
		rest = rest[breaks+len(line):]
	}
	return b.String()
}

// foldLine breaks a line at single spaces: as late as the width allows, or at
// the first chance behind it. A line that begins with a space cannot be broken.
func foldLine(b *strings.Builder, line string, width int) {
	if line == "" || line[0] == ' ' {
		b.WriteString(line)
		return
	}
	start, last := 0, 0 // where the current piece starts, the last chance to break
	units, startUnits, lastUnits := 0, 0, 0
	for i, c := range line {
		if c == ' ' && i+1 < len(line) && line[i+1] != ' ' {
			if units-startUnits > width {
				end, endUnits := i, units
				if last > start {
					end, endUnits = last, lastUnits
				}
				b.WriteString(line[start:end])
				b.WriteByte('\n')
				start, startUnits = end+1, endUnits+1
			}
			last, lastUnits = i, units
		}
		units += utf16Width(c)
	}
	if units-startUnits > width && last > start {
		b.WriteString(line[start:last])
		b.WriteByte('\n')
		start = last + 1
	}
	b.WriteString(line[start:])
}

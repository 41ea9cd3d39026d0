package emit

// styleCache remembers how texts are to be written. In a column of texts few
// are different, and to look at each of their characters again takes longer
// than to find them here.
type styleCache [64]struct {
	text  string
	style textStyle
}

// appendText writes a text that stands at a level, as a value.
func (c *styleCache) appendText(dst []byte, s string, level int) []byte {
	if simple(s) {
		return append(dst, s...)
	}
	if s == "" {
		return append(dst, "''"...)
	}
	e := &c[(len(s)+int(s[0])<<1+int(s[len(s)/2])<<2+int(s[len(s)-1])<<3)%len(c)]
	if e.text != s {
		e.text, e.style = s, styleOf(s, widthAt(level), false)
	}
	return appendStyled(dst, s, e.style, level)
}

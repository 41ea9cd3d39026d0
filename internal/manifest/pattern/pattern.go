// Package pattern finds parts of texts by regular expressions: those of RE2, and
// those of JavaScript as far as RE2 can do them.
//
// What a reader would get wrong: JavaScript's dialect is translated, not
// approximated. What RE2 has no counterpart of, lookaround and backreferences, is
// an error that says so.
package pattern

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// Pattern finds what a text has of a regular expression. It is immutable.
type Pattern struct {
	re     *regexp.Regexp
	all    bool // all matches, joined by spaces; else the first
	script bool // as JavaScript: a first match is followed by its groups
	local  bool // a match does not depend on what stands before it
}

// Parse reads a pattern of RE2: bare, or between slashes with flags
// behind: g for all matches, i, m and s as in RE2.
func Parse(match string) (*Pattern, error) {
	body, flags := match, ""
	if end := strings.LastIndexByte(match, '/'); end > 0 && match[0] == '/' && strings.Trim(match[end+1:], "gims") == "" {
		body, flags = match[1:end], match[end+1:]
	}
	p := &Pattern{all: strings.Contains(flags, "g")}
	inline := strings.ReplaceAll(flags, "g", "")
	if inline != "" {
		inline = "(?" + inline + ")"
	}
	re, err := regexp.Compile(inline + body)
	if err != nil {
		return nil, badPattern(match, err)
	}
	p.re = re
	return p, nil
}

// badPattern is the problem of a pattern that RE2 cannot read.
func badPattern(match string, err error) error {
	why := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	var bad *syntax.Error
	if errors.As(err, &bad) {
		if usual := usualWords(bad.Code); usual != "" {
			why = usual
		}
	}
	return diag.New("SyntaxError", "Invalid regular expression: %s: %s", match, why).
		WithHint("patterns are RE2, which has no lookaround and no backreferences: https://github.com/google/re2/wiki/Syntax")
}

// usualWords is how JavaScript says what is wrong with a pattern.
func usualWords(code syntax.ErrorCode) string {
	switch code {
	case syntax.ErrMissingParen:
		return "Unterminated group"
	case syntax.ErrUnexpectedParen:
		return "Unmatched ')'"
	case syntax.ErrMissingBracket:
		return "Unterminated character class"
	case syntax.ErrMissingRepeatArgument, syntax.ErrInvalidRepeatOp:
		return "Nothing to repeat"
	case syntax.ErrInvalidCharRange:
		return "Range out of order in character class"
	}
	return ""
}

// Find returns what a text has of the pattern; ok is false if nothing.
func (p *Pattern) Find(s string) (found string, ok bool) {
	if p.all {
		all := p.findAll(s)
		return strings.Join(all, " "), len(all) > 0
	}
	m := p.re.FindStringSubmatch(s)
	switch {
	case m == nil:
		return "", false
	case p.script:
		return strings.Join(m, " "), true
	case len(m) > 1:
		return m[1], true
	}
	return m[0], true
}

func (p *Pattern) findAll(s string) []string {
	switch {
	case p.script && p.local:
		return findAllWithEmpty(p.re, s)
	case p.script || p.re.NumSubexp() == 0:
		return p.re.FindAllString(s, -1)
	}
	var all []string
	for _, m := range p.re.FindAllStringSubmatch(s, -1) {
		all = append(all, m[1])
	}
	return all
}

// findAllWithEmpty finds all matches as JavaScript does, which counts an empty
// match right behind another one.
func findAllWithEmpty(re *regexp.Regexp, s string) []string {
	var all []string
	for at := 0; at <= len(s); {
		m := re.FindStringIndex(s[at:])
		if m == nil {
			break
		}
		all = append(all, s[at+m[0]:at+m[1]])
		if at += m[1]; m[0] == m[1] {
			at += runeLen(s, at)
		}
	}
	return all
}

// Differs reports whether JavaScript would give something else for the matches
// of a pattern of RE2: it adds groups, and counts empty matches.
func (p *Pattern) Differs() bool {
	return !p.script && (p.re.NumSubexp() > 0 || p.all && p.re.MatchString(""))
}

// Slashed returns a pattern between slashes, with a g behind if it had one.
func Slashed(match string) string {
	if !strings.HasPrefix(match, "/") {
		match = "/" + match
	}
	if !strings.HasSuffix(match, "/g") && !strings.HasSuffix(match, "/") {
		match += "/"
	}
	return match
}

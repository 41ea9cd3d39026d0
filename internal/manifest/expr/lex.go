package expr

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// tokenKind says what a token is.
type tokenKind uint8

const (
	endToken tokenKind = iota
	operatorToken
	numberToken
	nameToken
	run // words joined by / or -, which may be one name or several
)

// token is a word of an expression.
type token struct {
	kind   tokenKind
	text   string // without quotes
	number float64
	at     int     // the character at which it begins, from 1
	pieces []token // run: words and the operators between them
}

// where names the token and its place for messages.
func (t token) where() string {
	if t.kind == endToken {
		return "the end"
	}
	return fmt.Sprintf("%q at character %d", t.text, t.at)
}

// lexer reads an expression from left to right.
type lexer struct {
	s string
	i int
}

func lex(s string) ([]token, error) {
	l := &lexer{s: s}
	var tokens []token
	for {
		l.space()
		if l.i == len(l.s) {
			return tokens, nil
		}
		t, err := l.token()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
}

func (l *lexer) space() {
	for l.i < len(l.s) {
		r, n := utf8.DecodeRuneInString(l.s[l.i:])
		if !unicode.IsSpace(r) {
			return
		}
		l.i += n
	}
}

// at is the place of the next character, counted in characters.
func (l *lexer) at() int { return utf8.RuneCountInString(l.s[:l.i]) + 1 }

func (l *lexer) token() (token, error) {
	at := l.at()
	switch c := l.s[l.i]; c {
	case '+', '-', '*', '/', '(', ')':
		l.i++
		return token{kind: operatorToken, text: string(c), at: at}, nil
	case '"', '\'':
		return l.quoted(c)
	}
	if !l.wordNext() {
		r, _ := utf8.DecodeRuneInString(l.s[l.i:])
		return token{}, fmt.Errorf("%q at character %d is neither a number nor a name nor one of + - * / ( ); "+
			"put names in quotes", r, at)
	}
	return l.run(at)
}

func (l *lexer) quoted(quote byte) (token, error) {
	at := l.at()
	for j := l.i + 1; j < len(l.s); j++ {
		if l.s[j] == quote && j > l.i+1 {
			t := token{kind: nameToken, text: l.s[l.i+1 : j], at: at}
			l.i = j + 1
			return t, nil
		}
	}
	return token{}, fmt.Errorf("the quote at character %d is not closed", at)
}

// run reads words as long as nothing but / or - is between them. One word
// alone is what it is.
func (l *lexer) run(at int) (token, error) {
	pieces := []token{l.word()}
	for l.i+1 < len(l.s) && (l.s[l.i] == '/' || l.s[l.i] == '-') {
		joint := token{kind: operatorToken, text: l.s[l.i : l.i+1], at: l.at()}
		l.i++
		if !l.wordNext() {
			l.i--
			break
		}
		pieces = append(pieces, joint, l.word())
	}
	if len(pieces) == 1 {
		return pieces[0], nil
	}
	return token{kind: run, at: at, pieces: pieces}, nil
}

func (l *lexer) wordNext() bool {
	r, _ := utf8.DecodeRuneInString(l.s[l.i:])
	return isWordRune(r)
}

func isWordRune(r rune) bool {
	return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// word reads one word: a number if all of it is one.
func (l *lexer) word() token {
	at, start := l.at(), l.i
	for l.i < len(l.s) && l.wordNext() {
		_, n := utf8.DecodeRuneInString(l.s[l.i:])
		l.i += n
	}
	l.exponent(start)
	t := token{kind: nameToken, text: l.s[start:l.i], at: at}
	if isDigit(t.text[0]) || t.text[0] == '.' {
		if f, err := strconv.ParseFloat(t.text, 64); err == nil && !hasHex(t.text) {
			t.kind, t.number = numberToken, f
		}
	}
	return t
}

// exponent adds the signed exponent of a number such as 1e-7 to the word.
func (l *lexer) exponent(start int) {
	if l.i+1 < len(l.s) && isExponentSign(l.s[start:], l.i-start) {
		for l.i++; l.i < len(l.s) && isDigit(l.s[l.i]); l.i++ {
		}
	}
}

// hasHex reports whether strconv read more than a decimal number.
func hasHex(s string) bool {
	for _, c := range []byte(s) {
		if c == 'x' || c == 'X' || c == '_' {
			return true
		}
	}
	return false
}

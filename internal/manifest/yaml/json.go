package yaml

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dendro-carbon/dendro/internal/diag"
	"github.com/dendro-carbon/dendro/internal/frame"
	"github.com/dendro-carbon/dendro/internal/manifest/scan"
	"github.com/dendro-carbon/dendro/internal/value"
)

// readJSON reads a text that is one JSON object. JSON is YAML, so the result is
// the library's, but sooner. It is false for anything that is not strictly JSON:
// that is for the library to read or to complain of.
func readJSON(file string, data []byte, opts Options) (doc *Doc, problems diag.List, ok bool) {
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	if head := bytes.TrimLeft(text, " \t\r\n"); len(head) == 0 || head[0] != '{' || !utf8.Valid(text) {
		return nil, nil, false
	}
	r := jsonReader{
		file: file, text: text, line: 1, opts: opts,
		dec: json.NewDecoder(bytes.NewReader(text)), keys: newConverter(file, opts).keys,
	}
	r.dec.UseNumber()
	root, err := r.value(0)
	if err != nil {
		return nil, nil, false
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return nil, nil, false
	}
	return &Doc{Root: root, Bulk: r.bulk}, r.problems, true
}

// jsonReader makes values of the tokens of a JSON text.
type jsonReader struct {
	file     string
	text     []byte
	dec      *json.Decoder
	opts     Options
	keys     map[string]bool // whose lists become frames
	builder  frame.Builder
	bulk     []Bulk
	inBulk   bool // within a row: lists stay lists
	problems diag.List

	line    int // of the token read last
	counted int // its offset, up to which lines have been counted
}

// What a JSON text may be, but is left to the library.
var (
	errTooDeep = errors.New(tooDeep)
	errNoRows  = errors.New("a list under a bulk key is not of maps alone")
)

// token returns the next token and the line on which it begins.
func (r *jsonReader) token() (json.Token, int, error) {
	start := int(r.dec.InputOffset())
	t, err := r.dec.Token()
	for start < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[start]) >= 0 {
		start++
	}
	r.line += bytes.Count(r.text[r.counted:start], []byte("\n"))
	r.counted = start
	return t, r.line, err
}

// duplicate reports a key that an object has twice, given its offset.
func (r *jsonReader) duplicate(key string, line, at int) {
	column := 0
	if len(r.problems) < maxProblems { // no more are told
		column = utf8.RuneCount(r.text[bytes.LastIndexByte(r.text[:at], '\n')+1:at]) + 1
	}
	e := duplicate(place{line, column}, key)
	r.problems = append(r.problems, e.problem(r.file))
}

// value reads a value, which is nested so deep.
func (r *jsonReader) value(depth int) (value.Value, error) {
	t, _, err := r.token()
	if err != nil {
		return value.Value{}, err
	}
	return r.valueOf(t, depth)
}

func (r *jsonReader) valueOf(t json.Token, depth int) (value.Value, error) {
	switch t := t.(type) {
	case json.Delim:
		switch {
		case depth >= maxDepth:
			return value.Value{}, errTooDeep
		case t == '{':
			m, err := r.object(depth + 1)
			return value.OfMap(m), err
		}
		list, _, err := r.array(depth + 1)
		return value.OfList(list), err
	case bool:
		return value.OfBool(t), nil
	case json.Number:
		return scan.Resolve(t.String()), nil
	case string:
		return value.OfText(t), nil
	}
	return value.OfNull(), nil
}

// object reads what follows an opening brace.
func (r *jsonReader) object(depth int) (*value.Map, error) {
	m := value.NewMap(0)
	for r.dec.More() {
		t, line, err := r.token()
		if err != nil {
			return nil, err
		}
		at, key := r.counted, t.(string) // the decoder lets nothing else pass here
		v, err := r.member(key, depth)
		if err != nil {
			return nil, err
		}
		if m.Has(key) {
			r.duplicate(key, line, at)
			continue
		}
		m.SetAt(key, v, line)
	}
	if r.opts.IntegerKeysFirst {
		m.IntegerKeysFirst()
	}
	_, _, err := r.token()
	return m, err
}

// member reads the value of a key: a list of maps under a bulk key becomes a
// frame.
func (r *jsonReader) member(key string, depth int) (value.Value, error) {
	t, _, err := r.token()
	if err != nil || r.inBulk || !r.keys[key] || t != json.Delim('[') {
		if err != nil {
			return value.Value{}, err
		}
		return r.valueOf(t, depth)
	}
	if depth >= maxDepth {
		return value.Value{}, errTooDeep
	}
	r.inBulk = true
	list, lines, err := r.array(depth + 1)
	r.inBulk = false
	if err != nil || len(list) == 0 {
		return value.OfList(list), err
	}
	if slices.ContainsFunc(list, func(v value.Value) bool { return v.Kind() != value.Object }) {
		return value.Value{}, errNoRows
	}
	b, ok := bulkOf(&r.builder, list)
	if !ok {
		return value.OfList(list), nil
	}
	b.Lines = &lines
	r.bulk = append(r.bulk, b)
	return value.OfBulk(len(r.bulk) - 1), nil
}

// array reads what follows an opening bracket.
func (r *jsonReader) array(depth int) ([]value.Value, scan.Lines, error) {
	list, lines := []value.Value{}, scan.Lines{}
	for r.dec.More() {
		t, line, err := r.token()
		if err != nil {
			return nil, lines, err
		}
		v, err := r.valueOf(t, depth)
		if err != nil {
			return nil, lines, err
		}
		list = append(list, v)
		lines.Add(line)
	}
	_, _, err := r.token()
	return list, lines, err
}

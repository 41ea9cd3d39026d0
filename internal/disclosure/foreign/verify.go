package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dendro-carbon/dendro/internal/canon"
	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// Is reports whether a text says that it is a report of perf-sentinel, of whichever version.
func Is(text []byte) bool {
	var head struct {
		Schema string `json:"schema_version"`
	}
	return json.Unmarshal(text, &head) == nil && strings.HasPrefix(head.Schema, "perf-sentinel-report/")
}

// Verify checks the content hash of a report, and says which of its members that hash does
// not cover: they can be changed, or added, and it still holds.
func Verify(text []byte) *disclosure.Verification {
	v := &disclosure.Verification{Hash: disclosure.Hash(text)}
	hash, err := ContentHash(text)
	if err != nil {
		v.Checks = append(v.Checks, disclosure.Check{Name: "form", State: disclosure.Failed, Texts: []string{err.Error()}})
		return v
	}
	v.Checks = append(v.Checks, disclosure.Check{Name: "form", State: disclosure.OK, Texts: []string{"a perf-sentinel report"}})
	var said struct {
		Integrity struct {
			Hash string `json:"content_hash"`
		} `json:"integrity"`
	}
	err = json.Unmarshal(text, &said)
	check := disclosure.Check{Name: "hash", State: disclosure.OK, Texts: []string{"content hash " + hash}}
	if is := said.Integrity.Hash; err != nil || is != hash {
		check.State, check.Texts = disclosure.Failed, []string{fmt.Sprintf("the report says %s, its content has %s", cmpText(is), hash)}
	}
	v.Checks = append(v.Checks, check)
	if outside := uncovered(text, hash); len(outside) > 0 {
		v.Checks = append(v.Checks, disclosure.Check{
			Name: "outside", State: disclosure.NotGiven,
			Texts: append([]string{"nothing vouches for members that the content hash does not cover:"}, outside...),
		})
	}
	return v
}

func cmpText(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// uncovered returns the members whose values can change without a change of the hash. It
// tries: each member, once for all elements of an array, gets another value.
func uncovered(text []byte, hash string) []string {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var root any
	if decoder.Decode(&root) != nil {
		return nil
	}
	t := &trial{root: root, hash: hash, seen: map[string]bool{}}
	t.walk(root, "")
	return t.outside
}

// maxTrials bounds how many members are tried: a report has about 150 different ones.
const maxTrials = 1000

// trial changes the members of a report, one after the other.
type trial struct {
	root    any
	hash    string
	seen    map[string]bool
	outside []string
}

func (t *trial) walk(value any, path string) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			t.member(v, name, strings.TrimPrefix(path+"."+name, "."))
		}
	case []any:
		for i := range v {
			t.walk(v[i], path+"[]")
		}
	}
}

func (t *trial) member(in map[string]any, name, path string) {
	before := in[name]
	switch v := before.(type) {
	case map[string]any:
		t.walk(v, path)
		return
	case []any:
		if len(v) > 0 {
			if _, plain := v[0].(map[string]any); plain {
				t.walk(v, path)
				return
			}
		}
	}
	if t.seen[path] || len(t.seen) >= maxTrials {
		return
	}
	t.seen[path] = true
	in[name] = another(before)
	if t.same() {
		t.outside = append(t.outside, path)
	}
	in[name] = before
}

// another returns a value of the same type that is not the same.
func another(value any) any {
	switch v := value.(type) {
	case bool:
		return !v
	case json.Number:
		return json.Number("1" + strings.TrimPrefix(v.String(), "-"))
	case string:
		return v + "x"
	case []any:
		return append(slices.Clone(v), "x")
	}
	return "x"
}

// same reports whether the report as it is now has the same hash.
func (t *trial) same() bool {
	text, err := json.Marshal(t.root)
	if err != nil {
		return false
	}
	if text, err = canon.Append(nil, text); err != nil {
		return false
	}
	hash, err := ContentHash(text)
	return err == nil && hash == t.hash
}

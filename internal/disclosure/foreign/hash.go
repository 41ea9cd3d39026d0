package foreign

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/canon"
)

// Schema is the version of reports that are written.
const Schema = "perf-sentinel-report/v1.6"

// ErrReport is wrapped by the errors of what is no report of perf-sentinel.
var ErrReport = errors.New("no perf-sentinel report")

// ContentHash returns the hash of a report as perf-sentinel works it out, "sha256:" and 64
// hexadecimal digits. The error wraps [ErrReport].
func ContentHash(report []byte) (string, error) {
	n, err := normal(report)
	if err != nil {
		return "", err
	}
	integrity := n.get("integrity")
	integrity.set("content_hash", text(""))
	integrity.set("signature", null())
	integrity.set("binary_attestation", null())
	n.get("report_metadata").set("integrity_level", text(""))
	sum := sha256.Sum256(n.compact(nil))
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// normal returns a report as perf-sentinel reads it: what it knows, with its defaults.
func normal(report []byte) (node, error) {
	if _, err := canon.Append(nil, report); err != nil {
		return node{}, fmt.Errorf("%w: %w", ErrReport, err)
	}
	var problem problem
	n := problem.object("", report, reportFields())
	return n, problem.err
}

// problem is the first thing that is wrong.
type problem struct{ err error }

func (p *problem) find(where, format string, args ...any) node {
	if p.err == nil {
		p.err = fmt.Errorf("%w: %s: %s", ErrReport, strings.TrimPrefix(where, "."), fmt.Sprintf(format, args...))
	}
	return null()
}

// object reads an object.
func (p *problem) object(where string, raw []byte, fields []fieldOf) node {
	members := p.members(where, raw)
	out := object()
	for i := range fields {
		f := &fields[i]
		value, there := members[f.name]
		if there && isNull(value) {
			if there = false; !f.takesNull() {
				p.find(where+"."+f.name, "it is null")
			}
		}
		if v, keep := p.member(where+"."+f.name, f, value, there); keep {
			out.add(f.name, v)
		}
	}
	return out
}

func isNull(raw []byte) bool { return string(bytes.TrimSpace(raw)) == "null" }

func (p *problem) members(where string, raw []byte) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		p.find(where, "expected an object")
	}
	return members
}

// member reads a member, and says whether it is written.
func (p *problem) member(where string, f *fieldOf, raw []byte, there bool) (v node, keep bool) {
	if !there {
		switch f.rule {
		case required:
			return p.find(where, "it is missing"), false
		case zeroed:
			return p.zero(f), true
		case nulled:
			return null(), true
		case full:
			return float(1), true
		}
		return node{}, false
	}
	v = p.value(where, f, raw)
	switch f.rule {
	case omitted:
		return v, !v.isEmpty()
	case unlessZero:
		return v, !v.isZero()
	}
	return v, true
}

func (p *problem) zero(f *fieldOf) node {
	switch f.shape {
	case aFloat:
		return float(0)
	case aCount:
		return count(0)
	case aTruth:
		return truth(false)
	case anObject:
		return object()
	}
	return null()
}

// isEmpty reports whether it is an array or an object without content. Objects of fields
// that are there stay, as in the original.
func (n *node) isEmpty() bool { return n.kind == '[' && len(n.items) == 0 || n.kind == 'm' }

// isZero reports whether it is 0, "", or an object of nothing else.
func (n *node) isZero() bool {
	for i := range n.members {
		if !n.members[i].value.isZero() {
			return false
		}
	}
	if n.kind != 0 {
		return true
	}
	switch string(n.text) {
	case `""`, "0", "0.0", "-0.0":
		return true
	}
	return false
}

// value reads a value of a shape.
func (p *problem) value(where string, f *fieldOf, raw []byte) node {
	switch f.shape {
	case aText, anInstant, aDate, aUUID, aWord:
		return p.textOf(where, f, raw)
	case aFloat, aCount:
		return p.number(where, f.shape, raw)
	case aTruth:
		var b bool
		if err := json.Unmarshal(raw, &b); err != nil {
			return p.find(where, "expected true or false")
		}
		return truth(b)
	case aRaw:
		out, err := canon.Append(nil, raw)
		if err != nil {
			return p.find(where, "%v", err)
		}
		return node{text: out}
	case anObject:
		return p.object(where, raw, f.of)
	case floatMap, setMap, textMap:
		return p.mapOf(where, f.shape, raw)
	}
	return p.listOf(where, f, raw)
}

func (p *problem) textOf(where string, f *fieldOf, raw []byte) node {
	var v string
	if err := json.Unmarshal(raw, &v); err != nil || isNull(raw) {
		return p.find(where, "expected a text")
	}
	switch f.shape {
	case aWord:
		if !slices.ContainsFunc(f.of, func(word fieldOf) bool { return word.name == v }) {
			return p.find(where, "%q is none of the words that it may be", v)
		}
	case aDate:
		t, err := time.Parse("2006-1-2", v)
		if err != nil {
			return p.find(where, "%q is no date", v)
		}
		v = t.Format(time.DateOnly)
	case anInstant:
		t, err := readInstant(v)
		if err != nil {
			return p.find(where, "%q is no instant in RFC 3339", v)
		}
		v = instant(t)
	case aUUID:
		id, ok := uuid(v)
		if !ok {
			return p.find(where, "%q is no UUID", v)
		}
		v = id
	}
	return text(v)
}

// uuid returns an id in lower case with hyphens.
func uuid(v string) (string, bool) {
	v = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(v), "urn:uuid:"), "{"), "}")
	digits := strings.ReplaceAll(v, "-", "")
	if b, err := hex.DecodeString(digits); err != nil || len(b) != 16 {
		return "", false
	}
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:], true
}

// readInstant reads an instant, whose letters may be in lower case, or the T a space.
func readInstant(v string) (time.Time, error) {
	v = strings.ToUpper(v)
	if len(v) > 10 && v[10] == ' ' {
		v = v[:10] + "T" + v[11:]
	}
	return time.Parse(time.RFC3339, v)
}

// instant writes an instant in UTC with as many digits as it needs, in threes.
func instant(t time.Time) string {
	layout := "2006-01-02T15:04:05"
	switch ns := t.Nanosecond(); {
	case ns == 0:
	case ns%1_000_000 == 0:
		layout += ".000"
	case ns%1_000 == 0:
		layout += ".000000"
	default:
		layout += ".000000000"
	}
	return t.UTC().Format(layout) + "Z"
}

func (p *problem) number(where string, s shape, raw []byte) node {
	if s == aCount {
		n, err := strconv.ParseUint(string(raw), 10, 64)
		if err != nil {
			return p.find(where, "expected a whole number from 0 up")
		}
		return count(n)
	}
	x, err := strconv.ParseFloat(string(raw), 64)
	if c := raw[0]; err != nil || c != '-' && (c < '0' || c > '9') {
		return p.find(where, "expected a number")
	}
	return float(x)
}

func (p *problem) mapOf(where string, s shape, raw []byte) node {
	members := p.members(where, raw)
	out := object()
	of := map[shape]fieldOf{floatMap: {shape: aFloat}, setMap: {shape: aSet}, textMap: {shape: aText}}[s]
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out.add(name, p.value(where+"."+name, &of, members[name]))
	}
	if len(names) == 0 {
		out.kind = 'm'
	}
	return out
}

func (p *problem) listOf(where string, f *fieldOf, raw []byte) node {
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil || all == nil {
		return p.find(where, "expected an array")
	}
	out := list()
	for i, item := range all {
		at := fmt.Sprintf("%s[%d]", where, i)
		switch f.shape {
		case objects:
			out.items = append(out.items, p.object(at, item, f.of))
		case theChoice:
			_, patterns := p.members(at, item)["anti_patterns"]
			out.items = append(out.items, p.object(at, item, applicationFields(patterns)))
		default:
			out.items = append(out.items, p.textOf(at, &fieldOf{shape: aText}, item))
		}
	}
	if f.shape == aSet {
		slices.SortFunc(out.items, func(a, b node) int { return strings.Compare(unquoted(&a), unquoted(&b)) })
		out.items = slices.CompactFunc(out.items, func(a, b node) bool { return bytes.Equal(a.text, b.text) })
	}
	return out
}

func unquoted(n *node) string {
	var s string
	if json.Unmarshal(n.text, &s) != nil {
		return ""
	}
	return s
}

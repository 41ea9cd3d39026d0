package account

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrLabel reports a label that cannot be kept: an empty name, or text that is
// not UTF-8.
var ErrLabel = errors.New("label is not valid")

// Labels is an immutable set of names with values, such as cloud_project_name
// IDAaaS. Two sets with the same labels are equal under ==, so Labels is a key of
// maps. The zero value is the empty set.
//
// A label with an empty value is the same as no label, as in Prometheus, and is
// never kept. Values may hold any other UTF-8 text, quotes and newlines included.
type Labels struct {
	// packed holds name and value in turn, each after its length as a uvarint,
	// sorted by name. Lengths instead of separators leave no text that could
	// be mistaken for structure.
	packed string
}

// NewLabels returns the labels of a map. It returns [ErrLabel] for an empty
// name or text that is not UTF-8.
func NewLabels(values map[string]string) (Labels, error) {
	pairs := make([]pair, 0, len(values))
	for name, value := range values {
		pairs = append(pairs, pair{name, value})
	}
	return pack(pairs)
}

// LabelsOf returns the labels of name, value, name, value… It returns
// [ErrLabel] as [NewLabels] does, and for an odd count or a repeated name.
func LabelsOf(namesAndValues ...string) (Labels, error) {
	if len(namesAndValues)%2 != 0 {
		return Labels{}, fmt.Errorf("%w: name %q has no value", ErrLabel, namesAndValues[len(namesAndValues)-1])
	}
	pairs := make([]pair, 0, len(namesAndValues)/2)
	for i := 0; i < len(namesAndValues); i += 2 {
		pairs = append(pairs, pair{namesAndValues[i], namesAndValues[i+1]})
	}
	return pack(pairs)
}

type pair struct{ name, value string }

func pack(pairs []pair) (Labels, error) {
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.name, b.name) })
	var b []byte
	for i, p := range pairs {
		switch {
		case p.name == "":
			return Labels{}, fmt.Errorf("%w: value %q has no name", ErrLabel, p.value)
		case !utf8.ValidString(p.name) || !utf8.ValidString(p.value):
			return Labels{}, fmt.Errorf("%w: %q=%q is not UTF-8", ErrLabel, p.name, p.value)
		case i > 0 && pairs[i-1].name == p.name:
			return Labels{}, fmt.Errorf("%w: %q is given twice", ErrLabel, p.name)
		case p.value != "":
			b = appendText(appendText(b, p.name), p.value)
		}
	}
	return Labels{packed: string(b)}, nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// next splits the first text off packed.
func next(packed string) (text, rest string) {
	n, size := uint64(0), 0
	for shift := 0; ; shift += 7 {
		c := packed[size]
		size++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			break
		}
	}
	return packed[size : size+int(n)], packed[size+int(n):]
}

// All yields the labels in the order of their names.
func (l Labels) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for rest := l.packed; rest != ""; {
			var name, value string
			name, rest = next(rest)
			value, rest = next(rest)
			if !yield(name, value) {
				return
			}
		}
	}
}

// Get returns the value of a label, "" when it is missing.
func (l Labels) Get(name string) string {
	for n, v := range l.All() {
		if n >= name { // they are in order
			if n == name {
				return v
			}
			break
		}
	}
	return ""
}

// Len returns how many labels there are.
func (l Labels) Len() int {
	n := 0
	for range l.All() {
		n++
	}
	return n
}

// Merge returns l with the labels of over added; where both have a name, the
// value of over holds.
func (l Labels) Merge(over Labels) Labels {
	switch {
	case over.packed == "":
		return l
	case l.packed == "":
		return over
	}
	b := make([]byte, 0, len(l.packed)+len(over.packed))
	left, right := l.packed, over.packed
	for left != "" && right != "" {
		ln, _ := next(left)
		rn, _ := next(right)
		switch {
		case ln < rn:
			b, left = moveFirst(b, left)
		case ln > rn:
			b, right = moveFirst(b, right)
		default:
			_, left = moveFirst(nil, left)
			b, right = moveFirst(b, right)
		}
	}
	b = append(append(b, left...), right...)
	return Labels{packed: string(b)}
}

// moveFirst appends the first label of packed to b and cuts it off.
func moveFirst(b []byte, packed string) ([]byte, string) {
	_, rest := next(packed)
	_, rest = next(rest)
	return append(b, packed[:len(packed)-len(rest)]...), rest
}

// With returns l with one label set, or removed when value is empty. It returns
// [ErrLabel] as [NewLabels] does.
func (l Labels) With(name, value string) (Labels, error) {
	if value == "" {
		return l.Without(name), nil
	}
	one, err := LabelsOf(name, value)
	if err != nil {
		return Labels{}, err
	}
	return l.Merge(one), nil
}

// Without returns l without some labels.
func (l Labels) Without(names ...string) Labels {
	b := make([]byte, 0, len(l.packed))
	for rest := l.packed; rest != ""; {
		if name, _ := next(rest); slices.Contains(names, name) {
			_, rest = moveFirst(nil, rest)
		} else {
			b, rest = moveFirst(b, rest)
		}
	}
	return Labels{packed: string(b)}
}

// Compare orders labels by their first different name, then by its value; a
// set that is the beginning of another comes first.
func (l Labels) Compare(other Labels) int {
	a, b := l.packed, other.packed
	for a != "" && b != "" {
		var x, y string
		x, a = next(a)
		y, b = next(b)
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// String returns {name="value", …} in the order of names, for messages.
func (l Labels) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for name, value := range l.All() {
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s=%q", name, value)
	}
	b.WriteByte('}')
	return b.String()
}

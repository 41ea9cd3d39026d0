package mongo

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/dendro-carbon/dendro/internal/account"
)

// DefaultFields returns where each field is in its document. An empty path is a
// field that there is not.
func DefaultFields() map[string]string {
	return map[string]string{
		"workspace.host": "hostname", "workspace.owner": "owner", "workspace.state": "state", "workspace.tag": "tag",
		"workspace.created": "created_time", "workspace.acquired": "acquired_time", "workspace.deleted": "deleted_time",
		"workspace.shared": "parameters.users", "workspace.reserved": "",
		"user.user": "platform_name", "user.name": "name", "user.email": "email", "user.uid": "uid",
		"user.research_group": "parameters.research_group", "user.pi": "parameters.pi",
		"group.name": "name", "group.type": "type", "group.members": "members", "group.tag": "tag",
		"group.title": "parameters.title", "group.pi": "parameters.pi", "group.instrument": "parameters.instrument",
		"group.from": "parameters.start_time", "group.to": "parameters.end_time",
		"host.host": "hostname",
	}
}

// decoder reads documents. What cannot be used is told and left out; nothing else is
// lost with it.
type decoder struct {
	config *Config
	fields map[string]string
	zone   *time.Location
	key    account.HostKey
}

func newDecoder(c *Config) (*decoder, error) {
	location, err := zone(c.Zone)
	if err != nil {
		return nil, err
	}
	d := &decoder{config: c, fields: DefaultFields(), zone: location, key: c.HostKey}
	maps.Copy(d.fields, c.Fields)
	return d, nil
}

// paths returns the paths of the fields whose names begin with a prefix, without
// those that lie below another one.
func (d *decoder) paths(prefix string) []string {
	var all []string
	for name, path := range d.fields {
		if strings.HasPrefix(name, prefix) && path != "" {
			all = append(all, path)
		}
	}
	if prefix == "host." {
		all = append(all, d.config.HostLabels...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(slices.Clone(all), func(path string) bool {
		return slices.ContainsFunc(all, func(above string) bool { return strings.HasPrefix(path, above+".") })
	})
}

var (
	errText    = errors.New("is not a text")
	errUTF8    = errors.New("is not UTF-8 text")
	errInstant = errors.New("is not an instant")
	errList    = errors.New("is not a list")
	errNumber  = errors.New("is not a whole number")
)

// reading is one document and what is wrong with it.
type reading struct {
	*decoder
	raw      bson.Raw
	problems []string
}

func (d *decoder) reading(raw bson.Raw) *reading {
	r := &reading{decoder: d, raw: raw}
	if raw.Validate() != nil {
		r.raw = nil
		r.problems = append(r.problems, "not a valid document")
	}
	return r
}

func (r *reading) wrong(field string, err error) {
	r.problems = append(r.problems, fmt.Sprintf("%s %v", r.fields[field], err))
}

// say notes what is wrong with fields, in a text that names them as the document does.
func (r *reading) say(format string, fields ...string) {
	paths := make([]any, len(fields))
	for i, field := range fields {
		paths[i] = r.fields[field]
	}
	r.problems = append(r.problems, fmt.Sprintf(format, paths...))
}

// value returns a field; the zero value is one that is missing or null.
func (r *reading) value(path string) bson.RawValue {
	if path == "" || r.raw == nil {
		return bson.RawValue{}
	}
	v, err := r.raw.LookupErr(strings.Split(path, ".")...)
	if err != nil || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined {
		return bson.RawValue{}
	}
	return v
}

// text returns a text without space around it, "" when it is missing.
func (r *reading) text(field string) string {
	text, err := textOf(r.value(r.fields[field]))
	if err != nil {
		r.wrong(field, err)
	}
	return text
}

func textOf(v bson.RawValue) (string, error) {
	if v.IsZero() {
		return "", nil
	}
	text, ok := v.StringValueOK()
	switch {
	case !ok:
		return "", errText
	case !utf8.ValidString(text):
		return "", errUTF8
	}
	return strings.TrimSpace(text), nil
}

// instant returns a time, zero when it is missing. One without a zone is of the
// configured one.
func (r *reading) instant(field string) time.Time {
	t, err := r.instantOf(r.value(r.fields[field]))
	if err != nil {
		r.wrong(field, err)
	}
	return t
}

func (r *reading) instantOf(v bson.RawValue) (time.Time, error) {
	if v.IsZero() {
		return time.Time{}, nil
	}
	if ms, ok := v.DateTimeOK(); ok {
		return usable(time.UnixMilli(ms))
	}
	if seconds, _, ok := v.TimestampOK(); ok {
		return usable(time.Unix(int64(seconds), 0))
	}
	text, ok := v.StringValueOK()
	if !ok {
		return time.Time{}, errInstant
	}
	if text = strings.TrimSpace(text); text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02",
	} {
		if t, err := time.ParseInLocation(layout, text, r.zone); err == nil {
			return usable(t)
		}
	}
	return time.Time{}, errInstant
}

// usable refuses times before computers had clocks, and takes the far future, which
// some write for never, for no time.
func usable(t time.Time) (time.Time, error) {
	switch year := t.Year(); {
	case year < 1970:
		return time.Time{}, errInstant
	case year >= 9000:
		return time.Time{}, nil
	}
	return account.Instant(t), nil
}

// users returns the user names in a list of texts or of documents.
func (r *reading) users(field string) []string {
	v := r.value(r.fields[field])
	if v.IsZero() {
		return nil
	}
	array, ok := v.ArrayOK()
	if !ok {
		r.wrong(field, errList)
		return nil
	}
	values, err := array.Values()
	if err != nil {
		r.wrong(field, errList)
		return nil
	}
	var out []string
	bad := 0
	for _, item := range values {
		if document, ok := item.DocumentOK(); ok {
			item, _ = document.LookupErr("platform_name")
		}
		switch user, err := textOf(item); {
		case err != nil || user == "":
			bad++
		case !slices.Contains(out, user):
			out = append(out, user)
		}
	}
	if bad > 0 {
		r.wrong(field, fmt.Errorf("has %d entries that name nobody", bad))
	}
	return out
}

// number returns a whole number, 0 when it is missing.
func (r *reading) number(field string) uint64 {
	v := r.value(r.fields[field])
	if v.IsZero() {
		return 0
	}
	n, ok := v.AsInt64OK()
	if f, isFloat := v.DoubleOK(); isFloat && f != float64(n) {
		ok = false
	}
	if !ok || n < 0 {
		r.wrong(field, errNumber)
		return 0
	}
	return uint64(n)
}

// id returns the identity of a document: the text of an ObjectID or a text as it is,
// any other with its type, so that 5 and "5" are two.
func (r *reading) id() (text string, v bson.RawValue) {
	v = r.value("_id")
	if oid, ok := v.ObjectIDOK(); ok {
		return oid.Hex(), v
	}
	if text, ok := v.StringValueOK(); ok && utf8.ValidString(text) && text != "" {
		return text, v
	}
	if n, ok := v.AsInt64OK(); ok && v.Type != bson.TypeDouble {
		return "number:" + strconv.FormatInt(n, 10), v
	}
	if subtype, data, ok := v.BinaryOK(); ok {
		if subtype == bson.TypeBinaryUUID && len(data) == 16 {
			return fmt.Sprintf("uuid:%x-%x-%x-%x-%x", data[:4], data[4:6], data[6:8], data[8:10], data[10:]), v
		}
		return fmt.Sprintf("binary:%x", data), v
	}
	return fmt.Sprintf("%s:%x", v.Type, hashed(v.Value)), v
}

// record names a document of people in warnings: an ID that is a text may be the
// name of a user, and is not shown.
func (r *reading) record(collection string) string {
	text, v := r.id()
	if v.Type == bson.TypeString {
		text = fmt.Sprintf("id with hash %x", hashed([]byte(text)))
	}
	return collection + "/" + text
}

func hashed(b []byte) uint32 {
	h := fnv.New32a()
	h.Write(b) // never fails
	return h.Sum32()
}

func errTimeout(d time.Duration) error { return fmt.Errorf("no answer within %v", d) }

func moreProblems(n int) string { return fmt.Sprintf("%d problems more", n) }

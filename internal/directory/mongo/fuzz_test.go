package mongo

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/directory"
)

func testDecoder(t testing.TB, change ...func(*Config)) *decoder {
	t.Helper()
	c := Defaults()
	for _, f := range change {
		f(&c)
	}
	d, err := newDecoder(&c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func marshalled(t testing.TB, v any) bson.Raw {
	t.Helper()
	raw, err := bson.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// FuzzDecode holds that no bytes make reading panic, and that what is read can be
// composed: names are texts, times are such that the ledger keeps, and who is told of
// is a record.
func FuzzDecode(f *testing.F) {
	for _, v := range []any{
		bson.M{"_id": bson.NewObjectID(), "hostname": "h", "owner": "u", "created_time": time.Now(), "parameters": bson.M{"users": bson.A{"a", bson.M{"platform_name": "b"}}}},
		bson.M{"_id": bson.Binary{Subtype: 4, Data: make([]byte, 16)}, "hostname": "h", "owner": 7, "deleted_time": "x"},
		bson.M{"_id": bson.M{"a": 1}, "name": "RB1", "type": "experiment", "members": "none", "parameters": bson.A{}},
		bson.M{"_id": 1.5, "platform_name": "\xff", "uid": int64(1)},
		bson.M{"hostname": nil, "created_time": bson.Timestamp{T: 1}, "machine_name": bson.A{}},
	} {
		f.Add([]byte(marshalled(f, v)))
	}
	f.Add([]byte{})
	f.Add([]byte{5, 0, 0, 0, 1})
	d := testDecoder(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		w := d.workspace(raw)
		if w.usual && (w.space.Host == "" || w.space.From.IsZero() || len(w.space.ID) == 0) {
			t.Fatalf("%+v is usable", w)
		}
		var p people
		d.user(&p, raw)
		d.group(&p, raw)
		d.host(&p, raw)
		r := &directory.Records{Workspaces: []directory.Workspace{w.space}, People: p.persons, Experiments: p.experiments, Hosts: p.hosts}
		if !w.usual {
			r.Workspaces = nil
		}
		holdings, _ := directory.Compose(r)
		for _, h := range holdings {
			if h.From != account.Instant(h.From) || h.Span().IsEmpty() || h.Host == "" || h.Holder.Len() == 0 || !utf8.ValidString(h.ID) {
				t.Fatalf("%+v", h)
			}
		}
		for _, warning := range p.warnings {
			if warning.Record == "" || warning.Text == "" {
				t.Fatalf("%+v", warning)
			}
		}
	})
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	oid := bson.NewObjectID()
	d := testDecoder(t)
	seen := map[string]bool{}
	for want, v := range map[string]any{
		oid.Hex(): oid, "text": "text", "number:5": int32(5), "number:6": int64(6), "binary:0102": bson.Binary{Data: []byte{1, 2}},
		"uuid:00000000-0000-0000-0000-000000000000": bson.Binary{Subtype: 4, Data: make([]byte, 16)},
	} {
		got := d.workspace(marshalled(t, bson.M{"_id": v})).space.ID
		if got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
		seen[got] = true
	}
	for _, v := range []any{1.5, true, bson.M{"a": 1}, "5"} {
		got := d.workspace(marshalled(t, bson.M{"_id": v})).space.ID
		if got == "" || seen[got] {
			t.Errorf("%v is %q as another", v, got)
		}
		seen[got] = true
	}
}

// TestTimes holds what is taken for an instant.
func TestTimes(t *testing.T) {
	t.Parallel()
	utc, london := testDecoder(t), testDecoder(t, func(c *Config) { c.Zone = "Europe/London" })
	for _, c := range []struct {
		d       *decoder
		written any
		want    string // "" is none, "wrong" is told
	}{
		{utc, time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), "2026-07-01T12:00:00Z"},
		{utc, "2026-07-01T12:00:00", "2026-07-01T12:00:00Z"},
		{london, "2026-07-01T12:00:00.25", "2026-07-01T11:00:00.25Z"},
		{london, "2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00Z"},
		{london, time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), "2026-07-01T12:00:00Z"},
		{utc, "2026-07-01 12:00", "wrong"},
		{utc, "2026-07-01", "2026-07-01T00:00:00Z"},
		{utc, bson.Timestamp{T: 1}, "1970-01-01T00:00:01Z"},
		{utc, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), ""},
		{utc, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), "wrong"},
		{utc, nil, ""},
		{utc, " ", ""},
		{utc, int64(5), "wrong"},
	} {
		r := c.d.reading(marshalled(t, bson.M{"created_time": c.written}))
		got := ""
		if at := r.instant("workspace.created"); !at.IsZero() {
			got = at.Format(time.RFC3339Nano)
		}
		if len(r.problems) > 0 {
			got = "wrong"
		}
		if got != c.want {
			t.Errorf("%v is %q, want %q", c.written, got, c.want)
		}
	}
}

// TestFields holds that fields can be called otherwise, and that nothing above a
// path is asked for beside it, which servers refuse.
func TestFields(t *testing.T) {
	t.Parallel()
	d := testDecoder(t, func(c *Config) {
		c.Fields = map[string]string{"workspace.owner": "meta.owner.id", "workspace.tag": "meta", "workspace.reserved": "cpus"}
	})
	w := d.workspace(marshalled(t, bson.M{"_id": "a", "hostname": "h", "created_time": "2026-01-01", "meta": bson.M{"owner": bson.M{"id": "u"}}, "cpus": 8.0}))
	if w.space.Owner != "u" || w.space.Reserved != 8 || w.usual { // the tag is a document
		t.Errorf("%+v", w)
	}
	paths := fmt.Sprint(d.paths("workspace."))
	if strings.Contains(paths, "meta.owner") || !strings.Contains(paths, "meta ") {
		t.Errorf("paths %s", paths)
	}
}

func ExampleSecret() {
	fmt.Println(Secret("mongodb://me:s3cret@db.example.org/"))
	// Output: [redacted]
}

func ExampleDefaultFields() {
	fmt.Println(DefaultFields()["workspace.acquired"])
	// Output: acquired_time
}

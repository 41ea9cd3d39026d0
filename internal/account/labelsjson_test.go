package account_test

import (
	"encoding/json"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
)

// FuzzLabelsJSON holds reading and writing against the library's way over a map.
func FuzzLabelsJSON(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":"b"}`, `{"a":"b","c":"d e"}`, `{"c":"d","a":"b"}`, `{"a":"b","a":"c"}`, `{"a":""}`, `{"":"b"}`, `{"a":"b",}`, `{"a":"b"`, `{"a":"b"}}`,
		`{"a":"\u0000\n\"\\"}`, `{"a":"ü<>&"}`, "{\"a\":\"\xff\"}", `{ "a" : "b" }`, `{"a":1}`, `null`, ``, `{`, `{"`, `{"a":"b";}`, "{\"a\":\"\x7f\"}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m map[string]string
		var want account.Labels
		wrong := json.Unmarshal([]byte(text), &m)
		if wrong == nil {
			want, wrong = account.NewLabels(m)
		}
		var got account.Labels
		if err := got.UnmarshalJSON([]byte(text)); (err == nil) != (wrong == nil) || got != want {
			t.Fatalf("%q is read as %v, %v; want %v, %v", text, got, err, want, wrong)
		}
		if wrong != nil {
			return
		}
		for name, value := range m {
			if value == "" {
				delete(m, name)
			}
		}
		canonical, err := json.Marshal(m)
		if len(m) == 0 {
			canonical = []byte("{}")
		}
		if written, failed := got.MarshalJSON(); err != nil || failed != nil || string(written) != string(canonical) {
			t.Fatalf("%v is written as %s, %v; want %s", got, written, failed, canonical)
		}
	})
}

func BenchmarkLabelsJSON(b *testing.B) {
	l, err := account.LabelsOf("cloud_project_name", "IDAaaS", "machine_name", "M 12", "research_group", "group-7", "user", "user-0007", "workspace", "ws-0007-3")
	if err != nil {
		b.Fatal(err)
	}
	text, err := l.MarshalJSON()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := l.UnmarshalJSON(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := l.MarshalJSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

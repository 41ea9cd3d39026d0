package host_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dendro-carbon/dendro/internal/source/host"
)

// TestRecorded replays machines: the files of testdata/*.txtar lie in folders
// named after the moment at which the machine had them.
func TestRecorded(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"workstation"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			moments := map[string]map[string]string{}
			for _, f := range archive.Files[1:] {
				moment, file, _ := strings.Cut(path.Clean(f.Name), "/")
				if moments[moment] == nil {
					moments[moment] = map[string]string{}
				}
				moments[moment][file] = string(f.Data)
			}
			m := &machine{t: t, root: t.TempDir()}
			var s *host.Source
			for _, moment := range slices.Sorted(maps.Keys(moments)) {
				for file, text := range moments[moment] {
					m.write(file, text)
				}
				m.at = at(moment)
				if s == nil {
					s = m.open(m.config())
				} else if err := s.Sample(m.at); err != nil {
					t.Fatal(err)
				}
			}
			readings, err := readAt(t, s, "12:00:00", "12:01:00", m.at.Add(time.Second))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(strings.TrimSpace(string(archive.Files[0].Data)), "\n")
			got := lines(readings[0])
			slices.Sort(want[1:])
			slices.Sort(got[1:])
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

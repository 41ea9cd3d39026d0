package ukgrid

import (
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// FuzzRead gives any text as a reply: it is refused, or gives half-hours of the
// span alone, with plausible values.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		`{"data":[{"from":"2018-01-20T12:00Z","to":"2018-01-20T12:30Z","intensity":{"forecast":266,"actual":263,"index":"moderate"}}]}`,
		`{"data":[{"from":"2018-01-20T12:00Z","to":"2018-01-20T12:30Z","intensity":{"forecast":266,"actual":null}},` +
			`{"from":"2018-01-20T12:00Z","to":"2018-01-20T12:30Z","intensity":{"forecast":"265.5","actual":0}}]}`,
		`{"data":{"regionid":13,"dnoregion":"UKPN London","shortname":"London","data":[{"from":"2018-01-20T12:00Z",` +
			`"to":"2018-01-20T12:30Z","intensity":{"forecast":266,"index":"moderate"},"generationmix":[{"fuel":"gas","perc":43.6}]}]}}`,
		`{"data":[{"regionid":13,"postcode":"RG10","data":[{"from":"2018-01-20T11:30Z","to":"2018-01-20T12:00Z","intensity":{"forecast":1}}]}]}`,
		`{"error":{"code":"400 Bad Request","message":"Please enter a valid date"}}`,
		`{"data":[{"from":"2018-01-20T12:00:00+00:00","to":"2018-01-20T12:30:00Z","intensity":{"forecast":1e3,"actual":1e-6}}]}`,
		`{"data":null}`, `[]`, ``,
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	noon := time.Date(2018, 1, 20, 12, 0, 0, 0, time.UTC)
	span := account.NewSpan(noon, noon.Add(time.Hour))
	f.Fuzz(func(t *testing.T, text string, nation bool) {
		p := place{number: 13}
		if nation {
			p = place{}
		}
		got, err := read([]byte(text), p, span)
		if err != nil && got != nil {
			t.Error("values beside an error")
		}
		for at, known := range got {
			from := time.Unix(at, 0).UTC()
			if !span.Contains(from) || !from.Equal(down(from)) || !(known.actual.ok || known.forecast.ok) {
				t.Errorf("%v: %+v", from, known)
			}
			for _, r := range []reading{known.actual, known.forecast} {
				if r.value < 0 || r.value > implausible || (!r.ok && r != reading{}) {
					t.Errorf("%v: %+v", from, r)
				}
			}
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for n := 1; n < 100; n++ {
		low, high := backoff(n, 0), backoff(n, 0.999999)
		if low <= 0 || high < low || high > longestWait || (n > 1 && low < backoff(n-1, 0)) {
			t.Errorf("after attempt %d: %v to %v", n, low, high)
		}
	}
}

package file

import (
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
)

// FuzzRead gives any text as a file: it is refused, or all its values keep the
// rules of the port.
func FuzzRead(f *testing.F) {
	f.Add("region,from,to,gco2e_per_kwh,kind,version\nDE,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z,342.06,annual,2024\n")
	f.Add("timestamp,duration,intensity,region\n2026-01-28T12:00:00.5Z,1800,7,a\n")
	f.Add("from,to,gco2e_per_kwh,region,kind,version\n\"2026-01-28 12:00Z\",2026-01-28 12:30:01+01:00,1e2,\"\"\"\",estimate,\n")
	f.Add("\ufeffregion,from,to,intensity\r\nGB,1970-01-01T00:00Z,8999-12-31T00:00Z,0\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		c := Defaults()
		c.Step = time.Minute
		table, err := readTable(strings.NewReader(text), &c)
		if err != nil {
			return
		}
		all := account.NewSpan(time.Unix(0, 0), time.Date(9900, 1, 1, 0, 0, 0, 0, time.UTC))
		for _, region := range table.names() {
			values := table.regions[region].within(all)
			ends := map[account.IntensityKind]time.Time{}
			for i, v := range values {
				switch {
				case v.Region != region || v.Value < 0 || v.Span.IsEmpty() || v.Span != account.NewSpan(v.Span.From, v.Span.To):
					t.Errorf("%+v", v)
				case i > 0 && values[i-1].Compare(v) >= 0:
					t.Errorf("%+v is not after %+v", v, values[i-1])
				case v.Span.From.Before(ends[v.Kind]):
					t.Errorf("%+v overlaps", v)
				}
				ends[v.Kind] = v.Span.To
			}
		}
	})
}

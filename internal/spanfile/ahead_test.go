package spanfile_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/spanfile"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Reading ahead hands over the spans that reading does, in their order, and says the same of
// the file: also of one that is not valid, that cannot be read to its end, and of spans
// that come before their resource.
func TestReadAhead(t *testing.T) {
	t.Parallel()
	array := events(1000, false)
	resourceLast := `{"resourceSpans":[{"scopeSpans":[{"spans":[` + strings.Repeat(`{"traceId":"00000000000000000000000000000001","spanId":"0000000000000001","startTimeUnixNano":"1"},`, 100) +
		`{}]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"last"}}]}}]}`
	for name, file := range map[string]func() io.Reader{
		"events":   func() io.Reader { return bytes.NewReader(array) },
		"requests": func() io.Reader { return bytes.NewReader(otlpLines(t, 5)) },
		"resource": func() io.Reader { return strings.NewReader(resourceLast) },
		"cut":      func() io.Reader { return bytes.NewReader(array[:len(array)/2]) },
		"failing": func() io.Reader {
			return io.MultiReader(bytes.NewReader(array[:len(array)/2]), iotest.ErrReader(errors.New("disk")))
		},
		"empty": func() io.Reader { return strings.NewReader("") },
	} {
		limits := spanfile.Limits{Batch: 16}
		var want, got []window.Span
		summary, err := spanfile.Read(name, file(), limits, func(spans []window.Span) error {
			want = append(want, spans...)
			return nil
		})
		ahead, aheadErr := spanfile.ReadAhead(name, file(), limits, func(spans []window.Span) { got = append(got, spans...) })
		if diff := cmp.Diff(summary, ahead); diff != "" || (err == nil) != (aheadErr == nil) {
			t.Errorf("%s: %s, %v and %v", name, diff, err, aheadErr)
		}
		if !slices.Equal(want, got) || name != "empty" && len(got) == 0 {
			t.Errorf("%s: %d spans, want %d", name, len(got), len(want))
		}
	}
}

// slow is a file whose every read takes a second.
type slow struct{ rest []byte }

func (s *slow) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	time.Sleep(time.Second)
	n := copy(p, s.rest[:min(len(s.rest), 20_000)])
	s.rest = s.rest[n:]
	return n, nil
}

// Reading goes on while spans are used.
func TestReadAheadGoesOn(t *testing.T) {
	t.Parallel()
	file := slices.Concat(slices.Repeat([][]byte{append(events(50, false), bytes.Repeat([]byte{' '}, 300<<10)...)}, 10)...)
	synctest.Test(t, func(t *testing.T) {
		began, used := time.Now(), 0
		_, err := spanfile.ReadAhead("slow", &slow{rest: file}, spanfile.Limits{Batch: 50}, func([]window.Span) {
			time.Sleep(10 * time.Second)
			used++
		})
		reading := time.Duration((len(file)+19_999)/20_000) * time.Second
		if took := time.Since(began); err != nil || took >= reading+time.Duration(used)*10*time.Second/2 {
			t.Errorf("%v, %v for %v of reading and %d batches of 10 s", err, took, reading, used)
		}
	})
}

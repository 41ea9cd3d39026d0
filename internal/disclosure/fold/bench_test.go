package fold_test

import (
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/disclosure/fold"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/window"
)

// stream yields the lines of a recorded archive over and over, each at another time, chained.
func stream(b *testing.B, windows int) string {
	b.Helper()
	lines := strings.Split(strings.TrimSpace(recorded(b, "clean")), "\n")
	var d window.Decoder
	e := window.Envelope{Prev: window.ChainSeed}
	var out strings.Builder
	for i := range windows {
		var l window.Line
		if err := d.Decode([]byte(lines[i%len(lines)]), &l); err != nil {
			b.Fatal(err)
		}
		e.Time = february().Add(time.Duration(i) * time.Second)
		line, sum, err := window.AppendLine(nil, e, &l.Window)
		if err != nil {
			b.Fatal(err)
		}
		out.Write(line)
		out.WriteByte('\n')
		e.Prev, e.Seq = sum, e.Seq+1
	}
	return out.String()
}

// file writes an archive, which is hashed as it is read.
func file(b *testing.B, content string) fold.Archive {
	b.Helper()
	path := filepath.Join(b.TempDir(), "a.ndjson")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	return fold.Archive{Name: "a.ndjson", Read: func(stored io.Writer, read func(io.Reader) error) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return read(io.TeeReader(f, stored))
	}}
}

// BenchmarkArchives folds a file of chained windows of the original's size.
func BenchmarkArchives(b *testing.B) {
	const windows = 20_000
	content := stream(b, windows)
	archives := []fold.Archive{file(b, content)}
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fold.Archives(b.Context(), fold.Config{Span: quarter()}, archives); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(windows)*float64(b.N)/b.Elapsed().Seconds(), "windows/s")
}

// BenchmarkSHA256 is what the hash of the same bytes takes on one processor: the chain needs it
// once, and the hash of the file once more.
func BenchmarkSHA256(b *testing.B) {
	content := stream(b, 4000)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		h := sha256.New()
		if _, err := io.Copy(h, strings.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLedgerYear makes the twelve documents of a year of 780 groups in slots of half an hour, of
// the ledger that BenchmarkHistory of package sqlite leaves in DENDRO_BENCH_DIR:
//
//	DENDRO_BENCH_FACTS=17568000 DENDRO_BENCH_DIR=/big go test ./internal/ledger/sqlite -run '^$' -bench History/status -timeout 2h
//	DENDRO_BENCH_DIR=/big go test ./internal/disclosure/fold -run '^$' -bench LedgerYear
func BenchmarkLedgerYear(b *testing.B) {
	dir := os.Getenv("DENDRO_BENCH_DIR")
	if dir == "" {
		b.Skip("set DENDRO_BENCH_DIR to the folder of a ledger")
	}
	store, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(dir, "ledger.db"), ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	calendar := store.Calendar()
	r := asked("facility", "group")
	r.Zone = calendar.Zone()
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		for month := time.January; month <= time.December; month++ {
			span := calendar.Period(account.StepMonth, time.Date(2020, month, 2, 0, 0, 0, 0, time.UTC))
			p, err := fold.Known(b.Context(), store, fold.LedgerConfig{Span: span, By: r.By})
			if err != nil {
				b.Fatal(err)
			}
			d, err := disclosure.New(p, r)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := d.Text(); err != nil {
				b.Fatal(err)
			}
			rows += len(d.Rows)
		}
		b.ReportMetric(float64(rows), "rows")
	}
}

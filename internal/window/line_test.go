package window_test

import (
	"bufio"
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dendro-carbon/dendro/internal/canon"
	"github.com/dendro-carbon/dendro/internal/testenv"
	"github.com/dendro-carbon/dendro/internal/window"
)

// archives returns the lines of the recorded archives, by file.
func archives(t testing.TB) map[string][][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testenv.Oracle(t), "service", "archive", "*.ndjson"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	out := map[string][][]byte{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			out[filepath.Base(file)] = append(out[filepath.Base(file)], bytes.Clone(lines.Bytes()))
		}
		f.Close()
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestRecordedArchives reads every line, verifies every hash both ways and writes every
// window of a chain again: the bytes are the original's.
func TestRecordedArchives(t *testing.T) {
	t.Parallel()
	hashed := 0
	for file, lines := range archives(t) {
		var d window.Decoder
		var v window.Verifier
		var line window.Line
		for i, text := range lines {
			if err := d.Decode(text, &line); err != nil {
				if file == "clean.ndjson" || file == "legacy.ndjson" {
					t.Errorf("%s:%d: %v", file, i+1, err)
				}
				continue
			}
			if line.Hash != "" {
				hashed++
				spaced := append([]byte(" "), bytes.Replace(text, []byte(`{"hash"`), []byte(`{ "hash"`), 1)...)
				for _, form := range [][]byte{text, spaced} {
					if ok, err := v.Verify(form); !ok || err != nil {
						t.Errorf("%s:%d: the hash is not that of the line: %v", file, i+1, err)
					}
				}
			}
			report := bytes.SplitAfterN(text, []byte(`"report":`), 2)[1]
			report = report[:bytes.LastIndex(report, []byte(`}`))]
			var s canon.Scanner
			s.Reset(report)
			want, err := canon.Append(nil, s.Skip())
			if err != nil {
				t.Fatal(err)
			}
			got, err := line.Window.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			if line.Hash != "" && string(got) != string(want) {
				t.Errorf("%s:%d: written again it is\n%s\nand was\n%s", file, i+1, got, want)
			}
			if file == "clean.ndjson" {
				again, hash, err := window.AppendLine(nil, line.Envelope, &line.Window)
				if err != nil || hash != line.Hash || string(again) != string(text) {
					t.Errorf("%s:%d: the line written again is not the same: %v", file, i+1, err)
				}
			}
		}
	}
	if hashed < 8 {
		t.Errorf("only %d lines have a hash", hashed)
	}
}

// TestHostileArchive takes and leaves the lines that the original took and left.
func TestHostileArchive(t *testing.T) {
	t.Parallel()
	var d window.Decoder
	var line window.Line
	windows, malformed, negative := 0, 0, 0
	for _, text := range archives(t)["hostile.ndjson"] {
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if err := d.Decode(text, &line); err != nil {
			malformed++
			continue
		}
		windows++
		negative += line.Negative
	}
	if windows != 5 || malformed != 6 || negative != 3 {
		t.Errorf("%d windows, %d malformed, %d negative amounts", windows, malformed, negative)
	}
}

// TestRoundTrip writes windows with all that there is, reads them and writes them again.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	var d window.Decoder
	var back window.Line
	for seed := range uint64(20) {
		c, when, all := random(rand.New(rand.NewPCG(seed, 5)), 200)
		when.From, when.To, when.Late, when.Blind = july, july+1e9+5, 3, 0.25
		when.Drops = []window.Drop{{Reason: "overload", Spans: 4}}
		estimated := true
		for region := range when.Live {
			when.Live[region][0].Estimated, when.Live[region][0].Method = &estimated, "mean"
		}
		w := score(t, c, all, when)
		w.BinaryVersion = "1.2.3"
		w.Extra = []window.Member{{Name: "later", Value: window.Raw(`{"a":1}`)}}
		w.Green.Extra = []window.Member{{Name: "zeta", Value: window.Raw(`null`)}}
		w.Green.DatabaseWaste = window.Raw(`{"model":"estimated"}`)
		envelope := window.Envelope{Prev: "sha256:00", Seq: seed, HasSeq: true, Time: time.Unix(0, july).UTC()}
		line, hash, err := window.AppendLine(nil, envelope, &w)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(line, &back); err != nil {
			t.Fatal(err)
		}
		envelope.Hash = hash
		if diff := cmp.Diff(envelope, back.Envelope); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(w, back.Window); diff != "" {
			t.Fatal(diff)
		}
		again, _, err := window.AppendLine(nil, back.Envelope, &back.Window)
		if err != nil || string(again) != string(line) {
			t.Fatalf("%s\nwritten again is\n%s\n%v", line, again, err)
		}
		report, err := w.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		var alone window.Window
		if err := d.DecodeReport(report, &alone); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(w, alone); diff != "" {
			t.Fatal(diff)
		}
	}
}

const smallest = `{"report":{"analysis":{"duration_ms":0,"events_processed":1,"traces_analyzed":2},"findings":[],` +
	`"green_summary":{"total_io_ops":1,"avoidable_io_ops":0,"io_waste_ratio":0.0,"io_waste_ratio_band":"healthy","top_offenders":[]},` +
	`"quality_gate":{"passed":true,"rules":[]}},"ts":"2026-01-15T10:00:00+01:00"}`

func TestDecodeIsTolerant(t *testing.T) {
	t.Parallel()
	with := func(summary string) string {
		return strings.Replace(smallest, `"total_io_ops":1`, `"total_io_ops":1,`+summary, 1)
	}
	for _, c := range []struct {
		name, text string
		want       error // wrapped
		check      func(*window.Line) bool
	}{
		{"smallest", smallest, nil, func(l *window.Line) bool {
			return l.Time.Equal(time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)) && l.Window.Analysis.Traces == 2 && !l.HasSeq
		}},
		{"unknown-members", with(`"new":{"a":[1]}`), nil, func(l *window.Line) bool {
			return len(l.Window.Green.Extra) == 1 && string(l.Window.Green.Extra[0].Value) == `{"a":[1]}`
		}},
		{"negative", with(`"energy_kwh":-1,"per_service_energy_kwh":{"b":-5,"a":2}`), nil, func(l *window.Line) bool {
			a, _ := l.Window.Green.ServiceEnergyKWh.Get("a")
			b, _ := l.Window.Green.ServiceEnergyKWh.Get("b")
			return l.Negative == 2 && l.Window.Green.EnergyKWh == -1 && a == 2 && b == -5
		}},
		{"names-twice", with(`"per_service_energy_kwh":{"b":1,"a":2,"b":3},"per_service_region":{"z":"x","z":"y"}`), nil, func(l *window.Line) bool {
			b, _ := l.Window.Green.ServiceEnergyKWh.Get("b")
			z, _ := l.Window.Green.ServiceRegion.Get("z")
			_, none := l.Window.Green.ServiceRegion.Get("a")
			return b == 3 && z == "y" && !none && len(l.Window.Green.ServiceEnergyKWh) == 2
		}},
		{"null-where-nothing-is-allowed", with(`"co2":null,"transport_gco2":null,"scoring_config":null,"database_waste":null`), nil, func(l *window.Line) bool {
			return l.Window.Green.CO2 == nil && l.Window.Green.Transport == nil
		}},
		{"hash-that-is-no-text", strings.Replace(smallest, `{"report"`, `{"hash":7,"prev":null,"seq":-1,"report"`, 1), nil, func(l *window.Line) bool {
			return l.Hash == "" && l.Prev == "" && !l.HasSeq
		}},
		{"too-large", with(`"energy_kwh":1e999`), canon.ErrSyntax, nil},
		{"too-large-and-unknown", with(`"new":[1e999]`), canon.ErrSyntax, nil},
		{"not-utf-8", with("\"x\":\"\xff\""), canon.ErrSyntax, nil},
		{"cut", smallest[:200], canon.ErrSyntax, nil},
		{"more", smallest + "{}", canon.ErrSyntax, nil},
		{"null", "null", window.ErrShape, nil},
		{"array", "[]", window.ErrShape, nil},
		{"no-report", `{"ts":"2026-02-01T00:00:00Z"}`, window.ErrShape, func(l *window.Line) bool { return !l.Time.IsZero() }},
		{"no-time", strings.Replace(smallest, "ts", "at", 1), window.ErrShape, nil},
		{"no-instant", strings.Replace(smallest, "T10:00:00+01:00", "", 1), window.ErrShape, nil},
		{"no-summary", strings.Replace(smallest, "green_summary", "summary", 1), window.ErrShape, nil},
		{"text-for-number", with(`"energy_kwh":"1"`), window.ErrShape, nil},
		{"null-for-number", with(`"energy_kwh":null`), window.ErrShape, nil},
		{"negative-count", strings.Replace(smallest, `"total_io_ops":1`, `"total_io_ops":-1`, 1), window.ErrShape, nil},
		{
			"envelope-of-a-bad-window", strings.Replace(smallest, `{"report":{`, `{"hash":"h","seq":4,"report":{"dendro":5,`, 1), window.ErrShape,
			func(l *window.Line) bool { return l.Hash == "h" && l.Seq == 4 && !l.Time.IsZero() },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var d window.Decoder
			var line window.Line
			err := d.Decode([]byte(c.text), &line)
			if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if c.check != nil && !c.check(&line) {
				t.Errorf("got %+v", line)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	var v window.Verifier
	for _, text := range []string{"", "null", "[]", smallest, `{"hash":7}`, `{"hash":"x"`, "{\"hash\":\"x\",\"a\":\"\xff\"}", `{"hash":"x","a":1e999}`} {
		if _, err := v.Verify([]byte(text)); !errors.Is(err, canon.ErrSyntax) {
			t.Errorf("%.40q: got %v", text, err)
		}
	}
	if ok, err := v.Verify([]byte(`{"hash":"x","a":1}`)); ok || err != nil {
		t.Errorf("a wrong hash: %v, %v", ok, err)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]bool{0: true, math.Copysign(0, -1): true, 5: true, -1: false, math.Inf(1): false} {
		got, ok := window.Clean(x)
		if ok != want || ok && got != x || !ok && got != 0 || math.Signbit(got) {
			t.Errorf("%v: got %v, %v", x, got, ok)
		}
	}
	if _, ok := window.Clean(math.NaN()); ok {
		t.Error("NaN is an amount")
	}
}

func TestWriteRefusesRawThatIsNotJSON(t *testing.T) {
	t.Parallel()
	w := window.Window{Findings: window.Raw("[1,]")}
	if _, err := w.AppendJSON(nil); !errors.Is(err, canon.ErrSyntax) {
		t.Errorf("got %v", err)
	}
	if _, _, err := window.AppendLine(nil, window.Envelope{}, &w); !errors.Is(err, canon.ErrSyntax) {
		t.Errorf("got %v", err)
	}
}

// FuzzDecode reads anything; what is a window can be written, and reads as the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(smallest))
	c, when, all := random(rand.New(rand.NewPCG(1, 6)), 20)
	w := score(f, c, all, when)
	line, _, err := window.AppendLine(nil, window.Envelope{Prev: window.ChainSeed, Time: time.Unix(0, july)}, &w)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Fuzz(func(t *testing.T, text []byte) {
		var d window.Decoder
		var line window.Line
		var v window.Verifier
		_, _ = v.Verify(text)
		if err := d.Decode(text, &line); err != nil {
			if !errors.Is(err, canon.ErrSyntax) && !errors.Is(err, window.ErrShape) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if line.Time.Year() < 1 || line.Time.Year() > 9999 {
			return
		}
		once, _, err := window.AppendLine(nil, line.Envelope, &line.Window)
		if err != nil {
			t.Fatalf("%q cannot be written: %v", text, err)
		}
		if ok, err := v.Verify(once); !ok || err != nil {
			t.Fatalf("%s does not verify: %v", once, err)
		}
		var back window.Line
		if err := d.Decode(once, &back); err != nil {
			t.Fatalf("%s cannot be read: %v", once, err)
		}
		again, _, err := window.AppendLine(nil, back.Envelope, &back.Window)
		if err != nil || string(again) != string(once) {
			t.Fatalf("%s\nwritten again is\n%s\n%v", once, again, err)
		}
	})
}

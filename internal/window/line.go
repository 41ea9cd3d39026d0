package window

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/dendro-carbon/dendro/internal/linehash"
)

// ChainSeed stands for the hash before the first line of a file.
const ChainSeed = "perf-sentinel-archive/v1"

// Envelope is what a line of an archive says beside its report.
type Envelope struct {
	// Time is when the window was scored. It is the zero time if the line does not say,
	// or not in RFC 3339.
	Time time.Time
	// Hash is the line's own hash, or "" if it has none, or none that is a text.
	Hash string
	// Prev is the hash of the line before, or [ChainSeed], or "".
	Prev string
	// Seq numbers the lines of a file from 0.
	Seq uint64
	// HasSeq is whether the line has a number.
	HasSeq bool
	// Loose is whether the text of a line that was read shows that it is not canonical.
	Loose bool
}

// Line is a line of an archive.
type Line struct {
	Envelope
	Window Window
	// Report is the text of the window, as it stands in the line.
	Report Raw
	// Negative counts amounts of energy and carbon below 0 in the line. They are kept
	// as they are; [Clean] takes such a figure as 0.
	Negative int
}

// Clean returns an amount that was read from an archive, or 0 and false for one that
// cannot be: negative, infinite or not a number.
func Clean(x float64) (amount float64, ok bool) {
	if !isAmount(x) {
		return 0, false
	}
	return x + 0, true
}

// AppendLine appends a line of an archive, without the end of the line, and returns its
// hash, which the next line has as prev. It fails as [Window.AppendJSON] does.
func AppendLine(dst []byte, e Envelope, w *Window) (line []byte, sum string, err error) {
	report, err := w.AppendJSON(nil)
	if err != nil {
		return dst, "", err
	}
	var body writer
	body.object(func() {
		body.text("prev", e.Prev)
		body.raw("report", report)
		body.uint("seq", e.Seq)
		body.key("ts")
		body.dst = append(append(append(body.dst, '"'), appendInstant(nil, e.Time)...), '"')
	})
	digest := sha256.Sum256(body.dst)
	sum = linehash.Prefix + hex.EncodeToString(digest[:])
	dst = append(append(append(dst, `{"hash":"`...), sum...), `",`...)
	return append(dst, body.dst[1:]...), sum, nil
}

// Verifier recomputes the hashes of lines.
type Verifier = linehash.Verifier

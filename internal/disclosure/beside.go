package disclosure

import "strings"

// The ends of the names of files beside a document: what is stated of it, and that signed.
const (
	StatementSuffix = ".intoto.json"
	EnvelopeSuffix  = ".dsse.json"
)

// Beside returns the name of a file beside a document: 2026-Q1.dsse.json beside
// 2026-Q1.json.
func Beside(document, suffix string) string { return strings.TrimSuffix(document, ".json") + suffix }

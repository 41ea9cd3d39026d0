// Package disclosure turns what was archived, or a ledger, into a period's figures that
// anyone can verify, explain and restate: it folds the inputs, checks them against
// rules, writes the document and verifies one.
//
// Everything that is read is untrusted. What is dropped or repaired is counted and
// published; nothing is lost in silence. The same inputs give the same bytes.
package disclosure

// Package fold adds the windows of a period up, of archives or of the ledger.
//
// Nothing that is read is believed: lines are checked against the chain of their
// file, amounts that cannot be count as 0, a window that comes twice counts once. What
// was left out or repaired is counted, and the counts are in the result.
//
// Sums are exact. So they do not depend on the order of files and lines, nor on how many
// read them. The fact that a reader would get wrong: the figures of
// [disclosure.Report] are those of the original's format, whose rows by service mix
// perimeters; those of [disclosure.Period.Rows] are operational carbon alone.
package fold

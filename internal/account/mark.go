package account

import "cmp"

// Mark is a place in a log that is kept in numbered files: a line by its number in the
// file, from 0. Files are numbered from 1; the zero Mark is before everything. Marks
// are comparable.
type Mark struct {
	File uint64 `json:"file"`
	Seq  uint64 `json:"seq"`
}

// Compare orders marks by file, then line.
func (m Mark) Compare(other Mark) int {
	return cmp.Or(cmp.Compare(m.File, other.File), cmp.Compare(m.Seq, other.Seq))
}

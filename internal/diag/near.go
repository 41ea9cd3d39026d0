package diag

import "unicode/utf8"

// maxTyped is the length above which nobody mistypes a name, and comparing two
// would take long.
const maxTyped = 64

// Distance is how many letters must be changed, added, removed or swapped with
// their neighbour to make one name of the other: what to suggest in place of a
// name that does not exist. It is the optimal string alignment distance; names
// of more than 64 letters count as wholly different unless they are equal.
func Distance(a, b string) int {
	if a == b {
		return 0
	}
	if n := max(utf8.RuneCountInString(a), utf8.RuneCountInString(b)); n > maxTyped {
		return n
	}
	x, y := []rune(a), []rune(b)
	var row, above, before []int // before is above above
	for i := range len(x) + 1 {
		before, above, row = above, row, make([]int, len(y)+1)
		for j := range row {
			switch {
			case i == 0 || j == 0:
				row[j] = i + j
				continue
			case x[i-1] == y[j-1]:
				row[j] = above[j-1]
			default:
				row[j] = 1 + min(above[j-1], above[j], row[j-1])
			}
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(y)]
}

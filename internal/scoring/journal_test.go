package scoring

import (
	"os"
	"testing"
)

// What could not be written whole is not there: not for who reads the journal, and not
// between what was written before and after.
func TestJournalAfterAFailedWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, err := createJournal(dir, 3, 42)
	if err != nil {
		t.Fatal(err)
	}
	var e encoder
	one := append([]byte{}, e.batch(1, varied()[:1], 0)...)
	two := append([]byte{}, e.batch(2, varied()[:2], 0)...)
	three := append([]byte{}, e.batch(3, varied()[:3], 0)...)
	if err := j.write(one); err != nil {
		t.Fatal(err)
	}
	good := j.file
	if j.file, err = os.Open(j.path); err != nil { // for reading alone, as a disk that is full
		t.Fatal(err)
	}
	if err := j.write(two); err == nil {
		t.Fatal("written to a file that cannot be written to")
	}
	j.file.Close()
	j.file = good
	if _, err := j.file.WriteAt([]byte("half of a record"), j.size); err != nil { // what such a write leaves
		t.Fatal(err)
	}
	if err := j.write(three, one); err != nil {
		t.Fatal(err)
	}
	size := j.size
	if err := j.write(two); err != nil {
		t.Fatal(err)
	}
	j.undo(size) // it was not synced
	if err := j.write(one); err != nil {
		t.Fatal(err)
	}
	if err := j.file.Close(); err != nil {
		t.Fatal(err)
	}
	var counts []int
	r, err := replay(dir, 3, func(from int64, b *decoded) {
		if from != 42 {
			t.Errorf("the window begins at %d", from)
		}
		counts = append(counts, len(b.spans))
	})
	if err != nil || r.lost != 0 || len(counts) != 4 || counts[0] != 1 || counts[1] != 3 || counts[2] != 1 || counts[3] != 1 {
		t.Errorf("%v, %d bytes lost: %v", counts, r.lost, err)
	}
	if err := r.remove(); err != nil {
		t.Error(err)
	}
}

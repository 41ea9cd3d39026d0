package fold

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"
)

// TestSeenIsSmall: a million windows in little more than 20 MB.
func TestSeenIsSmall(t *testing.T) {
	t.Parallel()
	s := newSeen(1, 1<<20, t.TempDir())
	var report [8]byte
	for i := range uint64(1_000_000) {
		binary.LittleEndian.PutUint64(report[:], i)
		if !s.first(time.Unix(int64(i), 0), report[:], 0) {
			t.Fatalf("window %d was met before", i)
		}
	}
	bytes := 0
	for i := range s.shards {
		bytes += 12 * cap(s.shards[i].slots)
	}
	if bytes > 24<<20 {
		t.Errorf("%d bytes", bytes)
	}
}

// TestDuplicatesHaveAnOwner: which input a repeated window is told of does not depend on
// which one was read first.
func TestDuplicatesHaveAnOwner(t *testing.T) {
	t.Parallel()
	type met struct{ window, input int }
	var all []met
	want := []uint64{1, 3, 4}
	for window, inputs := range [][]int{{0, 0, 1}, {1, 2, 2}, {0, 1, 2, 2}, {1}, {0, 1}} {
		for _, input := range inputs {
			all = append(all, met{window, input})
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		s := newSeen(3, 1<<20, t.TempDir())
		for _, m := range all {
			s.first(time.Unix(int64(m.window), 0), []byte("{}"), m.input)
		}
		for i := range want {
			if got := s.again[i].Load(); got != want[i] {
				t.Fatalf("input %d: %d duplicates, want %d (%v)", i, got, want[i], all)
			}
		}
	}
}

package fold

import (
	"errors"

	"github.com/dendro-carbon/dendro/internal/disclosure"
	"github.com/dendro-carbon/dendro/internal/window"
)

// link is what the chain of a file needs of a line.
type link struct {
	hash, prev string
	seq        uint64
	hasSeq     bool
	json       bool // whether the line is JSON
	right      bool // whether its hash is that of its content
	verbatim   bool // whether it is that of its text as it stands
	inScope    bool // of the period, or of no time at all
}

// chain follows the lines of a file. An altered line, a line that is gone and one in
// another order break it; after a break it goes on from the line that broke it.
type chain struct {
	expected string
	seq      uint64
	anchored bool // whether it is known what comes next
	started  bool
	before   bool // whether the line before was of the period
	counts   disclosure.ChainCounts
	lines    uint64 // that are JSON
	// headAt is the hash of the last line of the first lines that the manifest knows.
	want   uint64
	headAt string
}

func newChain(want uint64) *chain {
	return &chain{expected: window.ChainSeed, anchored: true, want: want}
}

// newLink returns the link of a line that was read.
func newLink(v *window.Verifier, text []byte, e *window.Envelope, fault error) link {
	if fault != nil && !errors.Is(fault, window.ErrShape) {
		return link{inScope: true}
	}
	l := link{hash: e.Hash, prev: e.Prev, seq: e.Seq, hasSeq: e.HasSeq, json: true}
	if l.hash != "" {
		right, err := v.VerifyRead(text, e.Loose)
		l.right = right && err == nil
		l.verbatim = l.right && v.Verbatim()
	}
	return l
}

// next takes the next line.
func (c *chain) next(l *link) {
	if !l.json {
		return
	}
	if c.lines++; c.lines == c.want {
		c.headAt = l.hash
	}
	switch follows := !c.anchored || l.prev == c.expected && (!l.hasSeq || l.seq == c.seq); {
	case l.hash == "" && !c.started:
		if l.inScope {
			c.counts.Unchained++
		}
	case l.hash == "":
		c.anchored, c.seq = false, 0
		c.broken(l)
	case l.right && follows:
		if l.inScope {
			c.counts.Verified++
		}
		c.anchor(l)
	default:
		c.broken(l)
		c.anchor(l)
	}
	c.before = l.inScope
}

func (c *chain) anchor(l *link) {
	if l.hasSeq {
		c.seq = l.seq
	}
	c.started, c.anchored, c.expected, c.seq = true, true, l.hash, c.seq+1
}

func (c *chain) broken(l *link) {
	if l.inScope || c.before {
		c.counts.Breaks++
	} else {
		c.counts.BreaksOutside++
	}
}

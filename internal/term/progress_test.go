package term

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgressIsDrawnAndErased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		p := newProgress(&b, "components", Screen{Terminal: true, Width: 80})
		p.Set(1, 100)
		time.Sleep(900 * time.Millisecond)
		p.Set(40, 100)
		if b.Len() != 0 {
			t.Fatalf("drawn before a second: %q", b.String())
		}
		time.Sleep(600 * time.Millisecond)
		p.Set(50, 100)
		p.Set(51, 100)
		want := "\r\x1b[2Kcomponents ━━━━━━━━━━━━──────────── 50 of 100, 2 s left"
		if got := b.String(); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		time.Sleep(time.Minute)
		p.Set(100, 100)
		p.Done()
		p.Set(100, 100)
		want += "\r\x1b[2Kcomponents ━━━━━━━━━━━━━━━━━━━━━━━━ 100 of 100\r\x1b[2K"
		if got := b.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestProgressOfQuickWorkIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		for _, p := range []*Progress{newProgress(&b, "rows", Screen{Terminal: true}), NewProgress(&b, "rows", true)} {
			p.Set(1, 2)
			p.Done()
			time.Sleep(2 * time.Second)
			p.Set(2, 2)
			p.Done()
		}
		if b.Len() != 0 {
			t.Errorf("got %q", b.String())
		}
	})
}

func TestProgressOnANarrowScreen(t *testing.T) {
	t.Parallel()
	p := newProgress(nil, "components", Screen{Terminal: true, Width: 40})
	if got, want := p.line(7, 200, 3*time.Hour), "components 7 of 200, 82.7 h left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.screen.Width = 20
	if got, want := p.line(7, 200, 20*time.Second), "components 7 of 20…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.screen.Width = 0
	if got, want := p.line(7, 0, time.Second), "components 7 of 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := p.line(1, 1000, 100*time.Millisecond); !strings.HasSuffix(got, "1 of 1000, 2 min left") {
		t.Errorf("got %q", got)
	}
}

func TestProgressFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	p := newProgress(&b, "rows", Screen{Terminal: true})
	p.next = p.start
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 100 {
				p.Set(i, 100)
			}
		})
	}
	group.Wait()
	p.Done()
	if !strings.HasSuffix(b.String(), eraseLine) {
		t.Errorf("got %q", b.String())
	}
}

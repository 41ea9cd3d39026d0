package app

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestDrain holds that steps run from the last to the first, all of them, and that
// what fails is told by name.
func TestDrain(t *testing.T) {
	t.Parallel()
	var order []string
	var c cleanups
	failed := errors.New("it failed")
	for _, name := range []string{"first", "second", "third"} {
		c.add(name, func(context.Context) error {
			order = append(order, name)
			if name == "second" {
				return failed
			}
			return nil
		})
	}
	err := c.drain(t.Context())
	if got := strings.Join(order, " "); got != "third second first" {
		t.Errorf("in the order %s", got)
	}
	if !errors.Is(err, failed) || !strings.Contains(err.Error(), "stop second: ") {
		t.Errorf("got %v", err)
	}
	if err := c.drain(t.Context()); err != nil || len(order) != 3 {
		t.Errorf("again: %v, %v", order, err)
	}
}

// TestDrainIsBounded holds that a step which hangs keeps nobody waiting beyond the
// context, and not the next step from running.
func TestDrainIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c cleanups
		closed := make(chan struct{})
		hang := make(chan struct{})
		c.add("ledger", func(context.Context) error {
			close(closed)
			return nil
		})
		c.add("source", func(context.Context) error {
			<-hang
			return nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := c.drain(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "stop source") {
			t.Errorf("got %v", err)
		}
		<-closed
		close(hang)
	})
}

// TestLimited holds that no more connections are accepted than there are places,
// and that a place is free again when one closes.
func TestLimited(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &limited{Listener: inner, places: make(chan struct{}, 1), closed: make(chan struct{})}
	accepted := make(chan net.Conn)
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- conn
		}
	}()
	for range 2 {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Fatal("a second connection has a place")
	case <-time.After(50 * time.Millisecond):
	}
	first.Close()
	first.Close() // gives the place back once
	second := <-accepted
	if err := l.Close(); err != nil { // while Accept waits for a place
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept ended with %v", err)
	}
	second.Close()
	if err := closeListener(l); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

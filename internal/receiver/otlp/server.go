package otlp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

// Config says where a server listens and what it allows. A number that is 0 has
// its default. How many connections there may be is up to the listeners.
type Config struct {
	// GRPC and HTTP are where requests come from; one of them may be nil. The
	// server closes them.
	GRPC, HTTP net.Listener
	// MaxRequest bounds a request in bytes, compressed and decompressed; 16 MiB.
	MaxRequest int
	// MaxSpans bounds the spans of a request; 65,536.
	MaxSpans int
	// Parallel bounds how many requests are read and given to the sink at once;
	// 32. Memory is at most Parallel times a few MaxRequest, and in practice a
	// few times what senders put into a request.
	Parallel int
	// Patience is how long a request waits for its turn before its sender is asked
	// to come again later; 2 s.
	Patience time.Duration
	// Timeout bounds a request from its first byte to its answer; 30 s.
	Timeout time.Duration
	// RetryAfter is what senders are told to wait when the sink leaves it open;
	// 1 s.
	RetryAfter time.Duration
	// Allow decides on the bearer token of a request; nil allows all.
	Allow func(token string) bool
}

func (c Config) filled() Config {
	number := func(value *int, standard int) {
		if *value <= 0 {
			*value = standard
		}
	}
	period := func(value *time.Duration, standard time.Duration) {
		if *value <= 0 {
			*value = standard
		}
	}
	number(&c.MaxRequest, 16<<20)
	number(&c.MaxSpans, 65_536)
	number(&c.Parallel, 32)
	period(&c.Patience, 2*time.Second)
	period(&c.Timeout, 30*time.Second)
	period(&c.RetryAfter, time.Second)
	return c
}

// Server receives requests. Create one with [New].
type Server struct {
	config Config
	sink   Sink
	log    *slog.Logger

	grpc *grpc.Server
	http *http.Server

	turns    chan struct{} // one place for each request that may be worked on
	desks    sync.Pool     // of *desk
	counters counters
	told     atomic.Pointer[time.Time] // when a failure was logged last
}

// New returns a server that gives what it receives to sink. Nothing is received
// before [Server.Serve].
func New(config Config, sink Sink, log *slog.Logger) *Server {
	s := &Server{config: config.filled(), sink: sink, log: log}
	s.turns = make(chan struct{}, s.config.Parallel)
	s.desks.New = func() any { return newDesk() }
	s.grpc = s.newGRPC()
	s.http = s.newHTTP()
	return s
}

// Serve receives until [Server.Stop], and then returns nil; or until a listener
// fails, and then stops the other one too. It is called once.
func (s *Server) Serve() error {
	failed := make(chan error, 2)
	serving := 0
	serve := func(listener net.Listener, run func(net.Listener) error) {
		if listener != nil {
			serving++
			go func() { failed <- run(listener) }()
		}
	}
	serve(s.config.GRPC, s.grpc.Serve)
	serve(s.config.HTTP, s.http.Serve)
	var all error
	for ; serving > 0; serving-- {
		if err := <-failed; err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, grpc.ErrServerStopped) {
			all = errors.Join(all, err)
			s.abort()
		}
	}
	return all
}

// Stop takes no more requests and waits for those that are being worked on,
// until the context ends; then it breaks them off and returns the context's
// error. Their senders have no acknowledgement and send them again.
func (s *Server) Stop(ctx context.Context) error {
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		s.grpc.GracefulStop()
	}()
	err := s.http.Shutdown(ctx)
	select {
	case <-drained:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.abort()
	<-drained
	return err
}

// abort ends everything at once, also what was never begun.
func (s *Server) abort() {
	s.grpc.Stop()
	_ = s.http.Close() // its listeners' errors; they are closed again below
	for _, listener := range []net.Listener{s.config.GRPC, s.config.HTTP} {
		if listener != nil {
			_ = listener.Close() // mostly closed already
		}
	}
}

package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/buildinfo"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/facility"
	"github.com/dendro-carbon/dendro/internal/remote"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/web"
)

// Limits of the server. Answers have no limit of time here: events and long work
// go on, and the routes set their own.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeader      = 64 << 10
	maxConnections = 256
	// drainFor is how long requests may go on once the server is to stop.
	drainFor = 3 * time.Second
)

// listen binds the configured address.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, &listenError{err}
	}
	return &limited{Listener: l, places: make(chan struct{}, maxConnections), closed: make(chan struct{})}, nil
}

// listenError says what to do when an address cannot be had.
type listenError struct{ cause error }

func (e *listenError) Error() string { return e.cause.Error() }
func (e *listenError) Unwrap() error { return e.cause }
func (e *listenError) Hint() string {
	return "choose another address, such as --listen 127.0.0.1:0 for any free port"
}

// closeListener closes a listener that the server may have closed already.
func closeListener(l net.Listener) error {
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// limited accepts no more connections than there are places. The others wait in
// the system's queue.
type limited struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &placed{Conn: conn, free: sync.OnceFunc(func() { <-l.places })}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// placed is a connection that gives its place back.
type placed struct {
	net.Conn
	free func()
}

func (p *placed) Close() error {
	defer p.free()
	return p.Conn.Close()
}

// featureServices is what status says of a server with a window archive.
const featureServices = "services"

// handler returns all routes with what guards them.
func (a *App) handler(tokens *api.Tokens) (http.Handler, error) {
	var services func() *api.Services
	var windows api.Windows
	var features []string
	if a.services != nil {
		services, features = a.services.status, append(features, featureServices)
		windows = scored.New(scored.Defaults(a.Store.Calendar().Grid()), archiveFiles{a.config.WindowArchive().Dir})
	}
	if s := a.simServices; s != nil {
		services, windows, features = s.status, s.reader(a.Store.Calendar().Grid()), append(features, featureServices)
	}
	platform := facility.New(a.facility())
	server := api.New(api.Deps{
		Services: services, Windows: windows, Features: features,
		Store: a.Store, Engine: a.Engine, Driver: a.Driver, Log: a.deps.Log, Version: buildinfo.Read().String(),
		Levels: a.config.Levels, Personal: a.config.PersonalLabels(), Region: a.config.Intensity.Region, Simulated: Simulated(a.config), Tokens: tokens,
		Stopping: a.stopsServing.Done(), Unrouted: platform.Unrouted, Disclosures: a.shelf, Inputs: refolds(a.config, a.Parts),
	})
	remote.Register(server.Mux(), untilStop{a.Worker(), a.stopsServing}, a.Store.Calendar())
	remote.RegisterPins(server.Mux(), a.Store)
	remote.RegisterBackup(server.Mux(), a.backupFolder(), a.backup)
	platform.Register(server.Mux())
	site, err := web.New()
	if err != nil {
		return nil, err
	}
	site.Register(server.Mux())
	next := server.Handler()
	if tokens == nil {
		next = ownHosts(a.config.Listen, next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(remote.InstanceHeader, a.address.Instance)
		next.ServeHTTP(w, r)
	}), nil
}

// ownHosts refuses requests that came under another name than those of this
// machine. Without tokens, a page in a browser could otherwise read everything,
// by a name of its own that leads here (DNS rebinding).
func ownHosts(listen string, next http.Handler) http.Handler {
	bound, _, err := net.SplitHostPort(listen)
	if err != nil {
		bound = ""
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if host = strings.Trim(host, "[]"); config.Loopback(host) || host == bound {
			next.ServeHTTP(w, r)
			return
		}
		http.Error(w, "This server answers to localhost alone. To reach it by another name, set auth.tokens_file.", http.StatusMisdirectedRequest)
	})
}

// newServer returns the HTTP server. What would go on for long ends at once when the
// server is to stop; other requests see it by their context only once they had time
// to end by themselves.
func (a *App) newServer(h http.Handler) *http.Server {
	requests, cancel := context.WithCancelCause(context.Background())
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog:    slog.NewLogLogger(a.deps.Log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return requests },
	}
	s.RegisterOnShutdown(a.endServing)
	s.RegisterOnShutdown(func() { time.AfterFunc(drainFor, func() { cancel(errStopped) }) })
	return s
}

// endServer answers what was asked and closes all connections.
func (a *App) endServer(ctx context.Context) error {
	if err := a.server.Shutdown(ctx); err != nil {
		return errors.Join(err, a.server.Close())
	}
	return nil
}

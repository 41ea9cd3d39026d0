package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/derive"
	"github.com/dendro-carbon/dendro/internal/directory"
	dirfile "github.com/dendro-carbon/dendro/internal/directory/file"
	"github.com/dendro-carbon/dendro/internal/directory/mongo"
	"github.com/dendro-carbon/dendro/internal/disclosure/shelf"
	"github.com/dendro-carbon/dendro/internal/intensity"
	"github.com/dendro-carbon/dendro/internal/intensity/electricitymaps"
	"github.com/dendro-carbon/dendro/internal/intensity/file"
	"github.com/dendro-carbon/dendro/internal/intensity/static"
	"github.com/dendro-carbon/dendro/internal/intensity/ukgrid"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/ledger/postgres"
	"github.com/dendro-carbon/dendro/internal/ledger/sqlite"
	"github.com/dendro-carbon/dendro/internal/query"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/slots"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/demo"
	"github.com/dendro-carbon/dendro/internal/source/host"
	"github.com/dendro-carbon/dendro/internal/source/prometheus"
)

// Deps is what the program gets from outside.
type Deps struct {
	// Log is told what happens; nil tells nobody.
	Log *slog.Logger
	// AsStored has Read take slot and zone from the ledger, not from the
	// configuration, where nobody has set them.
	AsStored bool
}

func (d Deps) withDefaults() Deps {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return d
}

// Access says what the parts are wanted for.
type Access uint8

const (
	// Read is for questions: the ledger alone, also while a server writes to it.
	Read Access = iota
	// Compare is for reading sources again beside the ledger, without changing it.
	Compare
	// Write is for changing the ledger.
	Write
)

// Parts is the program without its server. Make it with [Open].
type Parts struct {
	Store  ledger.Store
	Engine *query.Engine
	// Driver is nil for Read. It does nothing by itself before it is run.
	Driver *slots.Driver
	// Directories know people and workspaces; none for Read.
	Directories []directory.Register

	services    *services          // nil without, and for all but Write
	simServices *simulatedServices // nil without
	shelf       *shelf.Shelf       // of disclosures; nil without, and for all but Write
	simulated   *simulated         // nil if disclosures are not made up
	names       account.Renamer    // nil shows people as they are called
	background  []func(context.Context) error
	stack       cleanups
}

// Shown returns what shows people by pseudonyms, nil where they are shown as they are
// called.
func (p *Parts) Shown() account.Renamer { return p.names }

// Close releases all parts. It is idempotent.
func (p *Parts) Close(ctx context.Context) error { return p.stack.drain(ctx) }

// builder makes parts of a configuration.
type builder struct {
	config *config.Config
	log    *slog.Logger
	stack  *cleanups
	client *http.Client // of all sources
	// background is what has to run while the sources are used.
	background    []func(context.Context) error
	book          *scoring.Book  // of services, nil without
	simulatedBook *simulatedBook // of simulated ones, nil without
	shelf         *shelf.Shelf
	registers     []directory.Register
}

func newBuilder(c *config.Config, d Deps, stack *cleanups) *builder {
	return &builder{config: c, log: d.withDefaults().Log, stack: stack}
}

// http returns the client of the sources, with a bound on its connections.
func (b *builder) http() *http.Client {
	if b.client == nil {
		dialer := &net.Dialer{Timeout: 30 * time.Second}
		transport := &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: 90 * time.Second,
			MaxConnsPerHost: 64, MaxIdleConnsPerHost: 8,
		}
		b.client = &http.Client{Transport: transport}
		b.stack.add("connections", func(context.Context) error {
			transport.CloseIdleConnections()
			return nil
		})
	}
	return b.client
}

// A new adapter is a line in one of the tables below.

func (b *builder) sources() map[string]func() (source.Source, error) {
	return map[string]func() (source.Source, error){
		config.SourcePrometheus: b.prometheus,
		config.SourceHost:       b.host,
		config.SourceDemo:       func() (source.Source, error) { return demo.New(b.config.Source.Demo, time.Now) },
	}
}

func (b *builder) intensities() map[string]func() (intensity.Source, error) {
	i := &b.config.Intensity
	return map[string]func() (intensity.Source, error){
		config.IntensityStatic:          func() (intensity.Source, error) { return static.New(static.Defaults()) },
		config.IntensityUKGrid:          func() (intensity.Source, error) { return ukgrid.New(i.UKGrid, b.http(), b.log) },
		config.IntensityElectricityMaps: func() (intensity.Source, error) { return electricitymaps.New(i.ElectricityMaps, b.http()) },
		config.IntensityFile:            func() (intensity.Source, error) { return file.New(i.File) },
		config.IntensityDemo:            func() (intensity.Source, error) { return demo.NewGrid(b.config.Source.Demo, time.Now) },
	}
}

func (b *builder) directories() map[string]func(config.Directory) (directory.Source, error) {
	return map[string]func(config.Directory) (directory.Source, error){
		config.DirectoryMongo: b.mongo,
		config.DirectoryFile: func(d config.Directory) (directory.Source, error) {
			c, err := b.config.FileDirectory(d)
			if err != nil {
				return nil, err
			}
			return dirfile.New(c)
		},
	}
}

func (b *builder) ledgers() map[string]func(context.Context, account.Calendar, Access) (ledger.Store, error) {
	return map[string]func(context.Context, account.Calendar, Access) (ledger.Store, error){
		config.LedgerSQLite:   b.sqlite,
		config.LedgerPostgres: b.postgres,
		config.LedgerMemory: func(_ context.Context, c account.Calendar, _ Access) (ledger.Store, error) {
			return memory.New(c), nil
		},
	}
}

// Open makes the parts of a configuration that is valid. On an error, what was
// made is released.
func Open(ctx context.Context, c *config.Config, d Deps, access Access) (p *Parts, err error) {
	p = &Parts{}
	b := newBuilder(c, d, &p.stack)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close(context.WithoutCancel(ctx)))
			p = nil
		}
	}()
	calendar, err := c.Calendar()
	if err != nil {
		return p, err
	}
	if access == Read && d.AsStored {
		calendar = account.Calendar{}
	}
	if p.Store, err = b.ledgers()[c.Ledger](ctx, calendar, access); err != nil {
		return p, err
	}
	p.stack.add("ledger", func(context.Context) error { return p.Store.Close() })
	if access == Write {
		if b.shelf, err = openShelf(c); err == nil && b.shelf == nil && Simulated(c) {
			b.shelf, p.simulated, err = simulatedShelf()
		}
		if err != nil {
			return p, err
		}
		p.shelf = b.shelf
	}
	if isReceiving(c, access) {
		if access == Write {
			if p.services, err = b.openServices(ctx, p.Store); err != nil {
				return p, fmt.Errorf("services: %w", err)
			}
			b.book = p.services.book
		} else if b.book, err = b.openBook(ctx, calendar); err != nil {
			return p, fmt.Errorf("services: %w", err)
		}
	}
	if simulates(c, access) {
		if p.simServices, err = b.openSimulatedServices(ctx, calendar); err != nil {
			return p, err
		}
		b.simulatedBook = &simulatedBook{p.simServices.book}
	}
	if access != Read {
		if p.Driver, err = b.driver(p.Store); err != nil {
			return p, err
		}
		p.background, p.Directories = b.background, b.registers
	}
	shown, err := names(c, access)
	if err != nil {
		return p, err
	}
	if c.People.Pseudonyms {
		p.names = shown
	}
	p.Engine = query.New(p.Store, query.Options{
		Names: shown, Pseudonyms: c.People.Pseudonyms,
		Open: openSlots(p.Driver), Simulated: Simulated(c), Policies: append([]derive.Policy{c.Policy}, c.Policies...),
	})
	return p, nil
}

// Check makes the parts that need no ledger, to find what is wrong with their
// configuration beyond what [config.Config.Validate] sees: sources that cannot be
// mixed, a file that cannot be read. It asks no server.
func Check(ctx context.Context, c *config.Config, d Deps) error {
	var stack cleanups
	b := newBuilder(c, d, &stack)
	calendar, err := c.Calendar()
	if err == nil {
		var driver *slots.Driver
		if driver, err = b.driver(memory.New(calendar)); err == nil {
			err = checkRegions(ctx, c, driver.Intensities)
		}
	}
	if err == nil && c.Services.Receive.Enabled {
		_, err = c.ServiceWindows()
	}
	if err == nil {
		_, err = openShelf(c)
	}
	if err == nil && c.Auth.TokensFile != "" {
		_, err = tokensFile(c.Auth.TokensFile)
	}
	return errors.Join(err, stack.drain(ctx))
}

// checkRegions makes sure that the regions are known where that can be told without
// asking a server: where the embedded averages are the whole chain.
func checkRegions(ctx context.Context, c *config.Config, chain []intensity.Source) error {
	if len(chain) != 1 || chain[0].Info().Name != config.IntensityStatic {
		return nil
	}
	now := time.Now()
	for _, p := range c.Method().Places {
		if _, err := chain[0].Fetch(ctx, p.Region, account.NewSpan(now, now.Add(time.Minute))); err != nil {
			return fmt.Errorf("intensity.region, intensity.places: %w", err)
		}
	}
	return nil
}

// simulatedSlots is how many slots of a simulated facility are read at once.
const simulatedSlots = 240

// Simulated reports whether nothing of what is shown was measured.
func Simulated(c *config.Config) bool { return c.Source.Kind == config.SourceDemo }

// driver returns the driver with its sources.
func (b *builder) driver(store ledger.Store) (*slots.Driver, error) {
	deps := slots.Deps{Store: store, Log: b.log}
	kind := b.config.Source.Kind
	if kind != config.SourceNone {
		observe, ok := b.sources()[kind]
		if !ok {
			return nil, fmt.Errorf("source.kind: this program has no source %q", kind)
		}
		observed, err := observe()
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", kind, err)
		}
		deps.Sources = append(deps.Sources, observed)
	}
	if b.book != nil {
		deps.Sources = append(deps.Sources, b.book)
	}
	if b.simulatedBook != nil {
		deps.Sources = append(deps.Sources, b.simulatedBook)
	}
	method, infos := b.config.Method(), []intensity.Info{}
	for _, name := range b.config.Intensity.Chain {
		make, ok := b.intensities()[name]
		if !ok {
			return nil, fmt.Errorf("intensity.chain: this program has no source %q", name)
		}
		one, err := make()
		if err != nil {
			return nil, fmt.Errorf("intensity source %s: %w", name, err)
		}
		deps.Intensities, infos = append(deps.Intensities, one), append(infos, one.Info())
	}
	if err := intensity.CheckChain(infos); err != nil {
		return nil, fmt.Errorf("intensity.chain: %w", err)
	}
	method.Accounting = infos[0].Accounting
	for i, d := range b.config.Directories {
		one, err := b.directories()[d.Kind](d)
		if err != nil {
			return nil, fmt.Errorf("directories[%d] (%s): %w", i, d.DirectoryName(), err)
		}
		deps.Directories = append(deps.Directories, one)
	}
	if kind == config.SourceDemo {
		one, err := demo.NewDirectory(b.config.Source.Demo, time.Now)
		if err != nil {
			return nil, fmt.Errorf("directory %s: %w", kind, err)
		}
		deps.Directories, method.Policy.Held = append(deps.Directories, one), true
	}
	b.registers = join(deps.Directories)
	settings := b.config.Slots
	settings.Method = method
	if Simulated(b.config) { // what is read is made at once and has no size on the wire
		settings.ReadSlots = max(settings.ReadSlots, simulatedSlots)
	}
	return slots.New(settings, deps)
}

func (b *builder) prometheus() (source.Source, error) {
	c, err := b.config.PrometheusSource()
	if err != nil {
		return nil, err
	}
	return prometheus.New(c, b.http(), b.log)
}

// join has each directory use what the others know of people and experiments, and
// returns those that know of any.
func join(directories []directory.Source) []directory.Register {
	var all []directory.Register
	for _, one := range directories {
		if r, ok := one.(directory.Register); ok {
			all = append(all, r)
		}
	}
	for i, r := range all {
		r.Join(slices.Concat(all[:i], all[i+1:])...)
	}
	return all
}

func (b *builder) mongo(d config.Directory) (directory.Source, error) {
	c, err := b.config.MongoDirectory(d)
	if err != nil {
		return nil, err
	}
	s, err := mongo.New(c, time.Now)
	if err != nil {
		return nil, err
	}
	b.stack.add("directory "+s.Name(), s.Close)
	return s, nil
}

// host returns the source over this machine, whose samples have to be taken all the
// time.
func (b *builder) host() (source.Source, error) {
	s, err := host.New(b.config.Source.Host, b.log)
	if err != nil {
		return nil, err
	}
	b.background = append(b.background, s.Run)
	return s, nil
}

// ledgerFile is the name of the ledger in the data folder.
const ledgerFile = "ledger.db"

func (b *builder) sqlite(ctx context.Context, calendar account.Calendar, access Access) (ledger.Store, error) {
	return sqlite.Open(ctx, sqlite.Config{
		Path: filepath.Join(b.config.Data, ledgerFile), Calendar: calendar, ReadOnly: access != Write, Log: b.log,
	})
}

func (b *builder) postgres(ctx context.Context, calendar account.Calendar, access Access) (ledger.Store, error) {
	p := b.config.Postgres
	if access == Write { // the server leaves its address there
		if err := os.MkdirAll(b.config.Data, 0o750); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
	}
	return postgres.Open(ctx, postgres.Config{
		URL: p.URL, Connections: p.Connections, Calendar: calendar, ReadOnly: access != Write, Log: b.log,
	})
}

// openSlots lets questions see the slots that are not closed.
func openSlots(d *slots.Driver) func(context.Context) ([]query.Open, error) {
	if d == nil {
		return nil
	}
	return func(context.Context) ([]query.Open, error) {
		view := d.Open()
		if view == nil {
			return nil, nil
		}
		open := make([]query.Open, len(view.Slots))
		for i, s := range view.Slots {
			open[i] = query.Open{Slot: s.Slot, Entries: s.Entries}
		}
		return open, nil
	}
}

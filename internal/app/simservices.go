package app

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/config"
	"github.com/dendro-carbon/dendro/internal/scored"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/source"
	"github.com/dendro-carbon/dendro/internal/source/demo"
	"github.com/dendro-carbon/dendro/internal/window"
)

// simulatedServices are the services of a simulated facility, whose windows are made
// when somebody asks for them.
type simulatedServices struct {
	windows *demo.Services
	book    *scoring.Book
}

// openSimulatedServices makes the services of a simulated facility.
func (b *builder) openSimulatedServices(ctx context.Context, calendar account.Calendar) (*simulatedServices, error) {
	windows, err := demo.NewServices(b.config.Source.Demo, time.Now)
	if err != nil {
		return nil, err
	}
	s := &simulatedServices{windows: windows}
	s.book, err = scoring.NewBook(ctx, calendar.Grid(), windows.Windows, time.Now())
	if err != nil {
		return nil, err
	}
	b.background = append(b.background, s.run)
	return s, nil
}

// run has the book learn windows when they are over.
func (s *simulatedServices) run(ctx context.Context) error {
	for known := time.Now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case now := <-time.After(time.Minute):
			for a, err := range s.windows.Windows(ctx, account.Mark{}, account.NewSpan(known.Add(-time.Hour), now)) {
				if err != nil {
					return nil // the context has ended
				}
				if end := time.Unix(0, a.Window.Detail.To); end.After(known) {
					s.book.Learn(a.At, a.Window)
				}
			}
			known = now
		}
	}
}

// status tells of the simulated meter.
func (s *simulatedServices) status() *api.Services {
	name, newest := s.windows.Meter()
	age := time.Since(newest).Seconds()
	return &api.Services{Meters: []api.Meter{{Name: name, Energy: window.EnergyKepler.String(), Newest: newest, Age: &age}}}
}

// reader reads the windows for the API.
func (s *simulatedServices) reader(grid account.Grid) *scored.Reader {
	return scored.New(scored.Defaults(grid), s.windows)
}

// simulatedBook says of every fact that nobody observed it.
type simulatedBook struct{ *scoring.Book }

// Read implements [source.Source].
func (b simulatedBook) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return unobserved{b.Book}.Read(ctx, r)
}

// Fresh implements [source.Remembering].
func (b simulatedBook) Fresh() source.Source { return unobserved{b.Book.Fresh()} }

// unobserved is a source whose facts nobody observed.
type unobserved struct{ source.Source }

// Read implements [source.Source].
func (u unobserved) Read(ctx context.Context, r source.Request) iter.Seq2[source.Reading, error] {
	return func(yield func(source.Reading, error) bool) {
		for reading, err := range u.Source.Read(ctx, r) {
			if reading.Facts != nil {
				reading.Facts.Origins = slices.Clone(reading.Facts.Origins)
				for i := range reading.Facts.Origins {
					reading.Facts.Origins[i].Simulated, reading.Facts.Origins[i].Method = true, "simulated"
				}
			}
			if !yield(reading, err) {
				return
			}
		}
	}
}

// simulates reports whether services are simulated: with a simulated facility that
// receives none.
func simulates(c *config.Config, access Access) bool {
	return Simulated(c) && !c.Services.Receive.Enabled && access != Read
}

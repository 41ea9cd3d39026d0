package config

import (
	"net"
	"path/filepath"
	"time"

	"github.com/dendro-carbon/dendro/internal/archive"
	"github.com/dendro-carbon/dendro/internal/scoring"
	"github.com/dendro-carbon/dendro/internal/window"
)

// Receive says how the server receives spans, cuts windows and archives them.
type Receive struct {
	// Enabled is whether it does.
	Enabled bool
	// GRPC and HTTP are the addresses, "" for none.
	GRPC, HTTP string
	// Windows is how windows are cut; [Config.ServiceWindows] completes it.
	Windows scoring.Config
	// Archive is how they are kept; its folder is DATA/windows if it is "".
	Archive archive.Config
	// PruneUndisclosed lets files go whose time is in no disclosure.
	PruneUndisclosed bool
}

// The folders below that of the data.
const (
	windowsFolder = "windows"
	journalFolder = "journal"
)

func defaultReceive() Receive {
	return Receive{
		GRPC: "127.0.0.1:4317", HTTP: "127.0.0.1:4318", Windows: scoring.Defaults(), Archive: archive.Defaults(),
	}
}

// ServiceWindows returns how windows are cut and scored. The journal lies in the folder
// of the archive: what is in one belongs to the other.
func (c *Config) ServiceWindows() (scoring.Config, error) {
	w := c.Services.Receive.Windows
	var err error
	if w.Scoring, err = c.Scoring(); err != nil {
		return w, err
	}
	w.Scoring.Traces = window.LocalRoots
	w.Journal = filepath.Join(c.WindowArchive().Dir, journalFolder)
	return w, nil
}

// WindowArchive returns how windows are kept.
func (c *Config) WindowArchive() archive.Config {
	a := c.Services.Receive.Archive
	if a.Dir == "" {
		a.Dir = filepath.Join(c.Data, windowsFolder)
	}
	a.Unsynced = c.Services.Receive.Windows.Sync == scoring.SyncNever
	return a
}

func receiveSettings() Section {
	r := func(c *Config) *Receive { return &c.Services.Receive }
	return Section{"Services: receiving and archiving", "What `dendro serve` does with spans that are sent to it over OTLP. OPERATIONS.md tells about " +
		"sizes and failures.", []Setting{
		{
			Path: "services.receive", Doc: "Whether spans are received.",
			at: func(c *Config) target { return flag(&r(c).Enabled) },
		},
		{
			Path: "services.grpc", Doc: "The address for OTLP over gRPC; empty for none. On any other address than one of this machine, `auth.tokens_file` is required.",
			at: func(c *Config) target { return words(&r(c).GRPC, "a host and a port") },
		},
		{
			Path: "services.http", Doc: "The address for OTLP over HTTP (`/v1/traces`); empty for none.",
			at: func(c *Config) target { return words(&r(c).HTTP, "a host and a port") },
		},
		{
			Path: "services.window", Doc: "How long a window is while spans come.",
			at: func(c *Config) target { return span(&r(c).Windows.Window) },
		},
		{
			Path: "services.window_bytes", Doc: "The size of a window's journal from which it is closed early; a span takes some 16 bytes.",
			at: func(c *Config) target { return numberOf(&r(c).Windows.MaxBytes) },
		},
		{
			Path: "services.accounts", Doc: "How many combinations of service, region and environment the server tells apart over a day; what else comes is in rows of others.",
			at: func(c *Config) target { return number(&r(c).Windows.Accounts) },
		},
		{
			Path: "services.sync", Doc: "When spans reach the disk: `always` before they are acknowledged, `interval` every second, `never` when the system likes. " +
				"Each of them outlives the program; they differ when the machine loses power.",
			at: func(c *Config) target {
				return choice(&r(c).Windows.Sync, scoring.SyncAlways, scoring.SyncInterval, scoring.SyncNever)
			},
		},
		{
			Path: "services.archive.dir", Fallback: "`windows` in the data folder", Doc: "The folder of the window archive.",
			at: func(c *Config) target { return location{&r(c).Archive.Dir, "a folder"} },
		},
		{
			Path: "services.archive.max_bytes", Doc: "The size from which a file is closed and another begun; 0 for no bound.",
			at: func(c *Config) target { return numberOf(&r(c).Archive.MaxBytes) },
		},
		{
			Path: "services.archive.max_age", Doc: "The age from which a file is closed; 0 for no bound.",
			at: func(c *Config) target { return span(&r(c).Archive.MaxAge) },
		},
		{
			Path: "services.archive.compress", Doc: "Whether closed files are compressed by zstd.",
			at: func(c *Config) target { return flag(&r(c).Archive.Compress) },
		},
		{
			Path: "services.archive.keep", Fallback: "for ever", Doc: "How long closed files are kept. What no disclosure covers stays all the same.",
			at: func(c *Config) target { return span(&r(c).Archive.Keep) },
		},
		{
			Path: "services.archive.keep_files", Fallback: "all", Doc: "How many closed files are kept. What no disclosure covers stays all the same.",
			at: func(c *Config) target { return number(&r(c).Archive.KeepFiles) },
		},
		{
			Path: "services.archive.prune_undisclosed", Doc: "Whether files go by age and number that no disclosure covers. Then their time can never be disclosed.",
			at: func(c *Config) target { return flag(&r(c).PruneUndisclosed) },
		},
	}}
}

// validateReceive checks what concerns the server alone.
func (c *Config) validateReceive(l *problems) {
	r := &c.Services.Receive
	l.wrong(c.Source.Kind == SourceNone && !r.Enabled, "source.kind", "none, and services.receive is not set: there is nothing to account for").
		Hint = "set services.receive: true"
	if !r.Enabled {
		return
	}
	l.wrong(r.GRPC == "" && r.HTTP == "", "services.receive", "neither services.grpc nor services.http says where")
	for _, at := range []struct{ path, address string }{{"services.grpc", r.GRPC}, {"services.http", r.HTTP}} {
		path, address := at.path, at.address
		if address == "" {
			continue
		}
		host, port, err := net.SplitHostPort(address)
		l.wrong(err != nil, path, "%q is not a host and a port", address).Hint = "write it as 127.0.0.1:4317"
		l.wrong(err == nil && !isPort(port), path, "%q is not a port", port)
		l.wrong(err == nil && !Loopback(host) && c.Auth.TokensFile == "", path, "%q can be reached from other machines, and everybody there could send spans", address).
			Hint = "set auth.tokens_file, or listen on 127.0.0.1"
	}
	w := r.Windows
	w.Journal = "."
	l.adapter("services", w.Validate())
	l.adapter("services.archive", c.WindowArchive().Validate())
	l.wrong(r.Archive.Dir == "" && c.Data == "", "services.archive.dir", "required without a data folder")
}

// windowsGrace is how long after the end of a window its slot may wait for it.
const windowsGrace = 30 * time.Second

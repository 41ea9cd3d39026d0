package config

import "path/filepath"

// disclosuresFolder is the folder of disclosures in the data folder.
const disclosuresFolder = "disclosures"

// Disclosures says where disclosures are that a server shows.
type Disclosures struct {
	// Dir is their folder; "" is one in the data folder.
	Dir string
	// Keys are files of public keys that their signatures are verified with.
	Keys []string
	// Archives are folders or files of windows from which the figures of disclosures can
	// be worked out again; none is the server's own archive.
	Archives []string
}

// DisclosuresDir returns the folder of disclosures. It is "" for a ledger in memory
// without one: its data folder may be another server's.
func (c *Config) DisclosuresDir() string {
	if c.Disclosures.Dir != "" || c.Ledger == LedgerMemory {
		return c.Disclosures.Dir
	}
	return filepath.Join(c.Data, disclosuresFolder)
}

// DisclosedArchives returns the archives that disclosures may have been made from.
func (c *Config) DisclosedArchives() []string {
	if len(c.Disclosures.Archives) == 0 && c.Services.Receive.Enabled {
		return []string{c.WindowArchive().Dir}
	}
	return c.Disclosures.Archives
}

func disclosureSettings() Section {
	file := func(what string) func(*string) target {
		return func(s *string) target { return location{s, what} }
	}
	return Section{"Disclosures", "The disclosures that `dendro serve` shows, as `dendro disclose` wrote them, with the statements beside them. DISCLOSURE.md tells about them.", []Setting{
		{
			Path: "disclosures.dir", Fallback: "`disclosures` in the data folder",
			Doc: "The folder of disclosures. It need not exist. What they were made from may be pruned from the window archive.",
			at:  func(c *Config) target { return location{&c.Disclosures.Dir, "a folder"} },
		},
		{
			Path: "disclosures.keys",
			Doc:  "Public keys (PEM files) that the signatures are verified with. If there are any, a disclosure that none of them signed fails.",
			at: func(c *Config) target {
				return list[string]{&c.Disclosures.Keys, "a list of files", file("a file")}
			},
		},
		{
			Path: "disclosures.archives", Fallback: "the server's own window archive",
			Doc: "Archives of windows from which the figures of disclosures are worked out again when somebody asks for that.",
			at: func(c *Config) target {
				return list[string]{&c.Disclosures.Archives, "a list of files and folders", file("a file or folder")}
			},
		},
	}}
}

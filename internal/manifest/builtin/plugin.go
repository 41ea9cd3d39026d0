// Package builtin holds the plugins that a manifest can name with path builtin:
// pure transformations of one component's observations, one file each. What they
// have in common is in package plugin, whose contracts have their names here too.
package builtin

import "github.com/dendro-carbon/dendro/internal/manifest/plugin"

// Plugin is [plugin.Plugin].
type Plugin = plugin.Plugin

// Spec is [plugin.Spec].
type Spec = plugin.Spec

// Env is [plugin.Env].
type Env = plugin.Env

// Files is [plugin.Files].
type Files = plugin.Files

// Dialect is [plugin.Dialect].
type Dialect = plugin.Dialect

// Metadata is [plugin.Metadata].
type Metadata = plugin.Metadata

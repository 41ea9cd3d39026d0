// Package expr is the arithmetic that a manifest may hold inline: in a plugin's
// config, in the name of its output, in the inputs.
package expr

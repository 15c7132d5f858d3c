// Package migrations embeds the schema files of both databases. They have the same
// names and create the same tables.
package migrations

import "embed"

// FS contains postgres/ and sqlite/, each with the tables of every installation and,
// below builtin/, the tables of built-in accounts.
//
//go:embed postgres sqlite
var FS embed.FS

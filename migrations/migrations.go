// Package migrations embeds the tables of both databases. The files of the two
// have the same names and make the same tables.
package migrations

import "embed"

// FS holds postgres/ and sqlite/, each with the tables of every installation and,
// below builtin/, those of the accounts that resetd keeps itself.
//
//go:embed postgres sqlite
var FS embed.FS

// Package extra is the programs of mescc-tools-extra, the small commands that
// a bootstrap script needs besides a compiler.
package extra

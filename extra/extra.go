// Package extra implements the programs of mescc-tools-extra, the small
// commands that a bootstrap script needs besides a compiler: catm, replace,
// sha256sum and sha3sum. Package unpack has unbz2, ungz, unxz and untar. (chmod,
// cp, match, mkdir, rm and wrap involve nothing but files and exit codes; they
// are in package tool/extra.)
//
// # Digests
//
// A line of sha256sum is the digest in lower case, two spaces, the name and a
// line end. In a list to be checked, the only capital that counts as a digit is
// F, as in upstream. A list that ends without a line end is reported: upstream
// looks for one in the memory behind it, and may find more lines. sha3sum prints
// the same for SHA3-224, -256, -384 and -512.
package extra

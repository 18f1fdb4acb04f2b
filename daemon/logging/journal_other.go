//go:build !unix

package logging

import "os"

// isJournal: there is no journal here.
func isJournal(*os.File, string) bool { return false }

//go:build !linux

package daemon

// unmapProgram is not needed here.
func unmapProgram() {}

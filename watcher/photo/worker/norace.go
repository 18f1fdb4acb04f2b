//go:build !race

package worker

// raced tells that the race detector is not built in.
const raced = false

package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// Serve is the child: it converts the one photo that the request on stdin names, answers on stdout, and gives the
// exit code. The process ends at once, whatever it is doing, when ctx or stdin ends.
func Serve(ctx context.Context, stdin io.Reader, stdout io.Writer) int {
	context.AfterFunc(ctx, func() { os.Exit(exitTold) })
	asked, rest, err := readRequest(stdin)
	if err != nil {
		return exitTold
	}
	if err := limit(asked.Memory, asked.Seconds); err != nil {
		return exitTold
	}
	// The garbage collector works harder as the limit comes near; and a decoder that is busy for long must not
	// keep the goroutine below from its only processor.
	debug.SetMemoryLimit(asked.Memory / 8 * 7)
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	go func() {
		_, _ = io.Copy(io.Discard, rest) // its end, however it comes about, is the parent's
		os.Exit(exitTold)
	}()
	if _, err := io.WriteString(stdout, hello); err != nil {
		return exitTold
	}
	f := os.NewFile(uintptr(asked.Source), "photo")
	if f == nil {
		return exitTold
	}
	said, picture := work(f, asked.Options) //nolint:contextcheck // decoding knows none: its process ends instead
	said.Size = len(picture)
	if err := answer(stdout, said, picture); err != nil {
		return exitTold // nobody listens
	}
	return 0
}

// readRequest reads one line. rest is what follows it.
func readRequest(stdin io.Reader) (asked request, rest io.Reader, err error) {
	in := bufio.NewReaderSize(stdin, maxLine)
	line, err := in.ReadSlice('\n')
	if err != nil {
		return asked, nil, fmt.Errorf("read request: %w", err)
	}
	if err := json.Unmarshal(line, &asked); err != nil {
		return asked, nil, fmt.Errorf("read request: %w", err)
	}
	return asked, in, nil
}

// work converts, and says what is to be said about it.
func work(f *os.File, o convert.Options) (reply, []byte) {
	stat, err := f.Stat()
	if err != nil {
		return reply{Unreadable: true}, nil
	}
	src, err := newSource(f, stat.Size())
	switch {
	case errors.Is(err, photo.ErrChanged):
		return reply{Changed: true}, nil
	case err != nil:
		return reply{Unreadable: true}, nil
	}
	said := reply{Hash: src.hash}
	made, err := convert.Convert(src, src.size, o)
	fault, isFault := errors.AsType[*convert.Fault](err)
	switch {
	case err == nil:
		said.Width, said.Height = made.Width, made.Height
		return said, made.JPEG
	case errors.Is(err, photo.ErrChanged):
		said.Changed = true
	case isFault:
		said.Cause, said.Format, said.Width, said.Height = fault.Cause, fault.Format, fault.Width, fault.Height
	default:
		said.Unreadable = true
	}
	return said, nil
}

func answer(stdout io.Writer, said reply, picture []byte) error {
	line, err := json.Marshal(said)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if _, err = stdout.Write(append(line, '\n')); err == nil {
		_, err = stdout.Write(picture)
	}
	return err
}

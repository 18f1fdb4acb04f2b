package child

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/divitio/pinfold/watcher/photo"
	"github.com/divitio/pinfold/watcher/photo/convert"
)

// ErrEnded means that a child could not be started, or was ended from outside. It says nothing of the photo.
var ErrEnded = errors.New("the conversion was ended from outside")

// ErrPoison means that a photo brought two children down. It is the kind of a *photo.Error.
var ErrPoison = errors.New("the photo cannot be decoded safely")

// tries is how often a photo may bring a child down: once may be an accident of the machine.
const tries = 2

// Converter converts photos, one at a time. New makes one; its fields may be changed before it is used.
type Converter struct {
	Program []string      // the child: a program that calls Serve, and its arguments
	Time    time.Duration // that a child may take for one photo: 5 minutes
	Memory  int64         // that a child may take, in bytes; the system holds it to this on Linux and Windows

	turn chan struct{} // of capacity 1

	mu     sync.Mutex
	urgent int                // how many call Convert
	halt   context.CancelFunc // ends the spare work that has the turn; nil: none has
}

// Command is the hidden command that makes this program the child.
const Command = "convert-photo"

// New is a Converter whose children are this program with Command.
func New() (*Converter, error) {
	self, err := program()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	return &Converter{
		Program: []string{self, Command}, Time: defaultTime, Memory: defaultMemory(), turn: make(chan struct{}, 1),
	}, nil
}

// Convert makes a JPEG of f, whose SHA-256 must be hash (as photo.Hash gives it). f is read by offset; its
// position does not change.
//
// It fails with a *photo.Error about the photo (its kind may be ErrPoison), with photo.ErrChanged in one if f
// does not have this hash, with ErrEnded, with an *fs.PathError if f cannot be read, or with ctx's error.
func (c *Converter) Convert(ctx context.Context, f *os.File, hash string, o convert.Options) (convert.Result, error) {
	c.urge(1)
	defer c.urge(-1)
	if err := c.take(ctx); err != nil {
		return convert.Result{}, err
	}
	defer c.give()
	return c.convert(ctx, f, hash, o)
}

// take waits for the turn. Whoever has it calls give.
func (c *Converter) take(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Converter) give() { <-c.turn }

// convert is Convert for who has the turn.
func (c *Converter) convert(ctx context.Context, f *os.File, hash string, o convert.Options) (convert.Result, error) {
	var how string
	for range tries {
		made, err := c.run(ctx, f, hash, o)
		crash, crashed := errors.AsType[*crashError](err)
		if !crashed {
			return made, err
		}
		how = crash.how
	}
	return convert.Result{}, &photo.Error{
		Kind:    ErrPoison,
		Message: fmt.Sprintf("pinfold tried %d times to convert the photo, and each time %s", tries, how),
		Fix:     "export it again, as a JPEG of up to 20 MB",
	}
}

// crashError is a child that its photo brought down.
type crashError struct {
	how string // as the end of a sentence
}

func (e *crashError) Error() string { return "a photo was converted, and " + e.how }

// run is one try.
func (c *Converter) run(ctx context.Context, f *os.File, hash string, o convert.Options) (convert.Result, error) {
	limited, cancel := context.WithTimeout(ctx, c.Time)
	defer cancel()
	said, picture, state, err := c.child(limited, f, o)
	switch {
	case ctx.Err() != nil:
		return convert.Result{}, ctx.Err()
	case limited.Err() != nil:
		return convert.Result{}, &crashError{fmt.Sprintf("it took more than %s", c.Time)}
	case state == nil:
		return convert.Result{}, fmt.Errorf("%w: %w", ErrEnded, err) // it never ran
	case errors.Is(err, errTooMuch):
		return convert.Result{}, &crashError{"the decoder wrote too much"}
	case errors.Is(err, errNotReady) || state.ExitCode() == exitTold || outside(state):
		return convert.Result{}, fmt.Errorf("%w: %s", ErrEnded, state)
	case err != nil || state.ExitCode() != 0:
		return convert.Result{}, &crashError{"the decoder crashed or ran out of memory"}
	}
	return judge(said, picture, f.Name(), hash, o)
}

var (
	errTooMuch  = errors.New("the child said more than it may")
	errNotReady = errors.New("the child did not get ready")
)

// child starts a process, lets it work and waits for its end. Without a state it did not start.
func (c *Converter) child(ctx context.Context, f *os.File, o convert.Options) (said reply, picture []byte, state *os.ProcessState, err error) {
	cmd := exec.CommandContext(ctx, c.Program[0], c.Program[1:]...) //nolint:gosec // this program itself
	cmd.Env = []string{}                                            // Windows needs one name, which os/exec adds
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = time.Second
	number, done, err := hand(cmd, f)
	if err != nil {
		return said, nil, nil, err
	}
	defer done()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return said, nil, nil, fmt.Errorf("start child: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return said, nil, nil, fmt.Errorf("start child: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return said, nil, nil, fmt.Errorf("start child: %w", err)
	}
	// The child lives as long as stdin is open: that is closed by Wait, or by the death of this process.
	asked := request{Source: number, Options: o, Memory: c.Memory, Seconds: 1 + processors*int64(c.Time/time.Second)}
	if err = ask(stdin, asked); err == nil {
		said, picture, err = hear(stdout, o.MaxBytes)
	}
	if err != nil {
		_ = cmd.Cancel() // whatever it is still about to say
	}
	if waited := cmd.Wait(); err == nil {
		err = waited
	}
	return said, picture, cmd.ProcessState, err
}

func ask(stdin io.Writer, r request) error {
	line, err := json.Marshal(r)
	if err == nil {
		_, err = stdin.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNotReady, err)
	}
	return nil
}

// hear reads an answer of at most maxLine and most bytes, and sees to it that nothing follows.
func hear(stdout io.Reader, most int) (said reply, picture []byte, err error) {
	in := bufio.NewReaderSize(stdout, maxLine)
	line, err := in.ReadSlice('\n')
	if err != nil || string(line) != hello {
		return said, nil, errNotReady
	}
	line, err = in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return said, nil, errTooMuch
	} else if err != nil {
		return said, nil, fmt.Errorf("hear the child: %w", err)
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return said, nil, fmt.Errorf("hear the child: %w", err)
	}
	if said.Size < 0 || said.Size > most {
		return said, nil, errTooMuch
	}
	picture = make([]byte, said.Size)
	if _, err := io.ReadFull(in, picture); err != nil {
		return said, nil, fmt.Errorf("hear the child: %w", err)
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		return said, nil, errTooMuch
	}
	return said, picture, nil
}

// judge turns what a child said into the result, or into words for the photographer.
func judge(said reply, picture []byte, name, hash string, o convert.Options) (convert.Result, error) {
	switch {
	case said.Unreadable:
		return convert.Result{}, &fs.PathError{Op: "read", Path: name, Err: syscall.EIO}
	case said.Changed || said.Hash != hash:
		return convert.Result{}, &photo.Error{Kind: photo.ErrChanged, Message: "the photo changed while it was read"}
	case said.Cause != "":
		return convert.Result{}, explain(said, o)
	case !isJPEG(picture) || min(said.Width, said.Height) < photo.MinSide:
		return convert.Result{}, &crashError{"the decoder made no picture"}
	}
	return convert.Result{JPEG: picture, Width: said.Width, Height: said.Height}, nil
}

// isJPEG reports whether bytes begin and end as a JPEG does.
func isJPEG(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) && bytes.HasSuffix(b, []byte("\xff\xd9"))
}

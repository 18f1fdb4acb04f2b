// Command standin is what the packages' tests have in place of Pinterest and of a photographer: the rehearsal's
// Pinterest as a process of its own, and photos that nobody has taken.
//
//	standin serve 127.0.0.1:8080    serves until stopped; each pin is a line of stdout: its board, a tab, its title
//	standin photo fog.jpg           writes a JPEG of 800 by 600 pixels, another one each time
package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/divitio/pinfold/pinterest/rehearsal"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 2 {
		switch args[0] {
		case "serve":
			return serve(args[1])
		case "photo":
			return writePhoto(args[1])
		}
	}
	return errors.New("usage: standin serve ADDRESS | standin photo FILE")
}

// serve answers until a signal ends it.
func serve(address string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	pinterest := rehearsal.New(rehearsal.Options{AutoApprove: true})
	defer pinterest.Close()
	server := http.Server{Handler: pinterest, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() }) // nothing is kept
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if err := tell(pinterest, ended); ctx.Err() == nil {
		return err
	}
	return nil
}

// tell prints each new pin until the server has ended.
func tell(pinterest *rehearsal.Server, ended <-chan error) error {
	const often = 50 * time.Millisecond
	tick := time.NewTicker(often)
	defer tick.Stop()
	for told := 0; ; {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
		pins := pinterest.Pins()
		for _, pin := range pins[told:] {
			fmt.Printf("%s\t%s\n", pin.Board, pin.Title)
		}
		told = len(pins)
	}
}

// writePhoto makes a picture of random blocks.
func writePhoto(path string) error {
	const width, height, block = 800, 600, 20
	picture := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	var colours [width/block + 1][height/block + 1]color.YCbCr
	for x := range colours {
		for y := range colours[x] {
			colours[x][y] = color.YCbCr{Y: byte(rand.Uint32()), Cb: byte(rand.Uint32()), Cr: byte(rand.Uint32())}
		}
	}
	for x := range width {
		for y := range height {
			c := colours[x/block][y/block]
			picture.Y[picture.YOffset(x, y)] = c.Y
			picture.Cb[picture.COffset(x, y)], picture.Cr[picture.COffset(x, y)] = c.Cb, c.Cr
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(jpeg.Encode(f, picture, nil), f.Close())
}

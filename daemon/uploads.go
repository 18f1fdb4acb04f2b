package daemon

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/daemon/upload"
	"github.com/divitio/pinfold/daemon/web"
	"github.com/divitio/pinfold/watcher"
)

// Upload takes files into a folder. They are seen once all are whole.
func (b *backend) Upload(ctx context.Context, folder string, next func() (string, io.Reader, error)) (files []web.Uploaded, err error) {
	ignore, err := b.mayTake(ctx, folder)
	if err != nil {
		return nil, err
	}
	batch, err := upload.Begin(folder, ignore)
	if err != nil {
		return nil, notWritten(err)
	}
	defer func() { err = errors.Join(err, batch.End()) }()
	for {
		name, content, err := next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		err = batch.Add(name, content)
		if refused, ok := errors.AsType[*upload.Refused](err); ok {
			files = append(files, web.Uploaded{Name: name, Refused: refused.Message})
		} else if err != nil {
			return nil, notWritten(err)
		}
	}
	landed, err := batch.Land()
	for _, l := range landed {
		files = append(files, web.Uploaded{Name: l.Name, As: l.As})
	}
	if err != nil {
		return files, notWritten(err)
	}
	b.look(folder, ".")
	return files, nil
}

// notWritten words what the disk said; other errors are the sender's.
func notWritten(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return &web.NotPossible{Message: err.Error() + "; make room on the disk, or let the user that pinfold runs as write there"}
	}
	if _, ok := errors.AsType[*os.LinkError](err); ok {
		return &web.NotPossible{Message: err.Error() + "; send them again"}
	}
	return err
}

// mayTake refuses folders that are not watched, or not there; of others it gives what is ignored in them.
func (b *backend) mayTake(ctx context.Context, folder string) (*watcher.Ignore, error) {
	c, err := b.reporter.watched(folder)
	if err != nil {
		return nil, forPage(err)
	}
	err = b.reporter.Store.View(ctx, func(tx *store.Tx) error {
		f, err := tx.Folder(folder)
		if f.State == folderAbsent || f.State == folderSilent {
			return &web.NotPossible{Message: "the folder is not there, or does not answer"}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return watcher.NewIgnore(c.Ignore)
}

package publish

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/divitio/pinfold/daemon/post"
	"github.com/divitio/pinfold/daemon/store"
	"github.com/divitio/pinfold/pinterest"
	"github.com/divitio/pinfold/watcher"
	"github.com/divitio/pinfold/watcher/photo"
)

// The problems of publishing, in our own words: nothing that the API returned may stand in them, because they
// are kept. Ids are stable and explained in docs/problems.md.

func offline(status int) *post.Problem {
	if status >= 400 && status < 500 {
		return &post.Problem{
			ID: "offline", Message: fmt.Sprintf("Pinterest refuses to answer (status %d)", status),
			Fix: "see whether your Pinterest account and app are in order; pinfold tries again by itself",
		}
	}
	return &post.Problem{
		ID: "offline", Message: "Pinterest cannot be reached",
		Fix: "check this machine's network; pinfold tries again by itself",
	}
}

func notRenewed() *post.Problem {
	return &post.Problem{
		ID: "renewal-fails", Message: "the connection could not be renewed yet",
		Fix: "check this machine's network and disk space; pinfold tries again by itself",
	}
}

// unreadable is a file that could not be read; without a fault the file system did not answer.
func unreadable(fault *fs.PathError, r store.Record) *post.Problem {
	what, file := "the file system does not answer", r.Photo
	if fault != nil {
		what = fault.Err.Error()
		for _, path := range r.Photos() {
			if strings.HasSuffix("/"+filepath.ToSlash(fault.Path), "/"+path) {
				file = path
			}
		}
	}
	if fault != nil && errors.Is(fault.Err, watcher.ErrNotDownloaded) {
		return &post.Problem{
			ID: watcher.ProblemNotDownloaded, File: file, Message: filepath.ToSlash(fault.Path) + " is not downloaded yet",
			Fix: "make it available offline in the sync tool; pinfold looks again every minute",
		}
	}
	return &post.Problem{
		ID: "unreadable", File: file, Message: "the photo cannot be read just now: " + what,
		Fix: "see to the disk or the file's rights; pinfold tries again every minute",
	}
}

// changing is a post whose files are not those that it was read from, although its time has come.
func changing() *post.Problem {
	return &post.Problem{
		ID: post.IDChanging, Message: "its photo or its YAML file has changed and is not whole or not quiet yet",
		Fix: "nothing to do: it is read again, and posted once nothing changes any more",
	}
}

func busy() *post.Problem {
	return &post.Problem{
		ID: "busy", Message: "Pinterest asks to slow down (rate limit)",
		Fix: "nothing to do; pinfold goes on when Pinterest allows it",
	}
}

func spam() *post.Problem {
	return &post.Problem{
		ID: "spam", Message: "Pinterest took the last pins for spam and blocks new ones for a while",
		Fix: "nothing for 12 hours; then lower schedule.per_day or raise schedule.min_gap in the config",
	}
}

func unauthorized() *post.Problem {
	return &post.Problem{
		ID: "unauthorized", Message: "Pinterest no longer accepts this account's connection",
		Fix: "connect again: `pinfold connect`, or the setup page",
	}
}

func scope(missing string) *post.Problem {
	what := "a permission that pinfold needs"
	if missing != "" {
		what = "the permission " + missing
	}
	return &post.Problem{
		ID: "scope", Message: "the connection lacks " + what,
		Fix: "connect again and allow everything that Pinterest asks: `pinfold connect`",
	}
}

func trial() *post.Problem {
	return &post.Problem{
		ID:      "trial",
		Message: "your Pinterest app has trial access, which may not post outside the sandbox",
		Fix: "ask Pinterest for standard access (the setup page tells how), then `pinfold resume`; " +
			"until then you can try everything in the sandbox, to which the setup page switches",
	}
}

func refused(e *pinterest.Error, r store.Record) *post.Problem {
	switch e.Class {
	case pinterest.Board:
		return boardGone(r)
	case pinterest.Size:
		return &post.Problem{
			ID: "too-big", Message: "Pinterest finds the photo too big", File: r.Photo,
			Fix: "export it smaller (2400 px on the longest side is plenty), then it is posted",
		}
	}
	what := fmt.Sprintf("Pinterest refused the pin (status %d, code %d)", e.Status, e.Code)
	if e.Field != "" {
		what += " because of " + e.Field
	}
	return &post.Problem{
		ID: "refused", Message: what, File: r.Sidecar,
		Fix: "correct the sidecar or the photo, or try again: `pinfold retry " + r.Path() + "`",
	}
}

func noLedger(cause error, r store.Record) *post.Problem {
	return &post.Problem{
		ID: "ledger", Message: "the folder's ledger cannot be written, and nothing is posted without: " + cause.Error(),
		Fix: "see to the disk or the rights of " + r.Folder + "/.pinfold, or set `ledger: false` for the folder",
	}
}

func boardGone(r store.Record) *post.Problem {
	where := "correct `board` in the sidecar"
	if r.BoardLine == 0 { // another file names it, or a directory
		where = "correct `board` in the `_pinfold.yaml` or config that names it, or the directory's name with `board_from: directory`"
	}
	return &post.Problem{
		ID: "board", Message: fmt.Sprintf("Pinterest has no board “%s” that your account owns", r.Board),
		File: r.Sidecar, Line: r.BoardLine,
		Fix: where + " (`pinfold boards` lists yours), or make the board on Pinterest and run `pinfold retry " +
			r.Path() + "`",
	}
}

// badPhoto tells what is wrong with a photo, and the fix that its finder names.
func badPhoto(err *photoError) *post.Problem {
	what, fix := err.Error(), "export it again as JPEG or PNG"
	if fault, ok := errors.AsType[*photo.Error](err.error); ok {
		what, fix = fault.Message, cmp.Or(fault.Fix, fix)
	}
	return &post.Problem{
		ID: "photo", Message: "the photo cannot be sent: " + what, File: err.path,
		Fix: fix + "; the new file is posted by itself",
	}
}

func lookingUp() *post.Problem {
	return &post.Problem{
		ID: "unconfirmed", Message: "the pin may be on Pinterest already: the answer was lost",
		Fix: "nothing to do; pinfold looks it up before it does anything else",
	}
}

// AskPerson is the id of the problem of an unconfirmed post that only a person can settle.
const AskPerson = "confirm"

func ask(why string, r store.Record) *post.Problem {
	return &post.Problem{
		ID: AskPerson, Message: "the pin may be on Pinterest already: " + why,
		Fix: fmt.Sprintf("look at the board “%s”: if it is there run `pinfold confirm %[2]s`, if not `pinfold retry %[2]s`",
			r.Board, r.Path()),
	}
}

// LooksMiss is what a person is told of an account whose look-ups have missed a pin.
func LooksMiss() *post.Problem {
	return &post.Problem{
		ID:      "no-resend",
		Message: "Pinterest's lists did not show a pin that was there; what they do not show is not sent again by itself",
		Fix:     "settle such posts by `pinfold confirm` or `pinfold retry`; `pinfold resume` trusts the lists again",
	}
}

func clockProblem(ours, theirs time.Time) *post.Problem {
	const layout = "2006-01-02 15:04:05 UTC"
	return &post.Problem{
		ID: "clock",
		Message: fmt.Sprintf("the clocks disagree: this machine says %s, Pinterest says %s",
			ours.UTC().Format(layout), theirs.UTC().Format(layout)),
		Fix: "set this machine's clock (NTP); the post waits until Pinterest's clock agrees",
	}
}

// tell logs what happened to a post, one line.
func (p *Publisher) tell(r store.Record, v verdict, answer error) {
	log := p.Log.With("post", r.ID, "photo", r.Photo, "board", r.Board, "account", r.Account)
	switch {
	case v.state == post.Posted:
		log.Info("Posted")
	case v.state == post.Failed:
		log.Error("Not posted", "problem", v.problem.Message, "fix", v.problem.Fix)
	case v.state == post.Unconfirmed:
		log.Warn("The answer was lost; the pin is looked up", "cause", answer)
	case v.again:
		log.Info("Refused; it is sent once more", "cause", answer)
	case v.reason != nil:
		if v.until > 0 {
			log = log.With("until", p.Now().Add(v.until).Format(time.RFC3339))
		}
		log.Warn("The account waits", "problem", v.reason.Message, "fix", v.reason.Fix, "cause", answer)
	case v.problem != nil:
		log.Warn("The post waits", "problem", v.problem.Message, "for", v.wait)
	default:
		if r.Problem == nil || r.Problem.ID != post.IDChanging { // it has been told
			log.Info("The post is read again before it is sent", "cause", answer)
		}
	}
}

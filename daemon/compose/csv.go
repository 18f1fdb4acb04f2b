package compose

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	utf16 "golang.org/x/text/encoding/unicode"

	"github.com/divitio/pinfold/watcher/strictyaml"
)

// MaxCSV is the largest file that is read, in bytes. Pinterest takes some hundred rows; this is room for a hundred
// thousand.
const MaxCSV = 64 << 20

// Sheet is a CSV file in Pinterest's bulk format.
type Sheet struct {
	File    string // as it was named
	Rows    []Row
	Refused []Refused // rows that cannot be read at all
	Ignored []string  // headers of columns that are not read
}

// Row is one row; what its column lacks is "".
type Row struct {
	Line                                               int // that it begins in
	Title, Media, Board, Section, Description, AltText string
	Link, PublishAt, Keywords                          string
}

// fields are a row's texts by what their columns are called: letters only, small. The first name of each is
// Pinterest's.
var fields = []struct {
	names []string
	of    func(*Row) *string
}{
	{[]string{"title", "pintitle"}, func(r *Row) *string { return &r.Title }},
	{[]string{"mediaurl", "imageurl", "media", "image"}, func(r *Row) *string { return &r.Media }},
	{[]string{"pinterestboard", "board", "boardname"}, func(r *Row) *string { return &r.Board }},
	{[]string{"section", "boardsection", "sectionname"}, func(r *Row) *string { return &r.Section }},
	{[]string{"description", "pindescription"}, func(r *Row) *string { return &r.Description }},
	{[]string{"alttext", "alt"}, func(r *Row) *string { return &r.AltText }},
	{[]string{"link", "destinationlink", "destinationurl"}, func(r *Row) *string { return &r.Link }},
	{[]string{"publishdate", "publishat", "publishedat"}, func(r *Row) *string { return &r.PublishAt }},
	{[]string{"keywords", "tags"}, func(r *Row) *string { return &r.Keywords }},
}

// ReadCSV reads a file in Pinterest's bulk format: columns by their names, in any case and order, parted by commas,
// semicolons or tabs. Rows that cannot be read are in Sheet.Refused. The error is strictyaml.Findings: what is
// wrong with the whole file.
func ReadCSV(file string, data []byte) (Sheet, error) {
	s := Sheet{File: file}
	text, err := decode(file, data)
	if err != nil {
		return s, err
	}
	text, skipped := cutSeparatorLine(text)
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = separator(text)
	head, err := r.Read()
	if err != nil {
		return s, whole(file, 1+skipped, "the first row cannot be read: "+said(err), "it holds the names of the columns: Title, Media URL, Pinterest board, …")
	}
	columns, err := s.columns(head, skipped)
	if err != nil {
		return s, err
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			s.refuse(err, skipped)
			continue
		}
		line, _ := r.FieldPos(0)
		s.add(cells, columns, line+skipped)
	}
}

// whole is a finding about all of the file.
func whole(file string, line int, message, fix string) error {
	return strictyaml.Findings{strictyaml.Place{File: file, Line: line, Column: 1}.Finding(IDBadCSV, message, fix)}
}

// IDBadCSV is the id of what is wrong with a CSV file as a whole.
const IDBadCSV = "bad-csv"

// decode gives the text as UTF-8 without a byte order mark.
func decode(file string, data []byte) ([]byte, error) {
	switch {
	case len(data) > MaxCSV:
		return nil, whole(file, 1, fmt.Sprintf("the file is larger than %d MB", MaxCSV>>20), "is it the right file?")
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		text, err := utf16.UTF16(utf16.LittleEndian, utf16.UseBOM).NewDecoder().Bytes(data)
		if err != nil {
			return nil, whole(file, 1, "the file begins as UTF-16 and is not", "save it as CSV UTF-8")
		}
		data = text
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	for n, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) {
			return nil, whole(file, n+1, "the file is not UTF-8: it looks like Windows-1252 or Latin-1", "save it as CSV UTF-8")
		}
	}
	if bytes.IndexByte(data, 0) >= 0 || len(bytes.TrimSpace(data)) == 0 {
		return nil, whole(file, 1, "the file is empty, or no text", "is it the right file?")
	}
	return data, nil
}

// cutSeparatorLine takes a first line sep=; away, which some spreadsheets write.
func cutSeparatorLine(text []byte) (rest []byte, lines int) {
	line, after, found := bytes.Cut(text, []byte("\n"))
	if line = bytes.TrimSpace(line); found && len(line) <= len("sep=;") && bytes.HasPrefix(bytes.ToLower(line), []byte("sep=")) {
		return after, 1
	}
	return text, 0
}

// separator is the sign by which the first row falls into the most columns that are known.
func separator(text []byte) rune {
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t'} {
		r := csv.NewReader(bytes.NewReader(text))
		r.Comma, r.FieldsPerRecord = comma, -1
		head, err := r.Read()
		if err != nil {
			continue
		}
		known := 0
		for _, name := range head {
			if fieldOf(name) >= 0 || isThumbnail(name) {
				known++
			}
		}
		if known > most {
			best, most = comma, known
		}
	}
	return best
}

// fieldOf is the field that a column is named for, -1 for none.
func fieldOf(name string) int {
	return slices.IndexFunc(fields, func(f struct {
		names []string
		of    func(*Row) *string
	},
	) bool {
		return slices.Contains(f.names, letters(name))
	})
}

// isThumbnail: the moment of a film that stands for it. There are none here.
func isThumbnail(name string) bool { return letters(name) == "thumbnail" }

// letters are those of a name, small.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// columns finds out which field each column is, -1 for none.
func (s *Sheet) columns(head []string, skipped int) ([]int, error) {
	columns := make([]int, len(head))
	seen := map[int]string{}
	for i, name := range head {
		f := fieldOf(name)
		columns[i] = f
		switch other, twice := seen[f]; {
		case f < 0 && !isThumbnail(name) && strings.TrimSpace(name) != "":
			s.Ignored = append(s.Ignored, strings.TrimSpace(name))
		case f >= 0 && twice:
			return nil, whole(s.File, 1+skipped, fmt.Sprintf("two columns say the same: %q and %q", other, name), "remove one of them")
		case f >= 0:
			seen[f] = name
		}
	}
	if media := fieldOf("Media URL"); seen[media] == "" {
		return nil, whole(s.File, 1+skipped, "there is no column Media URL; the first row is "+fmt.Sprintf("%q", few(head)),
			"its last part names the photo; the columns are Title, Media URL, Pinterest board, Description, Link, Publish date, Keywords")
	}
	return columns, nil
}

func few(names []string) []string { return names[:min(len(names), 12)] }

// refuse takes note of a row that is no CSV.
func (s *Sheet) refuse(err error, skipped int) {
	line := 1
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		line = e.StartLine
	}
	s.Refused = append(s.Refused, Refused{
		File: s.File, Line: line + skipped, Message: "the row cannot be read: " + said(err),
		Fix: `put quotes around a text that holds the separator, a quote (written "") or a line break`,
	})
}

// said is what the csv package says, in our words.
func said(err error) string {
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		return "a quote stands inside a text that has none around it"
	case errors.Is(err, csv.ErrQuote):
		return "a quote is not closed, or a text goes on behind it"
	case errors.Is(err, io.EOF):
		return "it is empty"
	}
	return err.Error()
}

// add takes a row in; one whose cells are all empty is none.
func (s *Sheet) add(cells []string, columns []int, line int) {
	row := Row{Line: line}
	some := false
	for i, text := range cells {
		text = strings.TrimSpace(text)
		some = some || text != ""
		switch {
		case i >= len(columns) && text != "":
			s.Refused = append(s.Refused, Refused{
				File: s.File, Line: line, Message: fmt.Sprintf("the row has %d cells, the first row %d", len(cells), len(columns)),
				Fix: "put quotes around a text that holds the separator",
			})
			return
		case i < len(columns) && columns[i] >= 0:
			*fields[columns[i]].of(&row) = text
		}
	}
	if some {
		s.Rows = append(s.Rows, row)
	}
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/mattn/go-runewidth"
)

// column is one column of a table.
type column struct {
	head  string
	least int  // cells that it keeps when the table must become narrower; 0: it keeps all
	end   bool // what is cut off is cut off at its beginning: of a path, the end tells more
}

// cell is a text in a table, with the colour that it has on a screen.
type cell struct {
	text   string
	colour color.Attribute // 0: none
}

// table lines texts up by the cells that they take on a screen: wide characters count twice, marks not at all.
type table struct {
	columns []column
	rows    [][]cell
	notes   map[int][]string // lines below a row
}

// gap is between two columns.
const gap = "  "

// add adds a row. What a terminal could be moved by is taken out of its texts.
func (t *table) add(cells ...cell) {
	for i := range cells {
		cells[i].text = printable(cells[i].text)
	}
	t.rows = append(t.rows, cells)
}

// note adds lines below the last row.
func (t *table) note(lines string) {
	if t.notes == nil {
		t.notes = map[int][]string{}
	}
	for line := range strings.Lines(lines) {
		row := len(t.rows) - 1
		t.notes[row] = append(t.notes[row], "    "+printable(strings.TrimSuffix(line, "\n")))
	}
}

// write writes the table, as narrow as the screen where there is one.
func (t *table) write(w io.Writer, s screen) error {
	widths := t.widths(s.width)
	head := make([]cell, len(t.columns))
	for i, c := range t.columns {
		head[i] = cell{c.head, color.Bold}
	}
	lines := []string{t.line(head, widths, s.colour)}
	for i, row := range t.rows {
		lines = append(lines, t.line(row, widths, s.colour))
		lines = append(lines, t.notes[i]...)
	}
	if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("print table: %w", err)
	}
	return nil
}

// widths are those of the columns. On a screen those that can be cut give way, the widest first.
func (t *table) widths(screen int) []int {
	widths := make([]int, len(t.columns))
	total := len(gap) * (len(t.columns) - 1)
	for i, c := range t.columns {
		widths[i] = runewidth.StringWidth(c.head)
		for _, row := range t.rows {
			widths[i] = max(widths[i], runewidth.StringWidth(row[i].text))
		}
		total += widths[i]
	}
	for screen > 0 && total > screen {
		widest := -1
		for i, c := range t.columns {
			if c.least > 0 && widths[i] > c.least && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

func (t *table) line(cells []cell, widths []int, colour bool) string {
	parts := make([]string, len(cells))
	last := len(cells) - 1
	for last > 0 && cells[last].text == "" {
		last--
	}
	for i, c := range cells[:last+1] {
		text := cut(c.text, widths[i], t.columns[i].end)
		fill := widths[i] - runewidth.StringWidth(text)
		if parts[i] = coloured(text, c.colour, colour); i < last {
			parts[i] += strings.Repeat(" ", max(fill, 0))
		}
	}
	return strings.Join(parts[:last+1], gap)
}

// cut shortens a text to a width, and shows that.
func cut(text string, width int, end bool) string {
	full := runewidth.StringWidth(text)
	switch {
	case full <= width:
		return text
	case end:
		return runewidth.TruncateLeft(text, full-width+1, "…")
	}
	return runewidth.Truncate(text, width, "…")
}

// coloured gives a text a colour.
func coloured(text string, a color.Attribute, on bool) string {
	if !on || a == 0 || text == "" {
		return text
	}
	c := color.New(a)
	c.EnableColor()
	return c.Sprint(text)
}

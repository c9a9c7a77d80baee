package view

import "fmt"

// layRows gives every row its height and place, and returns where the columns
// begin, to the right of all labels.
func (d *drawing) layRows() (x int) {
	y := margin + headHeight
	widest := 0
	for i := range d.rows {
		r := &d.rows[i]
		if r.kind != "address" || r.within < 0 {
			y += boxGap
		}
		r.y, r.height = y, max(r.stack, 1)*chipPitch+rowPadding
		y += r.height
		widest = max(widest, width(r.label))
	}
	d.Height = y + 2*boxGap + margin
	return 2*margin + 2*indent + widest
}

// layColumns gives every column its width and place from x on, and returns the
// width of the picture.
func (d *drawing) layColumns(x int) int {
	for set := range d.columns {
		c := Column{Name: cut(d.services[set].Name, maxHeading), Refused: d.refused[set], X: x + columnGap/2}
		c.Width = width(c.Name)
		for r := range d.rows {
			for _, at := range d.chips[crossing{r, set}] {
				c.Width = max(c.Width, chipWidth(d.chipText(at)))
			}
		}
		x += c.Width + columnGap
		d.Columns = append(d.Columns, c)
	}
	return x + 2*margin
}

func (d *drawing) drawBoxes() {
	inner := d.Width - 2*margin
	d.Boxes = append(d.Boxes, Box{"host", cut(d.inv.Name(), maxLabel), margin, margin, inner, d.Height - 2*margin})
	for i, r := range d.rows {
		b := Box{r.kind, r.label, 2 * margin, r.y, inner - 2*margin, r.height}
		if r.within >= 0 {
			b.X, b.Width = b.X+indent/2, b.Width-indent
		}
		if r.kind == "interface" { // around the addresses that follow it
			for next := i + 1; next < len(d.rows) && d.rows[next].within == i; next++ {
				b.Height += d.rows[next].height
			}
			b.Height += boxGap / 2
		}
		d.Boxes = append(d.Boxes, b)
	}
}

func (d *drawing) drawChips() {
	for r := range d.rows {
		for set := range d.columns {
			for i, at := range d.chips[crossing{r, set}] {
				text := d.chipText(at)
				d.chipOf[at] = len(d.Chips)
				d.Chips = append(d.Chips, Chip{
					Text: text, State: d.outcomes[at.set][at.index].state, At: d.at(at.set, at.index),
					X: d.Columns[set].X, Y: d.rows[r].y + rowPadding + i*chipPitch, Width: chipWidth(text),
				})
			}
		}
	}
}

func (d *drawing) chipText(at bindingAt) string {
	target := d.target(at.set, at.index)
	id, listens := target.PortID()
	port, known := d.inv.Port(id)
	switch {
	case !listens:
		return "present"
	case !known:
		return "unknown port"
	default:
		return port.String()
	}
}

func chipWidth(text string) int { return width(text) + 2*charWidth }

// width returns how wide a text is: characters from Hangul on may be wide ones.
func width(text string) int {
	w := 0
	for _, r := range text {
		w += charWidth
		if r >= 0x1100 {
			w += charWidth
		}
	}
	return w
}

// curve returns a path from one chip to another: out to the right and back where
// they are in one column, else from side to side.
func curve(a, b Chip) string {
	if a.X > b.X {
		a, b = b, a
	}
	ax, ay := a.X+a.Width, a.Y+chipHeight/2
	bx, by := b.X, b.Y+chipHeight/2
	if a.X == b.X {
		bx = b.X + b.Width
		out := max(ax, bx) + columnGap*2/3
		return fmt.Sprintf("M%d %d C%d %d %d %d %d %d", ax, ay, out, ay, out, by, bx, by)
	}
	middle := (ax + bx) / 2
	return fmt.Sprintf("M%d %d C%d %d %d %d %d %d", ax, ay, middle, ay, middle, by, bx, by)
}

package view

import (
	"fmt"

	"github.com/bindset/bindset/binding"
	"github.com/bindset/bindset/host"
	"github.com/bindset/bindset/validate"
)

// A Picture shows a host: a row for each place, those of an address within those
// of its interface, a column for each service, and at their crossings the
// bindings. All numbers are pixels from the upper left corner.
type Picture struct {
	Description string   `json:"description"` // the same in words
	Omitted     string   `json:"omitted,omitempty"`
	Width       int      `json:"width"`
	Height      int      `json:"height"`
	Boxes       []Box    `json:"boxes"` // those around others first
	Columns     []Column `json:"columns"`
	Chips       []Chip   `json:"chips"`
	Lines       []Line   `json:"lines"`
}

// A Box is the host, one of its interfaces, an address, or all of a family.
type Box struct {
	Kind   string `json:"kind"` // "host", "interface", "address" or "all"
	Label  string `json:"label"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// A Column is that of a service.
type Column struct {
	Name    string `json:"name"`
	Refused bool   `json:"refused"`
	X       int    `json:"x"`
	Width   int    `json:"width"`
}

// A Chip is a binding.
type Chip struct {
	Text  string   `json:"text"` // its port, or "present"
	State State    `json:"state"`
	At    Position `json:"at"`
	X     int      `json:"x"`
	Y     int      `json:"y"`
	Width int      `json:"width"`
}

// A Line joins two chips that clash.
type Line struct {
	Rule string `json:"rule"`
	Path string `json:"path"` // as the attribute d of an SVG path has it
}

// How much a picture shows.
const (
	maxRows    = 60
	maxColumns = 16
	maxStack   = 6  // chips at one crossing
	maxLabel   = 28 // characters
	maxHeading = 18 // characters of the name of a service
)

// Sizes in pixels. A character is that of a monospaced font of 12 pixels.
const (
	charWidth  = 8
	margin     = 12
	headHeight = 40
	chipHeight = 22
	chipPitch  = 28
	rowPadding = 6
	boxGap     = 10
	indent     = 16
	columnGap  = 34
)

// A row is one place of the host.
type row struct {
	kind   string
	label  string
	place  host.Location // of a presence there
	within int           // the row of the interface around it, or -1
	used   bool
	stack  int // the most chips at a crossing
	y      int
	height int
}

// A crossing is a row and a column.
type crossing struct{ row, column int }

// An address of a binding: its service, and its index there.
type bindingAt struct{ set, index int }

// drawing is a picture that is being made.
type drawing struct {
	*judged
	Picture
	rows    []row
	columns int
	chips   map[crossing][]bindingAt
	chipOf  map[bindingAt]int // in Picture.Chips
	omitted int               // bindings
}

func (j *judged) picture() *Picture {
	d := &drawing{
		judged: j, rows: rowsOf(j.inv), columns: min(len(j.services), maxColumns),
		chips: make(map[crossing][]bindingAt), chipOf: make(map[bindingAt]int),
	}
	d.Boxes, d.Columns, d.Chips, d.Lines = []Box{}, []Column{}, []Chip{}, []Line{}
	d.place()
	omittedRows := d.chooseRows()
	d.Width = d.layColumns(d.layRows())
	d.drawBoxes()
	d.drawChips()
	d.drawLines()
	d.Description = d.describe()
	if omittedColumns := len(j.services) - d.columns; omittedRows+omittedColumns+d.omitted > 0 {
		d.Omitted = fmt.Sprintf("The picture leaves out %s, %s and %s.",
			count(omittedRows, "place"), count(omittedColumns, "service"), count(d.omitted, "binding"))
	}
	return &d.Picture
}

// rowsOf returns a row for every place of a host, and for all of it.
func rowsOf(inv *host.Inventory) []row {
	anywhere := host.Location{Port: host.None, Place: host.Anywhere, Carrier: host.None}
	rows := make([]row, 0, 8)
	for _, all := range []binding.Scope{binding.AllInterfaces(), binding.AllIPv4(), binding.AllIPv6()} {
		anywhere.Families = familiesOf(all)
		rows = append(rows, row{kind: "all", label: inv.DescribeScope(all), place: anywhere, within: -1})
	}
	add := func(kind, label string, t binding.Target, within int) {
		at, _ := inv.Locate(&t)
		rows = append(rows, row{kind: kind, label: cut(label, maxLabel), place: placeOf(at), within: within})
	}
	for f := range inv.Interfaces() {
		name := f.Name
		if f.HasAddress() {
			name += " " + f.Address.String()
		}
		around := len(rows)
		add("interface", name, binding.Interface(f.ID), -1)
		for _, a := range inv.Carried(f.ID) {
			add("address", a.Address.String(), binding.IPAddress(a.ID), around)
		}
	}
	for a := range inv.IPAddresses() {
		if _, carried := inv.Carrier(a.ID); !carried {
			add("address", a.Address.String(), binding.IPAddress(a.ID), -1)
		}
	}
	return rows
}

func familiesOf(all binding.Scope) host.Families {
	switch all.Kind() {
	case binding.ScopeAllIPv4:
		return host.IPv4
	case binding.ScopeAllIPv6:
		return host.IPv6
	default:
		return host.IPv4 | host.IPv6
	}
}

// placeOf returns a location without its port.
func placeOf(at host.Location) host.Location {
	at.Port = host.None
	return at
}

// place puts every binding at its crossing.
func (d *drawing) place() {
	rowOf := make(map[host.Location]int, len(d.rows))
	for i := range d.rows {
		rowOf[d.rows[i].place] = i
	}
	for set := range d.services {
		for index := range d.services[set].Bindings {
			target := d.target(set, index)
			at, ok := d.inv.Locate(&target)
			r, known := rowOf[placeOf(at)]
			if !ok || !known || set >= d.columns {
				d.omitted++
				continue
			}
			c := crossing{r, set}
			d.rows[r].used = true
			if len(d.chips[c]) == maxStack {
				d.omitted++
				continue
			}
			d.chips[c] = append(d.chips[c], bindingAt{set, index})
			d.rows[r].stack = max(d.rows[r].stack, len(d.chips[c]))
		}
	}
}

// chooseRows leaves out what is all of the host and not used, and of very many
// rows those that are not used. It returns how many places it left out.
func (d *drawing) chooseRows() (omitted int) {
	for i := range d.rows {
		if r := &d.rows[i]; r.used && r.within >= 0 {
			d.rows[r.within].used = true
		}
	}
	many := len(d.rows) > maxRows
	moved := make(map[int]int, maxRows)
	kept := make([]row, 0, min(len(d.rows), maxRows))
	chips := make(map[crossing][]bindingAt, len(d.chips))
	for i, r := range d.rows {
		switch {
		case r.kind == "all" && !r.used:
			continue
		case len(kept) == maxRows, many && !r.used:
			omitted++
			for column := range d.columns {
				d.omitted += len(d.chips[crossing{i, column}])
			}
			continue
		}
		if r.within >= 0 {
			r.within = moved[r.within]
		}
		moved[i] = len(kept)
		for column := range d.columns {
			if at := d.chips[crossing{i, column}]; at != nil {
				chips[crossing{len(kept), column}] = at
			}
		}
		kept = append(kept, r)
	}
	d.rows, d.chips = kept, chips
	return omitted
}

// describe says in words what the picture shows.
func (d *drawing) describe() string {
	superseded := d.count(func(s State) bool { return s == Superseded })
	return fmt.Sprintf("Host %s: %s, %s, %s. Struck out as superseded: %s. Red lines between what clashes: %d.",
		cut(d.inv.Name(), maxName), count(d.interfaces(), "interface"), count(d.addresses(), "IP address"),
		count(len(d.services), "service"), count(superseded, "binding"), len(d.Lines))
}

func (d *drawing) interfaces() (n int) {
	for range d.inv.Interfaces() {
		n++
	}
	return n
}

func (d *drawing) addresses() (n int) {
	for range d.inv.IPAddresses() {
		n++
	}
	return n
}

// drawLines joins the chips that clash.
func (d *drawing) drawLines() {
	for set := range d.outcomes {
		for index := range d.outcomes[set] {
			if v := d.outcomes[set][index].violation; v != nil && v.OtherSet >= 0 && v.OtherIndex >= 0 {
				d.join(v)
			}
		}
	}
}

func (d *drawing) join(v *validate.Violation) {
	from, ok := d.chipOf[bindingAt{v.OtherSet, v.OtherIndex}]
	to, okTo := d.chipOf[bindingAt{v.Set, v.Index}]
	if ok && okTo {
		d.Lines = append(d.Lines, Line{v.Rule, curve(d.Chips[from], d.Chips[to])})
	}
}

package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A column of GitHub's pages is some 830 pixels wide.
const (
	width    = 620 * vg.Length(1)
	height   = 380 * vg.Length(1)
	fontSize = 12
)

var (
	ink  = color.RGBA{0x33, 0x33, 0x33, 0xff}
	rule = color.RGBA{0xe2, 0xe2, 0xe2, 0xff}
)

func style(c color.Color, x text.XAlignment) text.Style {
	return text.Style{
		Color: c, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: fontSize},
		XAlign: x, YAlign: text.YCenter, Handler: plot.DefaultTextHandler,
	}
}

// newPlot returns an empty plot in the style of all charts.
func newPlot(x string) *plot.Plot {
	p := plot.New()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Tick.Label.Font = style(ink, 0).Font, style(ink, 0).Font
		a.Label.TextStyle.Color, a.Tick.Label.Color = ink, ink
		a.Label.Padding = vg.Points(6)
		a.LineStyle.Width, a.Tick.LineStyle.Width = 0, 0
		a.Padding = vg.Points(5)
	}
	p.X.Label.Text = x
	return p
}

// lines draws lines on two logarithmic axes. Each has its label at its end, in
// its colour.
func lines(x, y string, all []line, print func(float64) string) ([]byte, error) {
	all = slices.DeleteFunc(all, func(l line) bool { return len(l.points) == 0 })
	if len(all) == 0 {
		return nil, fmt.Errorf("no results to draw")
	}
	p := newPlot(x)
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = decades(countOf), decades(print)
	p.Add(grid())
	for _, l := range all {
		drawn, dots, err := plotter.NewLinePoints(l.points)
		if err != nil {
			return nil, err
		}
		drawn.Color, drawn.Width = l.color, vg.Points(1.6)
		if l.strong {
			drawn.Width = vg.Points(3)
		}
		if l.dashed {
			drawn.Dashes = []vg.Length{5, 4}
		}
		dots.Shape, dots.Color, dots.Radius = draw.CircleGlyph{}, l.color, drawn.Width+0.6
		p.Add(drawn, dots)
	}
	p.Y.Min, p.Y.Max = p.Y.Min/1.5, p.Y.Max*1.5
	return render(p, size{high: height, left: 8, right: vg.Length(longest(all))*6.2 + 16, top: 30}, func(c draw.Canvas) {
		endLabels(p, c, all)
		c.FillText(style(ink, text.XLeft), vg.Point{X: 8, Y: height - 14}, y)
	})
}

func longest(all []line) (n int) {
	for _, l := range all {
		n = max(n, len(l.label))
	}
	return n
}

// endLabels writes the labels of lines at their ends, moved apart where they
// would meet: those of lines that end before the others stand at their ends.
func endLabels(p *plot.Plot, c draw.Canvas, all []line) {
	data := p.DataCanvas(c)
	tx, ty := p.Transforms(&data)
	type label struct {
		line line
		at   vg.Point
	}
	var labels []label
	for _, l := range all {
		last := l.points[len(l.points)-1]
		labels = append(labels, label{l, vg.Point{X: tx(last.X) + 8, Y: ty(last.Y)}})
	}
	slices.SortFunc(labels, func(a, b label) int {
		switch {
		case a.at.X != b.at.X:
			return int(math.Copysign(1, float64(a.at.X-b.at.X)))
		default:
			return int(math.Copysign(1, float64(a.at.Y-b.at.Y)))
		}
	})
	const apart = fontSize + 3
	for i := 1; i < len(labels); i++ {
		if a, b := labels[i-1].at, &labels[i].at; a.X == b.X {
			b.Y = max(b.Y, a.Y+apart)
		}
	}
	for _, l := range labels {
		data.FillText(style(l.line.color, text.XLeft), l.at, l.line.label)
	}
}

// bars draws horizontal bars from 0 on, with their values.
func bars(x string, all []bar, print func(float64) string) ([]byte, error) {
	p := newPlot(x)
	p.X.Tick.Marker = evenly(print)
	return rows(p, all, print, func(data draw.Canvas, b bar, end vg.Point) {
		start, half := data.Min.X, vg.Length(8)
		data.FillPolygon(b.color, []vg.Point{
			{X: start, Y: end.Y - half}, {X: end.X, Y: end.Y - half}, {X: end.X, Y: end.Y + half}, {X: start, Y: end.Y + half},
		})
	})
}

// dots draws a dot for each number on a logarithmic axis, with its value: what is
// 0 stands at the axis's beginning.
func dots(x string, all []bar, print func(float64) string) ([]byte, error) {
	p := newPlot(x)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades(print)
	return rows(p, all, print, func(data draw.Canvas, b bar, end vg.Point) {
		data.StrokeLine2(draw.LineStyle{Color: b.color, Width: vg.Points(1.6)}, data.Min.X, end.Y, end.X, end.Y)
		data.DrawGlyph(draw.GlyphStyle{Color: b.color, Radius: 6, Shape: draw.CircleGlyph{}}, end)
	})
}

// rows draws a mark for each number in a row of its own, its name before it and
// its value behind it.
func rows(p *plot.Plot, all []bar, print func(float64) string, mark func(data draw.Canvas, b bar, end vg.Point)) ([]byte, error) {
	if len(all) == 0 {
		return nil, fmt.Errorf("no results to draw")
	}
	smallest, largest, name := math.Inf(1), 0.0, 0
	for _, b := range all {
		if b.value > 0 {
			smallest, largest = min(smallest, b.value), max(largest, b.value)
		}
		name = max(name, len(b.label))
	}
	p.X.Max = largest
	if _, ok := p.X.Scale.(plot.LogScale); ok {
		p.X.Min = math.Pow(10, math.Floor(math.Log10(smallest))-1)
	}
	p.Y.Min, p.Y.Max = -0.6, float64(len(all))-0.4
	p.HideY()
	vertical := grid()
	vertical.Horizontal.Width = 0
	p.Add(vertical)
	left := vg.Length(name)*6.2 + 20
	return render(p, size{high: vg.Length(len(all))*24 + 50, left: left, right: 72, top: 10}, func(c draw.Canvas) {
		data := p.DataCanvas(c)
		tx, ty := p.Transforms(&data)
		for i, b := range all {
			end := vg.Point{X: data.Min.X, Y: ty(float64(len(all) - 1 - i))}
			if b.value > 0 {
				end.X = tx(b.value)
			}
			mark(data, b, end)
			data.FillText(style(ink, text.XLeft), vg.Point{X: 8, Y: end.Y}, b.label)
			data.FillText(style(ink, text.XLeft), vg.Point{X: end.X + 10, Y: end.Y}, print(b.value))
		}
	})
}

func grid() *plotter.Grid {
	g := plotter.NewGrid()
	g.Horizontal.Color, g.Vertical.Color = rule, rule
	g.Horizontal.Dashes, g.Vertical.Dashes = nil, nil
	return g
}

// decades marks the powers of ten and, where there are few of them, their doubles
// and fives.
func decades(print func(float64) string) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		steps := []float64{1, 2, 5}
		if high/low > 200 {
			steps = steps[:1]
		}
		for d := math.Floor(math.Log10(low)); d <= math.Log10(high); d++ {
			for _, step := range steps {
				if v := step * math.Pow(10, d); v >= low*0.999 && v <= high*1.001 {
					ticks = append(ticks, plot.Tick{Value: v, Label: print(v)})
				}
			}
		}
		return ticks
	})
}

// evenly marks a few round numbers.
func evenly(print func(float64) string) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) []plot.Tick {
		ticks := plot.DefaultTicks{}.Ticks(low, high)
		for i := range ticks {
			if ticks[i].Label != "" {
				ticks[i].Label = print(ticks[i].Value)
			}
		}
		return ticks
	})
}

// size is how high a chart is, and the room beside the plot in it.
type size struct{ high, left, right, top vg.Length }

// render draws a plot, and more on top of it.
func render(p *plot.Plot, s size, more func(draw.Canvas)) ([]byte, error) {
	svg := vgsvg.New(width, s.high)
	whole := draw.New(svg)
	whole.FillPolygon(color.White, []vg.Point{{}, {X: width}, {X: width, Y: s.high}, {Y: s.high}})
	c := draw.Crop(whole, s.left, -s.right, 8, -s.top)
	p.BackgroundColor = nil
	p.Draw(c)
	more(c)
	var out bytes.Buffer
	if _, err := svg.WriteTo(&out); err != nil {
		return nil, err
	}
	return withFonts(out.Bytes()), nil
}

// withFonts names fonts of the same widths, for where Liberation is not installed.
func withFonts(svg []byte) []byte {
	for _, name := range []string{"Liberation Sans", "Liberation"} {
		svg = bytes.ReplaceAll(svg, []byte("font-family:"+name+";"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	}
	return svg
}

package view

import "embed"

// A Sample is a text to begin with.
type Sample struct {
	Title          string `json:"title"`
	Text           string `json:"text"`
	ExclusivePorts bool   `json:"exclusive_ports"` // what it shows needs V6
}

//go:embed samples
var samples embed.FS

// Samples returns the texts to choose from; the page begins with the first.
func Samples() []Sample {
	all := []Sample{
		{Title: "A little of everything", Text: "everything.yaml"},
		{Title: "What covers what", Text: "covers.yaml"},
		{Title: "Present, or listening?", Text: "conflict.yaml"},
		{Title: "IPv4 and IPv6", Text: "families.yaml"},
		{Title: "Two services, one port", Text: "exclusive.yaml", ExclusivePorts: true},
		{Title: "A host of containers", Text: "containers.yaml"},
		{Title: "Mistakes in the text", Text: "mistakes.yaml"},
	}
	for i := range all {
		text, err := samples.ReadFile("samples/" + all[i].Text)
		if err != nil {
			panic(err) // it is compiled in
		}
		all[i].Text = string(text)
	}
	return all
}

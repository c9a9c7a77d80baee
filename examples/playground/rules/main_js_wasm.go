// Rules is what the page runs in the browser: bindset compiled to WebAssembly. It
// calls the function rulesAreReady of the page with a function that checks a text
// and the samples, and then waits to be called.
package main

import (
	"encoding/json"
	"syscall/js"

	"github.com/bindset/bindset/examples/playground/view"
)

func main() {
	check := js.FuncOf(func(_ js.Value, args []js.Value) any {
		return asJSON(view.Check(args[0].String(), args[1].Bool()))
	})
	js.Global().Call("rulesAreReady", check, asJSON(view.Samples()))
	select {}
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // what is shown holds nothing but texts and numbers
	}
	return string(text)
}

// Package wire reads the JSON objects of bindset's wire format, field by field,
// and says of each field that is wrong where it is and why.
//
// The grammar is that of encoding/json: every text that comes from outside goes
// through [Open], which lets json.Valid judge it. What this package adds is what
// json.Unmarshal cannot do: the full path of a wrong field, UTF-8 that is refused
// where it is broken instead of replaced, and names that must be exact and stand
// once. All work is linear in the text.
package wire

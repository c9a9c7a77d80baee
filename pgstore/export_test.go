package pgstore

import "reflect"

// Statements is how many statements the transactions of a store have. Those of
// versions are sent outside of them.
var Statements = reflect.TypeFor[statements]().NumField() - 4 + int(tables) - 1

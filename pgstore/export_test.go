package pgstore

import "reflect"

// Statements is how many statements the transactions of a store have.
var Statements = reflect.TypeFor[statements]().NumField() - 4 // those of versions are sent outside of them

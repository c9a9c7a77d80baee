package pgstore

import "reflect"

// Statements is how many statements the transactions of a store have.
var Statements = reflect.TypeFor[statements]().NumField() - 1 // the version is read outside of them

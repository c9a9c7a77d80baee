// Package sorted has ordered sets that never change, and of which a copy with one
// key more or less is cheap.
package sorted

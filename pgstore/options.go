package pgstore

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// An Option changes how a store works.
type Option func(*config)

type config struct {
	schema    string
	attempts  int
	cacheSize int
}

// DefaultSchema is the schema of the store's tables where WithSchema names no
// other.
const DefaultSchema = "bindset"

const (
	defaultAttempts  = 20
	defaultCacheSize = 1 << 18
)

// WithSchema sets the schema that the store's tables are in. Stores in different
// schemas share nothing. Any name of 1 to 63 bytes will do that PostgreSQL does
// not keep for itself ("pg_..."); upper and lower case differ.
func WithSchema(name string) Option { return func(c *config) { c.schema = name } }

// WithAttempts sets how often Update and View run a transaction at most that
// others get in the way of. The default is 20; below 1 means 1.
func WithAttempts(n int) Option { return func(c *config) { c.attempts = n } }

// WithInventoryCache sets how many interfaces, IP addresses and ports the
// inventories may have together that the store keeps in memory, each inventory
// itself counting as one more. The default is 262,144; 0 keeps none.
func WithInventoryCache(size int) Option { return func(c *config) { c.cacheSize = size } }

func configOf(opts []Option) (config, error) {
	c := config{schema: DefaultSchema, attempts: defaultAttempts, cacheSize: defaultCacheSize}
	for _, opt := range opts {
		opt(&c)
	}
	return c, checkSchema(c.schema)
}

// maxIdentifier is how many bytes of a name PostgreSQL reads: it cuts longer ones
// off, so that two names may mean the same schema.
const maxIdentifier = 63

func checkSchema(name string) error {
	wrong := func(problem string) error { return fmt.Errorf("pgstore: the schema name %.100q %s", name, problem) }
	switch {
	case name == "":
		return errors.New("pgstore: the schema name is empty; leave WithSchema out to use " + DefaultSchema)
	case len(name) > maxIdentifier:
		return wrong(fmt.Sprintf("has %d bytes; use %d at most", len(name), maxIdentifier))
	case !utf8.ValidString(name) || strings.ContainsRune(name, 0):
		return wrong("is no text: use UTF-8 without NUL")
	case strings.HasPrefix(name, "pg_"):
		return wrong("is one that PostgreSQL keeps for itself; let it not start with pg_")
	default:
		return nil
	}
}

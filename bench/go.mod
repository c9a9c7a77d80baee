module github.com/bindset/bindset/bench

go 1.25.0

replace github.com/bindset/bindset => ../

require (
	github.com/bindset/bindset v0.0.0-00010101000000-000000000000
	github.com/google/uuid v1.6.0
	github.com/stretchr/testify v1.12.1
	pgregory.net/rapid v1.3.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

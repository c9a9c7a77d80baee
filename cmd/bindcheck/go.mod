module github.com/bindset/bindset/cmd/bindcheck

go 1.25.0

require (
	github.com/bindset/bindset v0.0.0
	github.com/google/uuid v1.6.0
	github.com/stretchr/testify v1.12.1
	go.yaml.in/yaml/v3 v3.0.5
)



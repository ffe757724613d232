# What each target does is written in ./run, which also works without make.
.DEFAULT_GOAL := help
TARGETS := run test check e2e lock sbom screenshots matrix bench chaos wheel

help:
	@echo "make run          the demo: server, site, moderator and the pages to open"
	@echo "make test         unit, API, PostgreSQL and Redis, a real browser; installs what it needs"
	@echo "make check        format, lint, types, architecture, sizes, parts, the wheel twice, mutation of thresholds"
	@echo "make e2e          the browser tests alone"
	@echo "make lock         the lock files again, from pyproject.toml and package.json"
	@echo "make sbom         docs/dependencies.md and the SBOM, from the locks"
	@echo "also: make screenshots (for the README), make matrix, make bench, make chaos, make wheel"

$(TARGETS):
	@./run $@ $(ARGS)

.PHONY: help $(TARGETS)

# Each target is `python -m local <target>`, which works without make as well. Arguments: make test ARGS="-k parser"
PYTHON ?= python3

help:
	@$(PYTHON) -m local --help

run test leads stress mutate lint lock audit bill:
	@$(PYTHON) -m local $@ $(ARGS)

.PHONY: help run test leads stress mutate lint lock audit bill

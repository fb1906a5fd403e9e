# Each target is `python -m local <target>`, which works without make as well. Arguments: make test ARGS="-k parser"
PYTHON ?= python3

.PHONY: run test stress lint lock audit
run:
	@$(PYTHON) -m local run $(ARGS)
test:
	@$(PYTHON) -m local test $(ARGS)
stress:
	@$(PYTHON) -m local stress $(ARGS)
lint:
	@$(PYTHON) -m local lint $(ARGS)
lock:
	@$(PYTHON) -m local lock $(ARGS)
audit:
	@$(PYTHON) -m local audit $(ARGS)

# Models for SPIN: those that bastionc makes of the examples, and those of the
# synchronisation, which `make quick` searches, too.

model: all
	@status=0; tests/inspect/model.sh $(B) $(wildcard examples/*/*.bst) \
	  tests/inspect/deadlock.bst tests/inspect/boot.bst || status=1; \
	  tests/models/run.sh $(B) full || status=1; exit $$status

.PHONY: model

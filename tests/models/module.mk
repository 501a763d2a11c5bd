# The models of the synchronisation; `make quick` runs them, too.

model: ; @tests/models/run.sh $(B) full

.PHONY: model

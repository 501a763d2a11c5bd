# Sees to it that the tools and libraries a target needs are there, before
# any rule runs. NODEPS=1 only checks.

NODEPS ?= 0
GOALS := $(or $(MAKECMDGOALS),all)
DEPS_FREE := clean help uninstall deps
DEPS_TEST := test quick test-programs nightly lint format cov
DEPS_FULL := deps tidy nightly
DEPS_LEVEL := $(if $(filter-out $(DEPS_FREE),$(GOALS)),build) \
  $(if $(filter $(DEPS_TEST),$(GOALS)),test) \
  $(if $(filter $(DEPS_FULL),$(GOALS)),build test extra)
# A dry run (-n) installs nothing.
DRY_RUN := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
ifneq ($(if $(DRY_RUN),,$(strip $(filter-out $(DEPS_DONE),$(DEPS_LEVEL)))),)
DEPS_SAID := $(shell NODEPS=$(NODEPS) CC="$(CC)" \
  .ci/deps $(sort $(DEPS_LEVEL)) 1>&2; echo $$?)
ifneq ($(DEPS_SAID),0)
$(error what is missing must be installed first)
endif
export DEPS_DONE := $(DEPS_LEVEL)
endif

deps: ; @echo "everything is installed"

.PHONY: deps
#: deps       installs what building and testing need (apt, root or sudo)

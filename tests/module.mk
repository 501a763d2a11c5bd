# Building and running the tests; tests/README.md says how they plug in.

-include $(sort $(wildcard tests/*/module.mk tests/*/*/module.mk))

# The compiler has one thread: there is nothing for tsan to see.
ifeq ($(MODE),tsan)
UNIT_TESTS := $(filter-out tests/unit/compiler/%,$(UNIT_TESTS))
endif
TEST_SRCS := $(UNIT_TESTS) $(STRESS_TESTS)
TEST_OBJS := $(call obj,$(TEST_SRCS))
SUPPORT_OBJS := $(call obj,$(TEST_SUPPORT))
TEST_PROGRAMS := $(patsubst %.c,$(B)/%,$(TEST_SRCS))
TEST_SCRIPTS := $(sort $(wildcard tests/*/run.sh))
# The rest of the suite is built by one compiler; the other one, in debug
# mode, builds and runs the programs.
OTHER_CC := $(if $(IS_CLANG),gcc,clang)
RUN_FLAGS := $(if $(filter 0,$(V)),,-v)

$(TEST_OBJS) $(SUPPORT_OBJS): INCLUDES := -Iruntime -Iruntime/include \
  -Icompiler -Itests -I$(B)/grammar
$(TEST_OBJS): | $(COMPILER_GEN)
$(B)/tests/libsupport.a: $(SUPPORT_OBJS) ; $(archive)
$(B)/tests/%: $(B)/obj/tests/%.o $(B)/tests/libsupport.a $(B)/libbastion.a \
  $(B)/libbastionc.a
	@mkdir -p $(@D)
	@echo "  LD   $@"
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(RUNTIME_LIBS) \
	  $(COMPILER_LIBS)

# What the runner and the scripts need to know of this mode.
define TEST_ENV
MODE='$(MODE)'
CC='$(CC)'
MODE_CFLAGS='$(MODE_$(MODE))'
MODE_LDFLAGS='$(SANITIZE_$(MODE))$(if $(filter cov,$(MODE)), --coverage)'
endef
export TEST_ENV

test-programs: all $(TEST_PROGRAMS)
	@printf '%s\n' "$$TEST_ENV" > $(B)/.test-env

list-tests:
	@printf 'unit $(B) %s\n' $(patsubst %.c,%,$(UNIT_TESTS))
	@printf 'stress $(B) %s\n' $(patsubst %.c,%,$(STRESS_TESTS))
	@printf 'script $(B) %s\n' $(TEST_SCRIPTS)

build-other-compiler:
	+$(Q)$(MAKE) CC=$(OTHER_CC) MODE=debug test-programs
build-%:
	+$(Q)$(MAKE) MODE=$* test-programs

TEST_MODES := release asan tsan
test: $(addprefix build-,$(TEST_MODES) other-compiler)
	@mkdir -p build/log
	@{ $(foreach m,$(TEST_MODES),$(MAKE) -s MODE=$(m) list-tests;) \
	  $(MAKE) -s CC=$(OTHER_CC) MODE=debug list-tests; } > build/log/jobs
	@tests/run $(RUN_FLAGS) build/log/jobs

quick: test-programs
	@mkdir -p build/log
	@$(MAKE) -s list-tests > build/log/jobs
	@tests/run $(RUN_FLAGS) build/log/jobs

lint: all
	@printf '%s\n' "$$TEST_ENV" > $(B)/.test-env
	@printf 'script $(B) tests/lint/run.sh\n' > $(B)/.lint-job
	@tests/run $(RUN_FLAGS) $(B)/.lint-job

cov:
	+$(Q)$(MAKE) MODE=cov test-programs
	@find build/cov -name '*.gcda' -delete
	@mkdir -p build/log
	@$(MAKE) -s MODE=cov list-tests > build/log/jobs
	@tests/run $(RUN_FLAGS) build/log/jobs; status=$$?; \
	  tests/coverage.sh build/cov; exit $$status

nightly: test
	+$(Q)$(MAKE) tidy
	@tests/nightly.sh build $(STRESS_TESTS)

bless: all
	@sh tests/golden/bless.sh $(B)

tidy:
	@tests/tidy.sh $(B) $(RUNTIME_SRCS) $(COMPILER_SRCS) $(COMPILER_MAIN)

reach: all
	@CC='$(CC)' MODE_CFLAGS='$(MODE_$(MODE))' MODE_LDFLAGS='$(SANITIZE_$(MODE))' \
	  tests/reach.sh $(B)

ifeq ($(wildcard bench/module.mk),)
bench: ; @echo "there are no benchmarks yet"
endif

-include $(patsubst %.o,%.d,$(TEST_OBJS) $(SUPPORT_OBJS))
.PHONY: test-programs list-tests test quick lint cov nightly bless tidy \
  reach bench
#: test       everything: release, asan, tsan, the other compiler (minutes)
#: quick      the tests of one MODE
#: bless      make the present output of bastionc the expected one
#: model      lets SPIN search the models of the examples and of the runtime
#: lint       layers, symbols, file sizes, formatting
#: cov        line coverage of the tests
#: tidy       clang-tidy over the sources
#: nightly    test, tidy, and long runs of the stress tests
#: reach      the times the project wants to reach, and those of this machine

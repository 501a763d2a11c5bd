# The benchmarks: build/bench/NAME from bench/NAME.bst and bench/NAME.c; those
# without actors from bench/NAME.c and the executor alone.
#
# They are compiled as a user's program is: with the options that `bastionc
# new` writes into a Makefile, and those of MODE.

BENCH_NAMES := \
  ask \
  big \
  broadcast \
  counting \
  fanin \
  fjcreate \
  fjthroughput \
  idle \
  idle_cpu \
  interactive \
  parallel \
  pingpong \
  restart \
  restart_fault \
  skynet \
  supervise \
  suspended \
  threadring \
  timers
BENCH_TASK_NAMES := \
  agg \
  blocking \
  spawn \
  yield
BENCH_ACTOR_PROGRAMS := $(BENCH_NAMES:%=$(B)/bench/%)
BENCH_TASK_PROGRAMS := $(BENCH_TASK_NAMES:%=$(B)/bench/%)
BENCH_PROGRAMS := $(BENCH_ACTOR_PROGRAMS) $(BENCH_TASK_PROGRAMS)
BENCH_CFLAGS = -std=c11 $(WARNINGS) -fstack-clash-protection $(MODE_$(MODE)) \
  -Ibench -I$(B)/bench/obj -Iruntime/include -pthread $(CPPFLAGS) $(CFLAGS)

define bench_compile
	@mkdir -p $(@D)
	@echo "  CC   $@"
	$(Q)$(CC) $(BENCH_CFLAGS) -MMD -MP -c -o $@ $<
endef
$(B)/bench/obj/%.bst.c $(B)/bench/obj/%.bst.h: bench/%.bst $(B)/bastionc
	@mkdir -p $(@D)
	@echo "  BST  $<"
	$(Q)$(B)/bastionc -o $(@D) $<
$(B)/bench/obj/%.bst.o: $(B)/bench/obj/%.bst.c $(B)/.flags ; $(bench_compile)
$(patsubst %,$(B)/bench/obj/%.o,common report tasks $(BENCH_TASK_NAMES)): \
  $(B)/bench/obj/%.o: bench/%.c $(B)/.flags ; $(bench_compile)
$(B)/bench/obj/%.o: bench/%.c $(B)/bench/obj/%.bst.h $(B)/.flags
	$(bench_compile)
$(BENCH_ACTOR_PROGRAMS): $(B)/bench/%: $(B)/bench/obj/%.o \
  $(B)/bench/obj/%.bst.o $(B)/bench/obj/common.o $(B)/bench/obj/report.o \
  $(B)/libbastion.a
	@echo "  LD   $@"
	$(Q)$(CC) $(SANITIZE_$(MODE)) -pthread $(LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)
$(BENCH_TASK_PROGRAMS): $(B)/bench/%: $(B)/bench/obj/%.o \
  $(B)/bench/obj/tasks.o $(B)/bench/obj/report.o $(B)/libbastion-exec.a
	@echo "  LD   $@"
	$(Q)$(CC) $(SANITIZE_$(MODE)) -pthread $(LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)

bench-programs: $(BENCH_PROGRAMS)
bench: bench-run
bench-run: bench-programs ; @bench/run.sh $(B)
bench-peers: bench-programs ; @bench/peers.sh $(B)
bench-switches: bench-programs ; @bench/switches.sh $(B)
bench-fort: all ; @CC='$(CC)' bench/fort.sh $(B)

-include $(wildcard $(B)/bench/obj/*.d)
.PHONY: bench bench-run bench-programs bench-peers bench-switches bench-fort
#: bench      the benchmarks, 3 runs each
#: bench-peers against Go, Erlang, CAF, Tokio and plain C (installs them)
#: bench-switches  what each rule of the executor is worth
#: bench-fort how soon a program is back under its guardian

# build/conformance: the scenarios in this folder, and others, on the runtime.
CONFORMANCE_SRCS := $(addprefix tests/conformance/,clock.c compare.c given.c \
  jobs.c role.c scn.c stimuli.c trace.c tree.c)
CONFORMANCE_MAIN := $(call obj,tests/conformance/main.c)
CONFORMANCE_OBJS := $(call obj,$(CONFORMANCE_SRCS))

$(CONFORMANCE_OBJS) $(CONFORMANCE_MAIN): INCLUDES := -Iruntime -Iruntime/include
# All but main(): the end-to-end tests run compiled programs with it.
$(B)/tests/libconformance.a: $(CONFORMANCE_OBJS) ; $(archive)
$(B)/conformance: $(CONFORMANCE_MAIN) $(B)/tests/libconformance.a \
  $(B)/libbastion.a
	@echo "  LD   $@"
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)
OUTPUTS += $(B)/conformance
all: $(B)/conformance $(B)/tests/libconformance.a
-include $(patsubst %.o,%.d,$(CONFORMANCE_OBJS) \
  $(CONFORMANCE_MAIN))

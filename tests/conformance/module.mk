# build/conformance: the scenarios in this folder, and others, on the runtime.
CONFORMANCE_SRCS := $(addprefix tests/conformance/,clock.c compare.c main.c \
  role.c scn.c stimuli.c trace.c tree.c)
CONFORMANCE_OBJS := $(call obj,$(CONFORMANCE_SRCS))

$(CONFORMANCE_OBJS): INCLUDES := -Iruntime -Iruntime/include
$(B)/conformance: $(CONFORMANCE_OBJS) $(B)/libbastion.a
	@echo "  LD   $@"
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(RUNTIME_LIBS)
OUTPUTS += $(B)/conformance
all: $(B)/conformance
-include $(patsubst %.o,%.d,$(CONFORMANCE_OBJS))

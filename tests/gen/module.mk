# build/tests/gen/gen: random correct programs.
GEN_OBJS := $(call obj,$(addprefix tests/gen/,gen.c choose.c print_bst.c \
  print_c.c))
$(GEN_OBJS): INCLUDES :=
$(B)/tests/gen/gen: $(GEN_OBJS)
	@mkdir -p $(@D)
	@echo "  LD   $@"
	$(Q)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^
ifeq ($(MODE),release)
test-programs: $(B)/tests/gen/gen
endif
-include $(patsubst %.o,%.d,$(GEN_OBJS))
